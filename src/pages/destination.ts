import type { PageRequest } from './page-request.js';
import { type RedirectReply, redirect } from './reply.js';

/** Where a verified user goes: to the page the gate stopped, else where the option says, else to the success page. */
export async function destinationUrl<TUser>({ context, settings, to }: PageRequest<TUser>): Promise<string> {
  const { session, user, req } = context;
  const path = session.returnTo ? session.returnTo.path : session.verification?.wentTo;
  return path ?? (await settings.verifySuccessUrl({ user, req })) ?? to('/success');
}

/**
 * Where a verified user goes on to who is done with the pages: not back to a form of ours, to which the way may have led
 * over a verification.
 */
export async function exitUrl<TUser>(request: PageRequest<TUser>): Promise<string> {
  const { context, settings, to } = request;
  const { user, req, session } = context;
  const forms = [to('/change'), to('/recovery-codes')];
  const { wentTo } = session.verification ?? {};
  if (session.returnTo || wentTo === undefined || !forms.includes(wentTo)) return destinationUrl(request);
  return (await settings.verifySuccessUrl({ user, req })) ?? to('/success');
}

/** Sends a user on who was verified before. */
export async function redirectVerified<TUser>(request: PageRequest<TUser>): Promise<RedirectReply> {
  return redirect(await destinationUrl(request), 'alreadyVerified');
}
