import type { Request } from 'express';
import { digest, type SessionVerification } from './session-record.js';

/** Milliseconds in which a session that stored a number takes over the stamp of its next request. */
export const NEW_STAMP_MS = 60_000;

/** Digest of a security stamp. The user's ID keeps equal stamps of two users apart. */
export function stampDigest(userId: string, stamp: string | undefined): string | undefined {
  return stamp === undefined ? undefined : digest(`stamp\0${userId}\0${stamp}`, 16);
}

/** The field for a stamp, if there is one. */
export function stampField(stamp: string | undefined): Pick<SessionVerification, 'stamp'> {
  return stamp === undefined ? {} : { stamp };
}

/** Adds a stamp, if there is one, between the user and the session of a binding. */
export function stampedBinding(binding: string, stamp: string | undefined): string {
  return stamp === undefined ? binding : binding.replace('.', `.${stamp}.`);
}

/** Requests that stored a number. */
const storing = new WeakSet<Request>();

/** Leaves a new stamp to the next request: this one can still have the user from before. */
export function leaveNewStamp(
  req: Request,
  verification: Pick<SessionVerification, 'newStampUntil'> | undefined,
): void {
  if (verification?.newStampUntil !== undefined) storing.add(req);
}

/**
 * The verification with the stamp of this request, if its session has just stored a number: the stamp changed with the
 * number. Works for one request after that, because the result has no `newStampUntil`.
 *
 * @param now - Epoch milliseconds.
 */
export function withNewStamp(
  { newStampUntil, stamp: _before, ...kept }: SessionVerification,
  stamp: string | undefined,
  now: number,
  req: Request,
): SessionVerification | undefined {
  if (newStampUntil === undefined) return undefined;
  // A clock that was set back must not open the time again.
  const isInTime = now < newStampUntil && now >= newStampUntil - NEW_STAMP_MS;
  if (!isInTime) return undefined;
  return { ...kept, ...stampField(stamp), ...(storing.has(req) ? { newStampUntil } : {}) };
}
