import { exitUrl } from './destination.js';
import type { PageRequest } from './page-request.js';
import { goTo, type Reply, show } from './reply.js';

/** `GET /success`: only for a verified user. */
export async function showSuccess<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const { context, settings, twoFactor, to } = request;
  if (!twoFactor.access.isVerified(context.session.verification)) return goTo('/');
  if (twoFactor.access.needsRecoveryCodes(context)) return goTo('/recovery-codes');
  const next = await exitUrl(request);
  const continueUrl = next === to('/success') ? undefined : next;
  const canChange =
    (await settings.allowChange(context)) && (await twoFactor.registration.newNumberMethods(context)).length > 0;
  const status = twoFactor.recoveryCodes.isOn ? await twoFactor.recoveryCodes.status(context) : undefined;
  return show('success', {
    continueUrl,
    canChange,
    canEndOtherSessions: twoFactor.otherSessions.isOffered(context),
    isRecovered: context.session.verification?.by === 'recovery',
    recoveryCodesLeft: status?.type === 'codes' ? status.left : undefined,
  });
}
