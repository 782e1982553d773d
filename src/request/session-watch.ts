import type { Request } from 'express';
import { TwilioVerifyError } from '../common/errors.js';
import { type Session, sessionIdOf, sessionIfAny } from '../session/session-access.js';
import { ownerOf } from '../session/session-record.js';

/** Effects of `session()` on a request, and the user that it found there. */
export interface Watch {
  /** Name of the strategy. */
  readonly name: string;
  /** The user of the request, if there was one. */
  user: WatchedUser | undefined;
  /** The record that it removed, because the request had no user, or another one than the record's. */
  removed: RemovedRecord | undefined;
  /** Whether the app called `req.logIn` since. */
  hasLoggedIn: boolean;
  /** Session ID before the app's handlers ran. */
  readonly sessionId: string | undefined;
  /** Whether the sign-in or sign-out that is running keeps the app's data. */
  keepsInfo: boolean;
}

/** The user that `session()` found. */
export interface WatchedUser<TUser = unknown> {
  readonly user: TUser;
  /** The option that read the ID: another strategy of the same name can have another one. */
  readonly setting: unknown;
  /** The user's ID; `undefined` if `session()` had nothing to compare it with. */
  userId: string | undefined;
}

interface RemovedRecord {
  readonly hadUser: boolean;
  readonly owners: readonly string[];
}

/**
 * Property of a request with its watches. Express changes the prototype of each request. That gives each a hidden class
 * of its own in V8 and makes its properties slow, so there is only one. A `WeakMap` keeps each request until a full
 * garbage collection.
 */
const WATCHES = Symbol('passport-twilio-verify: watches');

interface WatchedRequest {
  [WATCHES]?: Watch[];
}

let hasWarned = false;

/** Starts to watch a request, or returns the watch of an earlier `session()` in the same request. */
export function watchOf(req: Request, session: Session, name: string): Watch {
  const watches = (req as WatchedRequest)[WATCHES];
  const known = watches?.find((watch) => watch.name === name);
  if (known) return known;
  const sessionId = sessionIdOf(session, req);
  const watch: Watch = { name, sessionId, removed: undefined, user: undefined, hasLoggedIn: false, keepsInfo: false };
  if (watches) watches.push(watch);
  else (req as WatchedRequest)[WATCHES] = [watch];
  return watch;
}

/** The watch of a request; `undefined` without `session()`. */
export function watchIfAny(req: Request, name: string): Watch | undefined {
  return (req as WatchedRequest)[WATCHES]?.find((watch) => watch.name === name);
}

/**
 * Checks what a protected route or a page found against what `session()` saw before.
 *
 * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_SESSION_ORDER` if `session()` ran before the middleware that sets the user
 */
export function assertSessionOrder(req: Request, userId: string, watch: Watch | undefined): void {
  if (!watch) {
    if (sessionIfAny(req)) warnAboutMissing();
    return;
  }
  const { removed, hasLoggedIn, sessionId } = watch;
  if (!removed || hasLoggedIn) return;
  const session = sessionIfAny(req);
  if (!session || sessionIdOf(session, req) !== sessionId) return;
  if (removed.hadUser && !removed.owners.includes(ownerOf(userId))) return;
  throw new TwilioVerifyError(
    'ERR_TWILIO_VERIFY_SESSION_ORDER',
    'twoFactor.session() ran before the middleware that sets req.user, or what option "userId" reads, so it removed ' +
      'the verification of a signed-in user. Move app.use(twoFactor.session()) after app.use(passport.session()), or ' +
      'after your own middleware that sets req.user.',
  );
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
