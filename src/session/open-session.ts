import type { Request } from 'express';
import { TwilioVerifyError } from '../common/errors.js';
import { hasBridge, type Session, sessionIdOf } from './session-access.js';
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

/** Binding of a verification to a session and a user, by their digests. */
export function bindingTo(session: OpenSession, owner: string): string {
  return `${owner}.${digestOf(session)}`;
}

/** @throws TwilioVerifyError `ERR_TWILIO_VERIFY_NO_SESSION_ID` if nothing could end a verification of this session */
export function assertCanBind(req: Request, session: OpenSession): void {
  if (session.id !== undefined || hasBridge(req)) return;
  throw new TwilioVerifyError(
    'ERR_TWILIO_VERIFY_NO_SESSION_ID',
    "The session has no ID, as with cookie-session, so a verification can't be bound to it. " +
      'Add app.use(strategy.session()) after passport.session(). With Fastify, add ' +
      "app.addHook('preValidation', strategy.session()) after registering fastifyPassport.secureSession().",
  );
}
