import type { Address } from '../../common/address.js';
import type { Method } from '../../common/methods.js';
import type { Purpose } from '../../common/outcome.js';

/** A code that was sent, as shown to the user. */
export interface PendingStatus {
  readonly purpose: Purpose;
  readonly method: Method;
  /** Whether another method could send a code. */
  readonly hasOtherMethods: boolean;
  readonly address: Address;
  readonly expiresAt: number;
  readonly resendAt: number;
  /** Wrong codes left. */
  readonly attemptsLeft: number;
  /** Digits that the page names. */
  readonly codeLength: number;
  /** Whether another session of the user sent this code. */
  readonly isJoined: boolean;
}
