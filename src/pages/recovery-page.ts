import type { Refusal } from '../common/outcome.js';
import { redirectVerified } from './destination.js';
import { goToFailed } from './failed-page.js';
import type { PageRequest } from './page-request.js';
import { goTo, type Reply, redirect, redirectRefused, show } from './reply.js';

/** `GET /recovery`: the form for a recovery code. */
export async function showRecovery<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const { context, twoFactor } = request;
  if (!twoFactor.recoveryCodes.isOn) return goTo('/');
  if (!(await twoFactor.access.canUseRecoveryCode(context))) return redirectVerified(request);
  const status = await twoFactor.recoveryCodes.status(context);
  return status.type === 'refused' ? goToFailed(request, status) : show('recovery', { hasCodes: status.left > 0 });
}

/** `POST /recovery`: checks a recovery code. */
export async function checkRecovery<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const { context, twoFactor, field, to } = request;
  const outcome = await twoFactor.checkRecoveryCode(context, field('code') ?? '');
  switch (outcome.type) {
    case 'recovered':
      return goTo('/success', 'approved');
    case 'alreadyVerified':
      return redirectVerified(request);
    case 'usedBefore':
      context.session.detach();
      return redirect(to('/success'), 'alreadyVerified');
    case 'refused':
      return refused(request, outcome);
  }
}

async function refused<TUser>(request: PageRequest<TUser>, refusal: Refusal): Promise<Reply> {
  switch (refusal.code) {
    case 'code_malformed':
    case 'code_wrong':
      return redirectRefused('/recovery', refusal, 'code');
    default:
      return goToFailed(request, refusal);
  }
}
