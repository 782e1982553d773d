import { exitUrl } from './destination.js';
import type { PageRequest } from './page-request.js';
import { goTo, type Reply, show } from './reply.js';

/** `GET /success`: only for a verified user. */
export async function showSuccess<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const { context, settings, twoFactor, to } = request;
  if (!twoFactor.isVerified(context.session.verification)) return goTo('/');
  const next = await exitUrl(request);
  const continueUrl = next === to('/success') ? undefined : next;
  const canChange =
    (await settings.allowChange(context)) && (await twoFactor.registration.newNumberMethods(context)).length > 0;
  return show('success', { continueUrl, canChange });
}
