import type { Request } from 'express';
import { endWithResponse } from '../request/fastify-reply.js';
import type { Decision } from './decision.js';
import type { PassportActions } from './passport-actions.js';

/** Carries out a decision with exactly one of Passport's actions. */
export function perform<TUser>(decision: Decision<TUser>, req: Request, actions: PassportActions): void {
  if (decision.action !== 'success') endWithResponse(req);
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
