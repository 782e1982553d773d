import type { StoredAddress } from '../../common/address.js';
import type { Method } from '../../common/methods.js';
import { type Refusal, refuse } from '../../common/outcome.js';
import type { FactorRecord } from '../../store/factor-record.js';
import { describeDevice, type RememberedDevice } from '../devices/device-description.js';
import type { RememberedDevices } from '../devices/remembered-devices.js';
import type { DeliveryOption, DeliveryOptionsFinder } from '../factors/delivery-options.js';
import { codesIn, type StoredFactors } from '../factors/stored-factors.js';
import type { Context } from '../step/context.js';
import { isFresh } from '../step/max-age.js';
import type { RecentLogin } from '../step/recent-login.js';
import { runStep } from '../step/run-step.js';

/** Settings for the security page. */
export interface SecurityPageSettings {
  readonly clock: () => number;
  readonly maxAgeSeconds: number;
}

/** A remembered device of the user. */
export interface OwnDevice extends RememberedDevice {
  /** Whether this device sent the request. */
  readonly isCurrent: boolean;
}

/** Everything that a user's second factor consists of. */
export interface Factors {
  readonly type: 'factors';
  readonly phoneNumber: StoredAddress;
  readonly email: StoredAddress;
  /** Methods that can send a code, in the order of the app. */
  readonly methods: readonly Method[];
  /** `undefined` if the user has chosen none, or one that can't send a code now. */
  readonly preferredMethod: Method | undefined;
  /** Unused recovery codes. */
  readonly recoveryCodesLeft: number;
  /** Remembered devices; the newest first. */
  readonly devices: readonly OwnDevice[];
}

/** Shows users what their second factor consists of, and undoes it. */
export class SecuritySettings<TUser> {
  constructor(
    private readonly settings: SecurityPageSettings,
    private readonly delivery: DeliveryOptionsFinder<TUser>,
    private readonly factors: StoredFactors<TUser>,
    private readonly devices: RememberedDevices<TUser>,
    private readonly logins: RecentLogin<TUser>,
  ) {}

  /** Whether there is a store, which keeps the preferred method. */
  get keepsPreference(): boolean {
    return this.factors.hasStore;
  }

  /** Why the user can't see the settings; `undefined` for one who proved a real factor in the last 5 minutes. */
  async refusal(context: Context<TUser>): Promise<Refusal | undefined> {
    // The login first: it ends the verification.
    const login = await this.logins.refusal(context);
    if (login) return login;
    const { clock, maxAgeSeconds } = this.settings;
    return isFresh(context.session.verification, clock(), maxAgeSeconds) ? undefined : refuse('verification_required');
  }

  /** The factors of the user. @throws TwilioVerifyError `ERR_TWILIO_VERIFY_STORE` */
  async read(context: Context<TUser>): Promise<Factors | Refusal> {
    const refusal = await this.refusal(context);
    if (refusal) return refusal;
    const [options, { phone, email }, record] = await Promise.all([
      this.delivery.stored(context),
      this.delivery.addresses(context),
      this.factors.record(context),
    ]);
    const current = this.devices.currentId(context, record);
    return {
      type: 'factors',
      phoneNumber: phone,
      email,
      methods: options.map(({ method }) => method),
      preferredMethod: preferredIn(record, options),
      recoveryCodesLeft: codesIn(record).left,
      devices: (await this.devices.listed(context, record)).map((device) => ({
        ...describeDevice(device),
        isCurrent: device.id === current,
      })),
    };
  }

  /** The method that the user prefers; `undefined` if none of these, or if the store can't be read. */
  async preferred(context: Context<TUser>, options: readonly DeliveryOption[]): Promise<Method | undefined> {
    if (!this.factors.hasStore || options.length < 2) return undefined;
    const record = await this.factors.recordIfAvailable(context);
    return record && preferredIn(record, options);
  }

  /** Keeps the method that the user prefers. */
  prefer(context: Context<TUser>, method: string): Promise<Refusal | undefined> {
    return this.change('setPreferredMethod', context, async () => {
      const option = (await this.delivery.stored(context)).find((candidate) => candidate.method === method);
      if (!option) return refuse('method_unknown');
      await this.factors.update(context, async (record) => {
        await context.session.assertLive();
        return { next: { ...record, preferredMethod: option.method }, result: undefined };
      });
      return undefined;
    });
  }

  /** Forgets one device, or all of them. Forgetting an unknown device isn't an error. */
  forget(context: Context<TUser>, id?: string): Promise<Refusal | undefined> {
    return this.change(id === undefined ? 'forgetDevices' : 'forgetDevice', context, async () => {
      const forgotten = await this.devices.forget(context, (device) => id === undefined || device.id === id);
      const token = context.device.read();
      if (forgotten.some((device) => token?.startsWith(`${device.id}.`))) context.device.clear();
      return undefined;
    });
  }

  private change(
    name: string,
    context: Context<TUser>,
    run: () => Promise<Refusal | undefined>,
  ): Promise<Refusal | undefined> {
    return runStep(name, context, async () => (await this.refusal(context)) ?? run());
  }
}

function preferredIn({ preferredMethod }: FactorRecord, options: readonly DeliveryOption[]): Method | undefined {
  return options.find(({ method }) => method === preferredMethod)?.method;
}
