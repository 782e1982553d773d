import type { Request } from 'express';
import type { MaybePromise } from '../common/callback.js';
import { isSecureSession, removeEntry, type Session, sessionIfAny, setBridge } from '../session/session-access.js';
import { ownerOf, ownersOf } from '../session/session-record.js';
import { rememberReply } from './fastify.js';
import { userPropertyOf } from './primary-user.js';
import { type Watch, type WatchedUser, watchOf } from './session-watch.js';
import type { UserIdSettings } from './user-id.js';

type Done = (error?: unknown) => void;

/** Middleware for Express's `app.use(…)` and Fastify's `app.addHook('preValidation', …)`. It never responds or fails. */
export type SessionMiddleware = (req: object, res: object, next: () => void) => void;

/**
 * Ends a verification when its user signs out, even if the app keeps the session ID: a request without a user, or of
 * another user such as a guest, removes the strategy's record.
 *
 * Sessions without an ID can't rely on a new ID at sign-in either, so `logIn` and `logOut` remove the record there. They
 * also get the two functions that Passport 0.7 calls on every session and cookie-session lacks.
 */
export function sessionMiddleware<TUser>({ name, userId }: UserIdSettings<TUser>): SessionMiddleware {
  return (request, res, next) => {
    const req = request as Request;
    rememberReply(req, res);
    const session = sessionIfAny(req);
    if (!session) return next();
    const watch = watchOf(req, session, name);
    const user = ((req as unknown as Record<string, unknown>)[userPropertyOf(req)] || undefined) as TUser | undefined;
    const owners = ownersOf(session[name]);
    const finish = (isTheirs: boolean) => {
      if (!isTheirs) {
        removeEntry(session, name);
        watch.removed = { hadUser: user !== undefined, owners };
      }
      watchSteps(req, session, name, watch, user !== undefined);
      next();
    };
    if (user === undefined) return finish(session[name] === undefined);
    const watched: WatchedUser<TUser> = { user, setting: userId, userId: undefined };
    watch.user = watched;
    if (owners.length === 0) return finish(true);
    const isTheirs = isOwner(userId, req, watched, owners);
    if (typeof isTheirs === 'boolean') finish(isTheirs);
    else isTheirs.then(finish);
  };
}

/** Without an ID, as guests are in many apps, the user can't be the one who was verified. */
function isOwner<TUser>(
  userId: UserIdSettings<TUser>['userId'],
  req: Request,
  watched: WatchedUser<TUser>,
  owners: readonly string[],
): MaybePromise<boolean> {
  const owns = (id: string) => {
    if (owners.some((owner) => owner !== ownerOf(id))) return false;
    watched.userId = id;
    return true;
  };
  try {
    const id = userId({ user: watched.user, req });
    return typeof id === 'string' ? owns(id) : id.then(owns, () => false);
  } catch {
    return false;
  }
}

function watchSteps(req: Request, session: Session, name: string, watch: Watch, hasUser: boolean): void {
  if (watch.sessionId === undefined) {
    if (!isSecureSession(session)) addMissingSteps(session, watch);
    const isWatched = ['logIn', 'logOut'].map((step) => wrapStep(req, step as 'logIn' | 'logOut', name, watch));
    if (isWatched.every(Boolean)) setBridge(req);
  }
  if (!hasUser || session.returnTo !== undefined) wrapLogIn(req, watch);
}

/** Passport 0.7 regenerates the session at sign-in and drops `returnTo`, the page that the user wanted. */
function wrapLogIn(req: Request, watch: Watch): void {
  const target = req as unknown as Record<string, unknown>;
  const original = target.logIn;
  if (typeof original !== 'function') return;
  const wrapped = (...args: unknown[]) => {
    watch.hasLoggedIn ||= isSessionLogin(args);
    const returnTo = sessionIfAny(req)?.returnTo;
    const restore = () => {
      const session = sessionIfAny(req);
      if (session && returnTo !== undefined) session.returnTo ??= returnTo;
    };
    const index = args.findIndex((arg) => typeof arg === 'function');
    if (index < 0) {
      return Promise.resolve(original.apply(req, args)).then((result) => {
        restore();
        return result;
      });
    }
    const callback = args[index] as Done;
    const done: Done = (error) => {
      if (!error) restore();
      callback(error);
    };
    return original.apply(req, args.toSpliced(index, 1, done));
  };
  target.logIn = wrapped;
  target.login = wrapped;
}

function addMissingSteps(session: Session, watch: Watch): void {
  addStep(session, 'regenerate', (done) => {
    // In place: cookie-session doesn't send a new object that is empty, so the old cookie would stay.
    if (!watch.keepsInfo) for (const key of Object.keys(session)) delete session[key];
    done();
  });
  addStep(session, 'save', (done) => done());
}

function addStep(session: Session, step: 'regenerate' | 'save', run: (done: Done) => void): void {
  if (session[step]) return;
  // Not enumerable, so that it doesn't end up in the cookie.
  Object.defineProperty(session, step, { value: run, enumerable: false, configurable: true });
}

/** Wraps `logIn` or `logOut` of a request whose session has no ID. Returns whether there was one to wrap. */
function wrapStep(req: Request, step: 'logIn' | 'logOut', name: string, watch: Watch): boolean {
  const target = req as unknown as Record<string, unknown>;
  const original = target[step];
  // `passport.session()` adds it. Without it, no one would report a sign-in.
  if (typeof original !== 'function') return false;
  const wrapped = (...args: unknown[]) => {
    // A strategy that authenticates each request, such as a token's, doesn't change who is signed in.
    if (!isSessionLogin(args)) return original.apply(req, args);
    if (step === 'logIn') watch.hasLoggedIn = true;
    const session = sessionIfAny(req);
    if (session) removeEntry(session, name);
    watch.keepsInfo = args.some((arg) => (arg as { keepSessionInfo?: unknown } | null)?.keepSessionInfo === true);
    return original.apply(req, args);
  };
  target[step] = wrapped;
  target[step.toLowerCase()] = wrapped;
  return true;
}

/** Whether `logIn` signs the user in to the session, and not just for this request. */
function isSessionLogin(args: readonly unknown[]): boolean {
  return !args.some((arg) => (arg as { session?: unknown } | null)?.session === false);
}
