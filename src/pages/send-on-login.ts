import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { TwilioVerifyError } from '../common/errors.js';
import { pageUrl } from '../common/page-paths.js';
import type { DeliveryOptions } from '../core/factors/delivery-options.js';
import type { Context } from '../core/step/context.js';
import type { TwoFactor } from '../core/two-factor.js';
import { createContext, isPageRequest } from '../request/create-context.js';
import { ifLive } from '../request/ended-session.js';
import { takeFromLogin } from '../request/return-path.js';
import type { RouterMount } from '../request/router-mount.js';
import { foreignHeaderOf } from '../request/same-origin.js';
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
    const context = await createContext(settings, req, true);
    if (!context || (await twoFactor.access.passReason(context))) return next();
    const device = await twoFactor.verifyByDevice(context);
    if (device.type === 'verified') return next();
    if (device.type === 'verifiedElsewhere') {
      context.session.detach();
      return res.redirect(303, pageUrl('/', settings.pagesUrl));
    }
    const available = await twoFactor.options(context);
    if (available.type === 'refused') return next();
    mount.assertRouter(req);
    await takeFromLogin(req, context.session, settings.pagesUrl);
    const method = hidesDevice(req) ? undefined : await methodFor(context, available);
    const outcome = method === undefined ? undefined : await twoFactor.start(context, method);
    // Without a code, the start page shows the reason and the other methods.
    res.redirect(303, pageUrl(outcome?.type === 'sent' ? '/verify' : '/', settings.pagesUrl));
  };

  /** Browsers don't send the device's cookie with a form of another site, such as a response of SAML. */
  const hidesDevice = (req: Request) =>
    twoFactor.devices.days !== undefined && req.method === 'POST' && foreignHeaderOf(req, []) !== undefined;

  /** The only method, or the one that the user prefers. */
  const methodFor = async (context: Context<TUser>, { options }: DeliveryOptions) => {
    const [only, ...others] = options;
    return others.length === 0 ? only?.method : twoFactor.security.preferred(context, options);
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
