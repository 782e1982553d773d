import { CHANGE_MAX_AGE_SECONDS } from '../core/registration.js';
import { exitUrl } from './destination.js';
import type { PageRequest } from './page-request.js';
import { goTo, type Reply, redirectRefused, show } from './reply.js';

/** `GET /success`: only for a verified user. */
export async function showSuccess<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const { context, settings, twoFactor, to } = request;
  if (!twoFactor.isVerified(context.session.verification)) return goTo('/');
  if (twoFactor.needsRecoveryCodes(context)) return goTo('/recovery-codes');
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

/** `POST /other-sessions/end`: ends the user's other sessions, and returns to the success page. */
export async function endOtherSessions<TUser>({ context, twoFactor, to }: PageRequest<TUser>): Promise<Reply> {
  const refusal = await twoFactor.otherSessions.end(context);
  const { session } = context;
  if (refusal) {
    await session.setReturnTo({ path: to('/success'), age: CHANGE_MAX_AGE_SECONDS });
    return redirectRefused('/', refusal);
  }
  await session.addNotice('other_sessions_ended');
  return goTo('/success', 'otherSessionsEnded');
}
