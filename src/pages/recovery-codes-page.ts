import type { Purpose, Refusal } from '../common/outcome.js';
import type { CodesStatus } from '../core/factors/stored-factors.js';
import { CHANGE_MAX_AGE_SECONDS } from '../core/step/max-age.js';
import { exitUrl } from './destination.js';
import { goToFailed } from './failed-page.js';
import type { RecoveryCodesModel } from './models.js';
import type { PageRequest } from './page-request.js';
import { goTo, type Reply, redirect, redirectRefused, show } from './reply.js';

/** Whether a user who was just verified goes to the page for recovery codes next. */
export async function offersCodes<TUser>(request: PageRequest<TUser>, purpose: Purpose): Promise<boolean> {
  const { context, twoFactor } = request;
  if (twoFactor.access.needsRecoveryCodes(context)) return true;
  if (purpose !== 'register' || !twoFactor.recoveryCodes.isOn) return false;
  const status = await twoFactor.recoveryCodes.status(context);
  return status.type === 'codes' && status.left === 0;
}

/** `GET /recovery-codes`: how many are left, and a button for new ones. */
export async function showRecoveryCodes<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const { context, twoFactor } = request;
  const { recoveryCodes } = twoFactor;
  if (!recoveryCodes.isOn) return goTo('/');
  const status = await recoveryCodes.status(context);
  if (status.type === 'refused') return goToFailed(request, status);
  if (twoFactor.access.needsRecoveryCodes(context) && status.left > 0) {
    // The user confirmed codes in another session.
    await context.session.codesConfirmed();
    return redirect(await exitUrl(request));
  }
  const refusal = recoveryCodes.refusal(context);
  if (refusal) return codesRefused(request, refusal);
  // The user is back from verifying for this page, so it is no longer the way on.
  if (context.session.returnTo?.path === request.to('/recovery-codes')) await context.session.setReturnTo(undefined);
  return show('recovery-codes', await modelOf(request, status));
}

/** `POST /recovery-codes`: creates codes, and shows them once. */
export async function createCodes<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const { context, twoFactor } = request;
  const created = await twoFactor.recoveryCodes.create(context);
  if (created.type === 'refused') return codesRefused(request, created);
  const status = await twoFactor.recoveryCodes.status(context);
  if (status.type === 'refused') return codesRefused(request, status);
  const { codes } = created;
  const download = `data:text/plain;charset=utf-8,${encodeURIComponent(`${codes.join('\r\n')}\r\n`)}`;
  return show('recovery-codes', { ...(await modelOf(request, status)), codes, download }, { result: 'created' });
}

/** `POST /recovery-codes/confirm`: activates the codes that were shown last. */
export async function confirmCodes<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const { context, twoFactor, field } = request;
  const outcome = await twoFactor.recoveryCodes.confirm(context, field('code') ?? '');
  if (outcome.type === 'refused') return codesRefused(request, outcome);
  await context.session.addNotice('recovery_codes_created');
  return goTo('/success', 'confirmed');
}

async function codesRefused<TUser>(request: PageRequest<TUser>, refusal: Refusal): Promise<Reply> {
  const { context, to } = request;
  switch (refusal.code) {
    case 'code_malformed':
    case 'code_wrong':
      return redirectRefused('/recovery-codes', refusal, 'code');
    case 'nothing_pending':
      return redirectRefused('/recovery-codes', refusal);
    case 'verification_required':
      await context.session.setReturnTo({ path: to('/recovery-codes'), age: CHANGE_MAX_AGE_SECONDS });
      return redirectRefused('/', refusal);
    default:
      return goToFailed(request, refusal);
  }
}

async function modelOf<TUser>(
  request: PageRequest<TUser>,
  { left, isShown: canConfirm }: CodesStatus,
): Promise<RecoveryCodesModel> {
  const isRequired = request.twoFactor.access.needsRecoveryCodes(request.context);
  return { codes: [], download: '', left, canConfirm, isRequired, continueUrl: await exitUrl(request) };
}
