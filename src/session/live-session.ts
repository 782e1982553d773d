import type { Request } from 'express';
import { type Session, sessionIdOf, sessionOf } from './session-access.js';
import { recordIn, type SessionRecord } from './session-record.js';
import { isFromStore, readSession, sessionStoreOf } from './session-store.js';

/** Thrown if the session ended, by sign-out or by an administrator, while the request was running. */
export class SessionEndedError extends Error {
  constructor() {
    super('The session ended while the request was running.');
    this.name = 'SessionEndedError';
  }
}

/** Contents of a session before this request changed it. */
interface Origin {
  /** The data that Passport stored at sign-in, as JSON; `undefined` if Passport didn't sign the user in. */
  readonly login: string | undefined;
  readonly record: SessionRecord | undefined;
}

const origins = new WeakMap<Session, Map<string, Origin>>();

/** The origin of a session. The first look reads it, because each of our writes looks first. */
function originOf(session: Session, name: string): Origin {
  const known = origins.get(session) ?? new Map<string, Origin>();
  origins.set(session, known);
  const origin = known.get(name) ?? { login: loginIn(session), record: recordIn(session, name) };
  known.set(name, origin);
  return origin;
}

/**
 * Checks whether the session of a request still exists. The write at the end of a request must not bring back a
 * session that has ended since express-session loaded it, or a sign-in or verification that was removed from it.
 *
 * Between the last look and the write of the session store, a session can still end unnoticed.
 */
export class LiveSession {
  private isFresh = false;

  constructor(
    private readonly req: Request,
    private readonly name: string,
  ) {}

  /**
   * Rejects if the session has ended. Sessions in a cookie, and those that this request created, can't end.
   *
   * @throws SessionEndedError
   * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_SESSION_STORE` (status 503) if the store fails
   */
  async assertLive(): Promise<void> {
    // Nothing else has run since the last look.
    if (this.isFresh) return;
    const { req, name } = this;
    const session = sessionOf(req);
    const id = sessionIdOf(session, req);
    const store = sessionStoreOf(req);
    if (id === undefined || !store || !isFromStore(req, id)) return;
    const origin = originOf(session, name);
    const stored = await readSession(store, id);
    if (!stored || !isSameSignIn(stored as Session, origin, name)) throw new SessionEndedError();
    this.isFresh = true;
    setImmediate(() => {
      this.isFresh = false;
    });
  }
}

function isSameSignIn(stored: Session, origin: Origin, name: string): boolean {
  if (loginIn(stored) !== origin.login) return false;
  const before = origin.record;
  if (!before) return true;
  const now = recordIn(stored, name);
  // With another sign-in than Passport's, only our own record shows that the user signed out.
  if (!now) return origin.login !== undefined && !before.verified && !before.skipped;
  if (before.verified && !isSameVerification(before.verified, now.verified)) return false;
  if (before.skipped !== undefined && before.skipped !== now.skipped) return false;
  return !before.pending || !now.pending || before.pending.user === now.pending.user;
}

type Verification = NonNullable<SessionRecord['verified']>;

function isSameVerification(before: Verification, now: Verification | undefined): boolean {
  return before.binding === now?.binding && before.at === now.at;
}

/** With Fastify, `session.passport` is the user's ID itself. */
function loginIn({ passport }: Session): string | undefined {
  const login =
    typeof passport === 'object' && passport !== null && 'user' in passport ? passport.user : (passport ?? undefined);
  return login === undefined || isEmptyObject(login) ? undefined : JSON.stringify(login);
}

/** Passport 0.7 creates `session.passport` before anyone has signed in. */
function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
