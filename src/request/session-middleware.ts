import type { Request } from 'express';
import { TwilioVerifyError } from '../common/errors.js';
import {
  isSecureSession,
  removeEntry,
  type Session,
  sessionIdOf,
  sessionIfAny,
  setBridge,
} from '../session/session-access.js';
import { userPropertyOf } from './primary-user.js';

type Done = (error?: unknown) => void;

/** Middleware for Express's `app.use(…)` and Fastify's `app.addHook('preValidation', …)`. It never responds or fails. */
export type SessionMiddleware = (req: object, res: object, next: () => void) => void;

/** What `session()` did with a request. */
interface Watch {
  /** Whether it removed a record, because the request had no user. */
  hasRemoved: boolean;
  /** Whether the app called `req.logIn` since. */
  hasLoggedIn: boolean;
  /** Session ID before the app's handlers ran. */
  readonly sessionId: string | undefined;
  /** Whether the sign-in or sign-out that is running keeps the app's data. */
  keepsInfo: boolean;
}

const watches = new WeakMap<object, Map<string, Watch>>();
let hasWarned = false;

/**
 * Ends a verification when its user signs out, whatever the app does with the session ID: a request without a user
 * removes the strategy's record.
 *
 * Sessions without an ID can't rely on a new ID at sign-in either, so `logIn` and `logOut` remove the record there. They
 * also get the two functions that Passport 0.7 calls on every session and cookie-session lacks.
 */
export function sessionMiddleware(name: string): SessionMiddleware {
  return (request, _res, next) => {
    const req = request as Request;
    const session = sessionIfAny(req);
    if (session) watchSession(req, session, name);
    next();
  };
}

/**
 * Checks what a protected route or a page found against what `session()` saw before.
 *
 * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_SESSION_ORDER` if `session()` ran before the middleware that sets the user
 */
export function assertSessionOrder(req: Request, name: string): void {
  const watch = watches.get(req)?.get(name);
  const session = sessionIfAny(req);
  if (!session) return;
  if (!watch) {
    warnAboutMissing();
    return;
  }
  if (!watch.hasRemoved || watch.hasLoggedIn || sessionIdOf(session, req) !== watch.sessionId) return;
  throw new TwilioVerifyError(
    'ERR_TWILIO_VERIFY_SESSION_ORDER',
    'twoFactor.session() ran before the middleware that sets req.user, so it removed the verification of a signed-in ' +
      'user. Move app.use(twoFactor.session()) after app.use(passport.session()), or after your own middleware that ' +
      'sets req.user.',
  );
}

function watchSession(req: Request, session: Session, name: string): void {
  const sessionId = sessionIdOf(session, req);
  const hasUser = Boolean((req as unknown as Record<string, unknown>)[userPropertyOf(req)]);
  const watch: Watch = { hasRemoved: false, hasLoggedIn: false, sessionId, keepsInfo: false };
  const ofRequest = watches.get(req) ?? new Map<string, Watch>();
  watches.set(req, ofRequest.set(name, watch));
  if (!hasUser && session[name] !== undefined) {
    removeEntry(session, name);
    watch.hasRemoved = true;
  }
  if (sessionId === undefined) {
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

function warnAboutMissing(): void {
  if (hasWarned) return;
  hasWarned = true;
  process.emitWarning(
    'twoFactor.session() is not mounted, so a verification can outlive a sign-out that keeps the session ID. Add ' +
      "app.use(twoFactor.session()) after app.use(passport.session()). With Fastify, add app.addHook('preValidation', " +
      'twoFactor.session()).',
    { code: 'TWILIO_VERIFY_SESSION_NOT_MOUNTED' },
  );
}
