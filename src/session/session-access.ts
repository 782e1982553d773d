import type { Request } from 'express';
import { TwilioVerifyError } from '../common/errors.js';
import { trace } from '../common/trace.js';

type Done = (error?: unknown) => void;

/** The parts of an express-session, or of a compatible session, that we use. */
export interface Session extends Record<string, unknown> {
  readonly id?: string;
  readonly cookie?: Record<string, unknown>;
  regenerate?(done: Done): void;
  save?(done: Done): void;
}

/** A session of `@fastify/secure-session`: a proxy that supports reading and setting properties only. */
interface SecureSession {
  data(): object;
  set(key: string, value: unknown): void;
}

const bridged = new WeakSet<object>();

/** Records that `strategy.session()` handles `logIn` and `logOut` of this request. */
export function setBridge(req: Request): void {
  bridged.add(req);
}

/** Whether {@link setBridge} was called. */
export function hasBridge(req: Request): boolean {
  return bridged.has(req);
}

/** The session, if there is one. */
export function sessionIfAny(req: Request): Session | undefined {
  const session = (req as { session?: unknown }).session;
  return typeof session === 'object' && session !== null ? (session as Session) : undefined;
}

/** The session. @throws TwilioVerifyError `ERR_TWILIO_VERIFY_NO_SESSION` */
export function sessionOf(req: Request): Session {
  const session = sessionIfAny(req);
  if (session) return session;
  throw new TwilioVerifyError(
    'ERR_TWILIO_VERIFY_NO_SESSION',
    'The request has no session. Add express-session (app.use(session({ … }))) before passport.session() and before ' +
      'the routes with this strategy. With Fastify, register @fastify/session or @fastify/secure-session.',
  );
}

/**
 * The session ID; `undefined` for cookie-session and `@fastify/secure-session`, which keep everything in the cookie. A
 * value that the app itself stored under that name isn't a session ID.
 */
export function sessionIdOf(session: Session, req: Request): string | undefined {
  const { sessionID } = req as { sessionID?: unknown };
  if (isId(sessionID)) return sessionID;
  if (isSecureSession(session)) return undefined;
  const { id, sessionId } = session;
  if (isId(id) && !isStored(session, 'id')) return id;
  return isId(sessionId) && !isStored(session, 'sessionId') ? sessionId : undefined;
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isStored(session: Session, key: string): boolean {
  return Object.prototype.propertyIsEnumerable.call(session, key);
}

/** Whether this is a session of `@fastify/secure-session`: the only one with a function in `data`. */
export function isSecureSession(session: object): session is SecureSession {
  return 'data' in session && typeof session.data === 'function';
}

/** All entries of the session, including the app's own. */
export function entriesOf(session: Session): [string, unknown][] {
  return Object.entries(isSecureSession(session) ? session.data() : session);
}

/** Removes an entry from the session. */
export function removeEntry(session: Session, key: string): void {
  // `@fastify/secure-session` ignores `delete`, but drops `undefined` values when it serializes.
  if (isSecureSession(session)) session.set(key, undefined);
  else delete session[key];
}

/** Sets an entry of the session, and removes one that would be empty. */
export function setEntry(session: Session, key: string, value: object): void {
  if (Object.keys(value).length > 0) session[key] = value;
  else removeEntry(session, key);
}

/** The session ID with its signature, which only `@fastify/session` exposes. */
export function signedIdOf({ encryptedSessionId }: Session): string | undefined {
  return typeof encryptedSessionId === 'string' ? encryptedSessionId : undefined;
}

/**
 * Regenerates the session ID, so that an ID planted by an attacker is useless after the verification. Keeps the app's
 * entries and its cookie settings.
 */
export async function rotateSessionId(req: Request): Promise<void> {
  const before = sessionOf(req);
  const id = sessionIdOf(before, req);
  if (id === undefined) return;
  if (!before.regenerate) throw keptId('has no regenerate() function');
  // Don't spread: Fastify's session keeps its ID under a symbol, which must not get into the new session.
  const { cookie, id: _id, sessionId: _sessionId, ...kept } = Object.fromEntries(entriesOf(before));
  try {
    await settled('regenerate', (done) => before.regenerate?.(done));
    trace('session rotated');
  } finally {
    // Even after a store failure, so that the user stays signed in.
    const after = sessionOf(req);
    Object.assign(after, kept);
    if (cookie && after.cookie) Object.assign(after.cookie, cookie);
  }
  if (sessionIdOf(sessionOf(req), req) === id) throw keptId('keeps its ID in regenerate()');
}

/** Replaces the session by an empty one with a new ID. */
export async function regenerateEmpty(req: Request): Promise<void> {
  const session = sessionOf(req);
  await settled('regenerate', (done) => (session.regenerate ? session.regenerate(done) : done()));
}

/** An ID that was planted before the verification would stay valid after it. */
function keptId(reason: string): TwilioVerifyError {
  return new TwilioVerifyError(
    'ERR_TWILIO_VERIFY_SESSION_STORE',
    `The session has an ID but ${reason}, so no one was verified. Use express-session or a compatible middleware, or ` +
      'add a regenerate(callback) that replaces req.session and its ID.',
  );
}

/** Saves the session now, before the response goes out and before another process reads it. */
export async function saveSession(req: Request): Promise<void> {
  const session = sessionOf(req);
  if (!isSecureSession(session) && session.save) await settled('save', (done) => session.save?.(done));
}

function settled(step: string, run: (done: Done) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    run((cause) => (cause ? reject(storeFailed(step, cause)) : resolve()));
  });
}

/** The error for a session store that failed. */
export function storeFailed(step: string, cause: unknown): TwilioVerifyError {
  const message =
    `The session store failed to ${step} the session, so no one was verified. ` +
    'Check the client in the "store" option of the session middleware.';
  return new TwilioVerifyError('ERR_TWILIO_VERIFY_SESSION_STORE', message, 503, { cause });
}
