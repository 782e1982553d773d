import type { Request } from 'express';
import { TwilioVerifyError } from '../common/errors.js';
import { canEndWithResponse, endWithResponse } from '../request/fastify.js';
import type { Decision } from './decision.js';
import type { PassportActions } from './passport-actions.js';

/** Carries out a decision with exactly one of Passport's actions. */
export function perform<TUser>(decision: Decision<TUser>, req: Request, actions: PassportActions): void {
  const isRefusal = decision.action !== 'success';
  if (isRefusal && !canEndWithResponse(req)) {
    actions.error(notMounted());
    return;
  }
  if (isRefusal) endWithResponse(req);
  switch (decision.action) {
    case 'success':
      decision.guard.run(() => actions.success(decision.user, decision.info));
      break;
    case 'fail':
      actions.fail(decision.challenge, decision.status);
      break;
    case 'redirect':
      actions.redirect(decision.location, decision.status);
      break;
  }
}

/** A refusal must not end in the route's handler. */
function notMounted(): TwilioVerifyError {
  return new TwilioVerifyError(
    'ERR_TWILIO_VERIFY_SESSION_NOT_MOUNTED',
    'twoFactor.session() is not mounted. With Fastify, a refused request could reach the handler of its route, so it was ' +
      "ended with this error. Add app.addHook('preValidation', twoFactor.session()) after passport.secureSession().",
  );
}
