import type { RequestHandler } from 'express';
import { TwilioVerifyError } from '../errors.js';
import { contextOf, primaryUserOf } from '../request-context.js';
import type { RouterMount } from '../router-mount.js';
import type { Settings } from '../settings.js';
import type { TwoFactor } from '../two-factor.js';

/** See `TwilioVerifyStrategy.sendOnLogin`. */
export function sendOnLogin<TUser>(
  settings: Settings<TUser>,
  twoFactor: TwoFactor<TUser>,
  mount: RouterMount,
): RequestHandler {
  return async (req, res, next) => {
    try {
      const user = primaryUserOf<TUser>(req);
      if (user === undefined) return next();
      const context = await contextOf(settings, req, user);
      if (await twoFactor.isPassed(context, context.session.mark)) return next();
      const reach = await twoFactor.options(context);
      const [only, other] = 'type' in reach ? [] : reach.routes;
      if (!only || other) return next();
      mount.assertReachable(req);
      const outcome = await twoFactor.start(context, only.method);
      // Whatever kept the code from being sent, the start page tells, and offers what there is to do.
      res.redirect(303, outcome.type === 'sent' ? `${settings.mountPath}/verify` : settings.mountPath || '/');
    } catch (error) {
      // The person has signed in all the same: a Twilio that is down is for the start page to say.
      const isTwilios = error instanceof TwilioVerifyError && error.status === 503;
      if (isTwilios) res.redirect(303, settings.mountPath || '/');
      else next(error);
    }
  };
}
