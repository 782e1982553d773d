import { isRealFactor } from '../../common/methods.js';
import type { SessionVerification } from '../../session/session-record.js';

/** A shorter one would expire on the way back from the code page. */
const MIN_SECONDS = 30;

/** The range of `maxAgeSeconds`, in words. */
export const MAX_AGE_EXPECTED = `seconds, from ${MIN_SECONDS} to Infinity`;

/** Whether a value can be a `maxAgeSeconds`. */
export function isMaxAge(value: unknown): value is number {
  return typeof value === 'number' && value >= MIN_SECONDS;
}

/** Checks the `maxAgeSeconds` of a call. @throws TypeError that names the call */
export function maxAgeIn(call: string, maxAgeSeconds: number | undefined): number | undefined {
  if (maxAgeSeconds === undefined || isMaxAge(maxAgeSeconds)) return maxAgeSeconds;
  throw new TypeError(`${call}: maxAgeSeconds must be ${MAX_AGE_EXPECTED}`);
}

/** Maximum age, in seconds, of the verification of a user who sees or changes factors. */
export const CHANGE_MAX_AGE_SECONDS = 300;

/** Time in which a user who signed in with a recovery code can replace a lost phone number. */
export const RECOVERY_CHANGE_SECONDS = 900;

/** Whether a verification is more recent than `maxAgeSeconds`. */
export function isRecent(
  verification: SessionVerification | undefined,
  now: number,
  maxAgeSeconds: number,
): verification is SessionVerification {
  return verification !== undefined && now - verification.at < maxAgeSeconds * 1000;
}

/** Whether a real factor was proved recently enough to see or change factors. @param maxAgeSeconds - The option. */
export function isFresh(verification: SessionVerification | undefined, now: number, maxAgeSeconds: number): boolean {
  const longest = Math.min(CHANGE_MAX_AGE_SECONDS, maxAgeSeconds);
  return isRecent(verification, now, longest) && isRealFactor(verification.by);
}
