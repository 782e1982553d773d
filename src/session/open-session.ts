import type { Request } from 'express';
import { type Session, sessionIdOf } from './session-access.js';
import { digest } from './session-record.js';

/** A session object with its ID and digest, which stay the same for the lifetime of the object. */
export interface OpenSession {
  readonly session: Session;
  readonly id: string | undefined;
  digest: string | undefined;
}

/** Reads the ID of a session. */
export function openSession(req: Request, session: Session): OpenSession {
  return { session, id: sessionIdOf(session, req), digest: undefined };
}

/** Digest of the session ID, to bind a verification to. */
export function digestOf(session: OpenSession): string {
  session.digest ??= digest(`session\0${session.id ?? ''}`, 22);
  return session.digest;
}
