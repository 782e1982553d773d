import { maskStored } from '../../common/address.js';
import type { Limits } from '../../limits/limits.js';
import { describeDevice, type RememberedDevice } from '../devices/device-description.js';
import type { RememberedDevices } from '../devices/remembered-devices.js';
import type { AdminAction, EventReporter } from '../events/event-reporter.js';
import type { DeliveryOptionsFinder } from '../factors/delivery-options.js';
import { codesIn, type StoredFactors } from '../factors/stored-factors.js';
import type { Subject } from '../step/context.js';

/** A user's factors, as an administrator sees them. */
export interface AccountOverview {
  /** Masked; `undefined` if the app has stored none. */
  readonly phoneNumber: string | undefined;
  /** Masked; `undefined` if the app has stored none. */
  readonly email: string | undefined;
  /** Unused recovery codes. */
  readonly recoveryCodesLeft: number;
  /** Remembered devices; the newest first. */
  readonly devices: readonly RememberedDevice[];
  /** End of a lockout; `'unlock'` if only an administrator can end it, `null` if there is none. */
  readonly lockedUntil: LockedUntil;
}

/** End of a lockout; `'unlock'` if only an administrator can end it, `null` if there is none. */
export type LockedUntil = Date | 'unlock' | null;

/** Reads, resets, and unlocks a user's account, for administrators. */
export class Accounts<TUser> {
  constructor(
    private readonly delivery: DeliveryOptionsFinder<TUser>,
    private readonly factors: StoredFactors<TUser>,
    private readonly devices: RememberedDevices<TUser>,
    private readonly limits: Limits,
    private readonly reporter: EventReporter<TUser>,
  ) {}

  async overview(subject: Subject<TUser>): Promise<AccountOverview> {
    const [addresses, record, lockedUntil] = await Promise.all([
      this.delivery.addresses(subject),
      this.factors.record(subject),
      this.lockedUntil(subject),
    ]);
    return {
      phoneNumber: maskStored(addresses.phone, 'phone'),
      email: maskStored(addresses.email, 'email'),
      recoveryCodesLeft: codesIn(record).left,
      devices: this.devices.listedFor(record, addresses).map(describeDevice),
      lockedUntil,
    };
  }

  /** Removes all stored factors, and the lockout. */
  async reset(subject: Subject<TUser>, action: AdminAction): Promise<void> {
    const { devices = [] } = await this.factors.reset(subject);
    this.reporter.reset(subject, action, devices);
    await this.limits.clearWrongCodes(subject.userId);
  }

  /** Forgets all remembered devices. Returns their number. */
  async forgetDevices(subject: Subject<TUser>, action: AdminAction): Promise<number> {
    return (await this.devices.forget(subject, undefined, action)).length;
  }

  /** Ends a lockout and forgets the wrong codes. */
  async unlock(subject: Subject<TUser>, action: AdminAction): Promise<void> {
    await this.limits.clearWrongCodes(subject.userId);
    this.reporter.unlock(subject, action);
  }

  async lockedUntil({ userId }: Subject<TUser>): Promise<LockedUntil> {
    const until = await this.limits.lockedUntil(userId);
    if (until === undefined) return null;
    return Number.isFinite(until) ? new Date(until) : 'unlock';
  }
}
