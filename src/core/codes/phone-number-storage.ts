import type { MaybePromise, UserContext } from '../../common/callback.js';
import { type Refusal, refuse } from '../../common/outcome.js';
import type { Limits } from '../../limits/limits.js';
import type { Pending } from '../../session/session-record.js';
import type { RememberedDevices } from '../devices/remembered-devices.js';
import type { DeliveryOptionsFinder } from '../factors/delivery-options.js';
import type { Context } from '../step/context.js';
import type { PendingVerifications } from '../verification/pending-verification.js';
import type { SessionVerifier } from '../verification/session-verifier.js';

/** Argument of `storePhoneNumber`. */
export interface StorePhoneNumberContext<TUser> extends UserContext<TUser> {
  /** The new number, E.164. The user entered the code that was sent to it. */
  readonly phoneNumber: string;
  /** The number that it replaces: E.164, or as your app stores it if it can't be read; `undefined` for a first one. */
  readonly previous: string | undefined;
}

/** Settings for storing phone numbers. */
export interface StorageSettings<TUser> {
  readonly storePhoneNumber: (
    context: StorePhoneNumberContext<TUser>,
  ) => MaybePromise<{ readonly message: string } | undefined>;
}

/** Result of {@link PhoneNumberStorage.store}; `unchanged` for a sign-in. */
export type StorageResult =
  | { readonly type: 'unchanged' }
  | { readonly type: 'stored'; readonly phoneNumber: string; readonly previous: string | undefined };

/** Passes a verified new number to the app. */
export class PhoneNumberStorage<TUser> {
  constructor(
    private readonly settings: StorageSettings<TUser>,
    private readonly limits: Limits,
    private readonly delivery: DeliveryOptionsFinder<TUser>,
    private readonly pendings: PendingVerifications<TUser>,
    private readonly devices: RememberedDevices<TUser>,
    private readonly verifier: SessionVerifier<TUser>,
  ) {}

  /**
   * Stores the number of a registration or change, if the user is still allowed to do that. One request at a time per
   * user: of two registrations, the second finds that the user has a number.
   */
  async store(context: Context<TUser>, pending: Pending): Promise<StorageResult | Refusal> {
    const { to } = pending;
    if (to === undefined) return { type: 'unchanged' };
    const result = await this.limits.storeInTurn(context.userId, () => this.storeNow(context, pending, to));
    return result ?? refuse('busy');
  }

  private async storeNow(
    context: Context<TUser>,
    pending: Pending,
    phoneNumber: string,
  ): Promise<StorageResult | Refusal> {
    const refusal = await this.pendings.refusalOf(context, pending);
    if (refusal) return refusal;
    const isChange = pending.purpose === 'change';
    const previous = isChange ? await this.delivery.storedPhoneNumber(context) : undefined;
    // The request waited for Twilio and the app. A change takes over the next stamp, so it must not start from an old one.
    if (isChange && !(await this.verifier.hasSameStamp(context))) return refuse('verification_required');
    await context.session.assertLive();
    const { user, req } = context;
    const answer = await this.settings.storePhoneNumber({ user, req, phoneNumber, previous });
    if (answer) return refuse('number_rejected', { message: answer.message });
    await this.devices.forgetIfAvailable(context);
    return { type: 'stored', phoneNumber, previous };
  }
}
