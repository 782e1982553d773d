import type { PageRequest } from './page-request.js';
import { type RedirectReply, redirect } from './reply.js';

/** Where a verified user goes: to the page the gate stopped, else where the option says, else to the success page. */
export async function destination<TUser>({ context, settings, to }: PageRequest<TUser>): Promise<string> {
  const { session, user, req } = context;
  const path = session.returnTo?.path ?? session.mark?.wentTo;
  return path ?? (await settings.verifySuccessUrl({ user, req })) ?? to('/success');
}

/** Sends a verified user on. */
export async function goOn<TUser>(request: PageRequest<TUser>): Promise<RedirectReply> {
  return redirect(await destination(request));
}
