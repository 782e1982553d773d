import type { Address } from '../common/address.js';
import { fingerprint, type Pending, type SentCode, type SessionVerification } from '../session/session-record.js';
import type { Context } from './context.js';
import type { DeliveryOption, DeliveryOptionsFinder } from './delivery-options.js';
import { isRecent } from './max-age.js';

/** Lifetime of Twilio's verification. Sending it again does not extend it. */
export const VERIFICATION_LIFETIME_MS = 10 * 60 * 1000;

/** Lifetime of a new number that waits for its method. */
export const DRAFT_LIFETIME_MS = 10 * 60 * 1000;

/** Settings that decide what is still pending. */
export interface PendingSettings {
  readonly clock: () => number;
  /** Maximum age of a verification in seconds. */
  readonly maxAgeSeconds: number;
}

/** Reads the pending verification of a session. */
export class PendingVerifications<TUser> {
  constructor(
    private readonly settings: PendingSettings,
    private readonly delivery: DeliveryOptionsFinder<TUser>,
  ) {}

  /**
   * The pending verification. Drops one that has lost its reason: a registration by a user who has an address by now, a
   * change by a user who is no longer verified, a new number that waited too long for its method.
   */
  async live(context: Context<TUser>): Promise<Pending | undefined> {
    const { session } = context;
    const { pending } = session;
    if (!pending || pending.purpose === 'signIn') return pending;
    const isAllowed =
      pending.purpose === 'register'
        ? !(await this.delivery.registrationRefusal(context))
        : this.isVerificationLive(session.verification);
    const isDraftExpired = !pending.sent && this.isExpired(pending);
    if (isDraftExpired || !isAllowed) session.dropPending();
    return session.pending;
  }

  /** Whether its code, or the wait for a method, has expired. */
  isExpired(pending: Pending): boolean {
    return this.settings.clock() >= pending.expiresAt;
  }

  private isVerificationLive(verification: SessionVerification | undefined): boolean {
    return isRecent(verification, this.settings.clock(), this.settings.maxAgeSeconds);
  }
}

/** Whether a code was sent to this address. */
export function wasSentTo(sent: SentCode, address: Address): boolean {
  return sent.to === fingerprint(address, sent.sid);
}

/** The current recipient of a code that was sent; `undefined` if the user's addresses have changed since. */
export function recipientOf(options: readonly DeliveryOption[], { to }: Pending, sent: SentCode): Address | undefined {
  const address: Address | undefined =
    to === undefined ? options.find(({ method }) => method === sent.method)?.address : { type: 'phone', value: to };
  return address && wasSentTo(sent, address) ? address : undefined;
}
