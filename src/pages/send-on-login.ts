import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { TwilioVerifyError } from '../common/errors.js';
import { pageUrl } from '../common/page-paths.js';
import type { TwoFactor } from '../core/two-factor.js';
import { createContext, isPageRequest } from '../request/create-context.js';
import { ifLive } from '../request/ended-session.js';
import { primaryUserOf } from '../request/primary-user.js';
import { takeFromLogin } from '../request/return-path.js';
import type { RouterMount } from '../request/router-mount.js';
import { isSpeculativeLoad } from '../request/speculative-load.js';
import type { PageSettings } from './page-settings.js';

type AsyncHandler = (req: Request, res: Response, next: NextFunction) => Promise<void>;

/** See `TwilioVerifyStrategy.sendOnLogin`. */
export function sendOnLogin<TUser>(
  settings: PageSettings<TUser>,
  twoFactor: TwoFactor<TUser>,
  mount: RouterMount,
): RequestHandler {
  const send: AsyncHandler = async (req, res, next) => {
    // An image or a prefetch can reach a route that ends the sign-in by GET, as with OAuth.
    const canSend = (req.method === 'POST' || isPageRequest(req)) && !isSpeculativeLoad(req);
    if (!canSend) return next();
    const user = primaryUserOf<TUser>(req);
    if (user === undefined) return next();
    const context = await createContext(settings, req, user);
    if (await twoFactor.passReason(context)) return next();
    const available = await twoFactor.options(context);
    const [only, other] = available.type === 'refused' ? [] : available.options;
    if (!only || other) return next();
    mount.assertRouter(req);
    await takeFromLogin(req, context.session, settings.pagesUrl);
    const outcome = await twoFactor.start(context, only.method);
    // If no code was sent, the start page says why and offers what the user can do.
    res.redirect(303, pageUrl(outcome.type === 'sent' ? '/verify' : '/', settings.pagesUrl));
  };

  return (req, res, next) => {
    ifLive(
      req,
      () => send(req, res, next),
      () => next(),
    ).catch((error) => {
      // The user has signed in anyway: the start page says that Twilio is down.
      const isUnavailable = error instanceof TwilioVerifyError && error.status === 503;
      if (isUnavailable) res.redirect(303, pageUrl('/', settings.pagesUrl));
      else next(error);
    });
  };
}
