import { shownAddress } from '../common/address.js';
import type { PendingStatus } from '../core/verification/pending-status.js';
import type { PendingVerification, Status } from './results.js';

/** Describes a pending code for the user. */
export function describePending(status: PendingStatus, showLastDigits: boolean): PendingVerification {
  const { purpose, method, address, expiresAt, resendAt, attemptsLeft, isJoined } = status;
  const { to } = shownAddress(address, purpose !== 'signIn', showLastDigits);
  const dates = { expiresAt: new Date(expiresAt), resendAt: new Date(resendAt) };
  return { purpose, method, to, ...dates, attemptsLeft, ...(isJoined ? { isJoined } : {}) };
}

/** The state without a user on the request. */
export const STATUS_WITHOUT_USER: Status = {
  isRequired: true,
  isVerified: false,
  isSkipped: false,
  canRegister: false,
  canSkip: false,
  canChange: false,
  newNumber: undefined,
  pending: undefined,
};
