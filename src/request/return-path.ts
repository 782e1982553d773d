import type { Request } from 'express';
import { isRouterPath, pageUrl, SETTINGS_PATHS } from '../common/page-paths.js';
import { trace } from '../common/trace.js';
import { removeEntry, type Session, sessionIdOf, sessionIfAny } from '../session/session-access.js';
import type { SessionState } from '../session/session-state.js';
import { boundedText } from './bounded-text.js';
import { isOwnUrl } from './same-origin.js';

/** Maximum length of a path: authorization requests of OAuth reach 2,000 characters. */
const MAX_LENGTH = 2_048;

/** A session without an ID is kept in a cookie, which browsers limit to 4,096 bytes. */
const MAX_LENGTH_IN_COOKIE = 200;

/**
 * Returns the path to the requested page as browsers see it, if the session has room for it and it stays on this origin.
 * For a form that is posted, returns the path to the page of the form.
 *
 * @param basePath - Prefix that a reverse proxy removed.
 */
export function returnPathOf(req: Request, basePath: string): string | undefined {
  const session = sessionIfAny(req);
  const path = pathOf(req, basePath);
  if (path !== undefined && session && fits(path, session, req)) return path;
  trace('return path dropped', { length: path?.length });
  return undefined;
}

/**
 * Keeps the requested page for the time after the login, where Passport's `successReturnToOrRedirect` and the pages read
 * it. A page that can't be kept removes an earlier one: the user no longer expects that page.
 */
export function keepForLogin(req: Request, basePath: string): void {
  const session = sessionIfAny(req);
  if (!session) return;
  const path = returnPathOf(req, basePath);
  if (path !== undefined) session.returnTo = path;
  else if (session.returnTo !== undefined) removeEntry(session, 'returnTo');
}

/**
 * Makes the page that the user wanted before the login the one that the verification leads to. The app can write
 * `req.session.returnTo` too, so it is checked like a request's target.
 *
 * @param pagesUrl - Path of our pages as browsers see it. Only the settings among them are worth a return.
 */
export async function takeFromLogin(req: Request, state: SessionState, pagesUrl: string): Promise<void> {
  const session = sessionIfAny(req);
  const path = session?.returnTo;
  if (!session || typeof path !== 'string' || state.returnTo || state.verification) return;
  if (!isOwnPath(path) || !fits(path, session, req)) return;
  await state.assertLive();
  removeEntry(session, 'returnTo');
  const [pathname = ''] = path.split('?', 1);
  const isSettings = SETTINGS_PATHS.some((page) => pageUrl(page, pagesUrl) === pathname);
  if (isSettings || !isRouterPath(pathname, pagesUrl, 'GET')) await state.setReturnTo({ path });
}

function fits(path: string, session: Session, req: Request): boolean {
  return path.length <= (sessionIdOf(session, req) === undefined ? MAX_LENGTH_IN_COOKIE : MAX_LENGTH);
}

/** A request's target can be `//evil.example` or a full URL, and browsers read `/\evil.example` as another host. */
function isOwnPath(path: string): boolean {
  if (!/^\/(?![/\\])[\x21-\x5B\x5D-\x7E]*$/.test(path)) return false;
  const origin = 'http://origin.invalid';
  return URL.canParse(path, origin) && new URL(path, origin).origin === origin;
}

/** The content of a posted form is lost, so the user goes back to the page of the form. */
function pathOf(req: Request, basePath: string): string | undefined {
  if (req.method === 'POST') return refererPathOf(req);
  const target = req.originalUrl ?? req.url;
  // The prefix could turn a path of another origin into one of our own, so check without it too.
  return isOwnPath(target) ? basePath + target : undefined;
}

function refererPathOf(req: Request): string | undefined {
  const referer = boundedText(req.headers.referer, 'referer');
  if (referer === undefined || !URL.canParse(referer) || !isOwnUrl(referer, req)) return undefined;
  const { pathname, search } = new URL(referer);
  const path = pathname + search;
  return isOwnPath(path) ? path : undefined;
}
