import type { Address } from '../../common/address.js';
import type { Setting, UserContext } from '../../common/callback.js';
import { type Refusal, type RefusalCode, refuse } from '../../common/outcome.js';
import { fingerprint, type Pending, type SentCode, type SessionVerification } from '../../session/session-record.js';
import type { DeliveryOption, DeliveryOptionsFinder } from '../factors/delivery-options.js';
import type { Context } from '../step/context.js';
import { isRecent } from '../step/max-age.js';

/** Lifetime of Twilio's verification. Sending it again does not extend it. */
export const VERIFICATION_LIFETIME_MS = 10 * 60 * 1000;

/** Lifetime of a new number that waits for its method. */
export const DRAFT_LIFETIME_MS = 10 * 60 * 1000;

/** Time to finish a change, from the moment when the new number was typed. */
export const CHANGE_LIFETIME_MS = 15 * 60 * 1000;

/** Refusals of a code that leave the new number usable. */
const USED_UP: readonly RefusalCode[] = ['too_many_checks', 'code_expired', 'locked'];

/** Settings that decide what is still pending. */
export interface PendingSettings<TUser> {
  readonly clock: () => number;
  /** Maximum age of a verification in seconds. */
  readonly maxAgeSeconds: number;
  readonly allowChange: Setting<UserContext<TUser>, boolean>;
}

/** Reads the pending verification of a session. */
export class PendingVerifications<TUser> {
  constructor(
    private readonly settings: PendingSettings<TUser>,
    private readonly delivery: DeliveryOptionsFinder<TUser>,
  ) {}

  /**
   * The pending verification. Drops one that isn't allowed any longer, and a new number that waited too long for its
   * method.
   */
  async live(context: Context<TUser>): Promise<Pending | undefined> {
    const { session } = context;
    const { pending } = session;
    if (!pending || pending.purpose === 'signIn') return pending;
    const isDraftExpired = !pending.sent && this.isExpired(pending);
    if (isDraftExpired || (await this.refusalOf(context, pending))) await session.dropPending();
    return session.pending;
  }

  /** Like `live`, for another code. Drops a change whose deadline has passed too: no code can finish it. */
  async sendable(context: Context<TUser>): Promise<Pending | undefined> {
    const pending = await this.live(context);
    const isOver = pending?.deadline !== undefined && this.settings.clock() >= pending.deadline;
    if (isOver) await context.session.dropPending();
    return isOver ? undefined : pending;
  }

  /**
   * Why the user can't continue with a pending number; `undefined` if nothing changed since: a user who registers has
   * no address, and one who changes the number is verified and allowed to.
   */
  async refusalOf(context: Context<TUser>, { purpose }: Pending): Promise<Refusal | undefined> {
    switch (purpose) {
      case 'signIn':
        return undefined;
      case 'register':
        return this.delivery.registrationRefusal(context);
      case 'change':
        if (!(await this.settings.allowChange(context))) return refuse('change_not_allowed');
        return this.isVerificationLive(context.session.verification) ? undefined : refuse('verification_required');
    }
  }

  /** Ends a verification that was refused. A new number stays, for another code to it without typing it again. */
  async end({ session }: Context<TUser>, refusal: Refusal): Promise<Refusal> {
    const { pending } = session;
    if (pending?.to === undefined || !USED_UP.includes(refusal.code)) {
      await session.dropPending();
      return refusal;
    }
    const { purpose, to, deadline } = pending;
    const expiresAt = Math.min(this.settings.clock() + DRAFT_LIFETIME_MS, deadline ?? Number.POSITIVE_INFINITY);
    await session.setPending({ purpose, to, expiresAt, ...(deadline === undefined ? {} : { deadline }) });
    return refusal;
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
  return sent.to === fingerprint(address, sent.sid ?? sent.joined ?? '');
}

/** The current recipient of a code that was sent; `undefined` if the user's addresses have changed since. */
export function recipientOf(options: readonly DeliveryOption[], { to }: Pending, sent: SentCode): Address | undefined {
  const address: Address | undefined =
    to === undefined ? options.find(({ method }) => method === sent.method)?.address : { type: 'phone', value: to };
  return address && wasSentTo(sent, address) ? address : undefined;
}
