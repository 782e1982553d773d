import { randomBytes } from 'node:crypto';
import { fingerprint, type Pending } from '../../session/session-record.js';
import type { SessionState } from '../../session/session-state.js';
import type { DeliveryOption } from '../factors/delivery-options.js';
import { VERIFICATION_LIFETIME_MS } from '../verification/pending-verification.js';

/**
 * The code that the user got for another session, for a session that can't get one yet: without it, the user is stuck
 * with a valid code and no field to type it. Twilio knows it by its recipient.
 *
 * @returns `undefined` if the session has a code, or has canceled it
 */
export function joinedCode(
  { pending, trouble }: SessionState,
  { method, address }: DeliveryOption,
  now: number,
): Omit<Pending, 'user'> | undefined {
  if ((pending?.sent && now < pending.expiresAt) || trouble.manual === 'canceled') return undefined;
  const joined = randomBytes(6).toString('base64url');
  return {
    purpose: 'signIn',
    sent: { joined, method, to: fingerprint(address, joined), wrong: 0 },
    expiresAt: now + VERIFICATION_LIFETIME_MS,
  };
}
