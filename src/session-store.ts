import type { Request } from 'express';
import { TwilioVerifyError } from './errors.js';
import { trace } from './trace.js';

type Done = (error?: unknown) => void;

/** A session of express-session or of one of its relatives, as far as it is used. */
export interface Session extends Record<string, unknown> {
  readonly id?: string;
  readonly cookie?: Record<string, unknown>;
  regenerate?(done: Done): void;
  save?(done: Done): void;
}

/** A session of `@fastify/secure-session`: a proxy, whose contents can be read and set as properties, and no more. */
interface SecureSession {
  data(): object;
  set(key: string, value: unknown): void;
}

const bridged = new WeakSet<object>();

/** Remembers that `strategy.session()` watches log-in and log-out of this request. */
export function setBridge(req: Request): void {
  bridged.add(req);
}

/** Whether {@link setBridge} was called. */
export function bridgeOf(req: Request): boolean {
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
    'There is no session on the request. Add express-session (app.use(session({ … }))) before passport.session() ' +
      'and before the routes with this strategy; with Fastify, register @fastify/session or @fastify/secure-session.',
  );
}

/**
 * The session's id, where its store has one: cookie-session and `@fastify/secure-session` keep everything in the cookie
 * and have none. What the application itself has put into its session under that name is no id.
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

/** Whether this is a session of `@fastify/secure-session`. What a session stores is never a function. */
export function isSecureSession(session: object): session is SecureSession {
  return 'data' in session && typeof session.data === 'function';
}

/** All that the session holds, whoever has put it there. */
export function entriesOf(session: Session): [string, unknown][] {
  return Object.entries(isSecureSession(session) ? session.data() : session);
}

/** Takes something out of the session. */
export function forget(session: Session, key: string): void {
  // Its proxy does not hear of `delete`. What is undefined does not get into the cookie.
  if (isSecureSession(session)) session.set(key, undefined);
  else delete session[key];
}

/**
 * Gives the session another id. All that the application keeps in it stays, with the settings of its cookie; an id
 * that was planted before the second step is worth nothing after it.
 */
export async function rotateSessionId(req: Request): Promise<void> {
  const before = sessionOf(req);
  if (!before.regenerate || sessionIdOf(before, req) === undefined) return;
  // Not by spreading: Fastify's session holds its id under a symbol, which must not get into the new one.
  const { cookie, id, sessionId, ...kept } = Object.fromEntries(entriesOf(before));
  try {
    await settled('regenerate', (done) => before.regenerate?.(done));
    trace('session rotated');
  } finally {
    // Also where the store has failed: the user stays logged in.
    const after = sessionOf(req);
    Object.assign(after, kept);
    if (cookie && after.cookie) Object.assign(after.cookie, cookie);
  }
}

/** Writes the session to its store now: before another process is asked, or the browser told. */
export async function saveSession(req: Request): Promise<void> {
  const session = sessionOf(req);
  if (!isSecureSession(session) && session.save) await settled('save', (done) => session.save?.(done));
}

function settled(step: string, run: (done: Done) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    run((cause) => {
      if (!cause) return resolve();
      const message = `The session's store failed to ${step} the session, so nothing is let through. Look at what its option "store" connects to.`;
      reject(new TwilioVerifyError('ERR_TWILIO_VERIFY_SESSION_STORE', message, 503, { cause }));
    });
  });
}
