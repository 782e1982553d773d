import type { Refusal } from '../common/outcome.js';
import { SETTINGS_PATHS } from '../common/page-paths.js';
import { keepForLogin } from '../request/return-path.js';
import { wantsJson } from '../request/wants-json.js';
import { goToFailed } from './failed-page.js';
import type { PageRequest } from './page-request.js';
import { type RedirectReply, type Reply, redirect } from './reply.js';

/**
 * The URL after a verification: the protected page that the user came from, the URL of the option, or the success page.
 */
export async function destinationUrl<TUser>({ context, settings, to }: PageRequest<TUser>): Promise<string> {
  const { session, user, req } = context;
  const path = session.returnTo ? session.returnTo.path : session.verification?.wentTo;
  return path ?? (await settings.verifySuccessUrl({ user, req })) ?? to('/success');
}

/**
 * The URL for a verified user who is done with the pages. It is never one of our forms, even if the user had to verify
 * on the way to that form.
 */
export async function exitUrl<TUser>(request: PageRequest<TUser>): Promise<string> {
  const { context, settings, to } = request;
  const { user, req, session } = context;
  const forms = SETTINGS_PATHS.map(to);
  const { wentTo } = session.verification ?? {};
  if (session.returnTo || wentTo === undefined || !forms.includes(wentTo)) return destinationUrl(request);
  return (await settings.verifySuccessUrl({ user, req })) ?? to('/success');
}

/** Sends a user on who was verified before. */
export async function redirectVerified<TUser>(request: PageRequest<TUser>): Promise<RedirectReply> {
  return redirect(await destinationUrl(request), 'alreadyVerified');
}

/**
 * Sends a user to the login page who signed in too long ago. The login leads back to this page, or to that of the form.
 */
export async function goToLogin<TUser>(request: PageRequest<TUser>, refusal: Refusal): Promise<Reply> {
  const { context, settings } = request;
  const { loginUrl, basePath } = settings;
  if (loginUrl === undefined || wantsJson(context.req)) return goToFailed(request, refusal);
  await context.session.assertLive();
  keepForLogin(context.req, basePath);
  return redirect(loginUrl);
}
