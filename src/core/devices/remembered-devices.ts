import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Address } from '../../common/address.js';
import { type Refusal, refuse } from '../../common/outcome.js';
import type { DeviceRecord, FactorRecord } from '../../store/factor-record.js';
import { describeUserAgent } from '../events/device-label.js';
import type { AdminAction, EventReporter } from '../events/event-reporter.js';
import type { DeliveryOptionsFinder, StoredAddresses } from '../factors/delivery-options.js';
import type { StoredFactors } from '../factors/stored-factors.js';
import type { Context, Subject } from '../step/context.js';

/** Devices that a user can have. The oldest goes. */
const MAX_DEVICES = 20;

/** A device's last use is written at most this often. */
const LAST_USE_MS = 24 * 60 * 60 * 1000;

const DAY_SECONDS = 24 * 60 * 60;

/** Settings for remembered devices. */
export interface DeviceSettings {
  /** Name of the strategy: a device of another one isn't accepted. */
  readonly name: string;
  readonly clock: () => number;
  /** `undefined` if the app remembers no devices. */
  readonly rememberDevice: { readonly days: number } | undefined;
}

/** The value of a device's cookie. */
interface Token {
  readonly id: string;
  readonly secret: string;
}

/** Devices that aren't asked for a code. Each is bound to the address that it was earned with, and to `securityStamp`. */
export class RememberedDevices<TUser> {
  constructor(
    private readonly settings: DeviceSettings,
    private readonly factors: StoredFactors<TUser>,
    private readonly delivery: DeliveryOptionsFinder<TUser>,
    private readonly reporter: EventReporter<TUser>,
  ) {}

  /** Days that a device stays remembered; `undefined` if the app remembers none. */
  get days(): number | undefined {
    return this.settings.rememberDevice?.days;
  }

  /** Whether the browser of this request can be remembered. Warns if only plain http keeps it from that. */
  canRemember({ device }: Context<TUser>): boolean {
    return this.days !== undefined && device.canSet && device.isSafe;
  }

  /** Why a device can't be remembered; `undefined` if it can, or if only plain http keeps it from that. */
  refusal({ device }: Context<TUser>): Refusal | undefined {
    return this.days !== undefined && device.canSet ? undefined : refuse('device_unavailable');
  }

  /**
   * Remembers the browser of this request, which has proved possession of `address`. Returns the value of its cookie;
   * `undefined` if the store failed. The user is verified anyway.
   */
  async remember(context: Context<TUser>, address: Address): Promise<string | undefined> {
    const { days } = this;
    if (days === undefined || !this.canRemember(context)) return undefined;
    const { clock, name } = this.settings;
    const before = readToken(context.device.read());
    const token = { id: random(16), secret: random(32) };
    const now = clock();
    const device: DeviceRecord = {
      id: token.id,
      hash: hashOf(token.secret, name),
      createdAt: now,
      lastUsedAt: now,
      expiresAt: now + days * DAY_SECONDS * 1000,
      ...describeUserAgent(context.device.userAgent),
      factor: factorOf(token.id, address),
      ...stampOf(token.id, context.session.stamp),
    };
    const counts = await this.countsFor(context);
    return this.factors.ifAvailable(
      async () => {
        const forgotten = await this.factors.update(context, async (record) => {
          const { next, forgotten } = withoutDevices(record, (old) => !counts(old) || isTokenOf(before, old, name));
          const devices = [...(next.devices ?? []), device].slice(-MAX_DEVICES);
          return { next: { ...next, devices }, result: forgotten };
        });
        this.reporter.devicesForgotten(
          context,
          forgotten.filter((old) => !isTokenOf(before, old, name)),
        );
        this.reporter.deviceRemembered(context, device);
        return `${token.id}.${token.secret}`;
      },
      () => undefined,
    );
  }

  /** Sets the browser's cookie. */
  give({ device }: Context<TUser>, value: string): void {
    device.set(value, (this.days ?? 0) * DAY_SECONDS);
  }

  /**
   * The device that sent this request; `undefined` if it isn't known. Notes an invalid cookie in the session, and forgets
   * a device whose binding changed. In every such case, the user enters a code.
   *
   * @param isAgain - Whether to read the store again in the same request.
   */
  async recognize(context: Context<TUser>, isAgain = false): Promise<DeviceRecord | undefined> {
    const value = context.device.read();
    if (this.days === undefined || value === undefined) return undefined;
    const token = readToken(value);
    const record = token && (await this.factors.recordIfAvailable(context, isAgain));
    // A store that can't be read says nothing about the cookie.
    if (token && !record) return undefined;
    const device = record?.devices?.find((known) => isTokenOf(token, known, this.settings.name));
    const counts = await this.countsFor(context);
    if (device && counts(device)) return device;
    await context.session.refuseDevice();
    // Otherwise, the others would count again with the old number or the old stamp.
    if (device) await this.forgetIfAvailable(context, (old) => !counts(old));
    return undefined;
  }

  /** The ID of the device that sent this request; `undefined` if it isn't known. */
  currentId({ device }: Context<TUser>, record: FactorRecord): string | undefined {
    const token = readToken(device.read());
    return record.devices?.find((known) => isTokenOf(token, known, this.settings.name))?.id;
  }

  /** Notes that a device was used, once a day. Without the store, the time of the last use stays older. */
  async use(context: Context<TUser>, { id, lastUsedAt }: DeviceRecord): Promise<void> {
    const now = this.settings.clock();
    if (now - lastUsedAt < LAST_USE_MS) return;
    const touch = (device: DeviceRecord) => (device.id === id ? { ...device, lastUsedAt: now } : device);
    await this.factors.ifAvailable(
      () =>
        this.factors.update(context, async (record) => {
          const devices = record.devices?.map(touch);
          return { ...(devices ? { next: { ...record, devices } } : {}), result: undefined };
        }),
      () => undefined,
    );
  }

  /** The devices of a user that still count; the newest first. */
  async listed(context: Context<TUser>, record: FactorRecord): Promise<readonly DeviceRecord[]> {
    return (record.devices ?? []).filter(await this.countsFor(context)).reverse();
  }

  /** The devices of a user as far as an administrator can know: without a request, there is no security stamp. */
  listedFor({ devices = [] }: FactorRecord, addresses: StoredAddresses): readonly DeviceRecord[] {
    return devices.filter((device) => this.isUnexpired(device) && isEarnedWith(device, addresses)).reverse();
  }

  /**
   * Forgets devices, at once and on all processes.
   *
   * @param isForgotten - Which of them. @default all
   * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_STORE`
   */
  async forget(
    subject: Subject<TUser>,
    isForgotten: (device: DeviceRecord) => boolean = () => true,
    action?: AdminAction,
  ): Promise<readonly DeviceRecord[]> {
    if (!this.factors.hasStore) return [];
    const forgotten = await this.factors.update(subject, async (record) => {
      const { next, forgotten } = withoutDevices(record, isForgotten);
      return forgotten.length > 0 ? { next, result: forgotten } : { result: forgotten };
    });
    this.reporter.devicesForgotten(subject, forgotten, action);
    return forgotten;
  }

  /** Like `forget`, for devices that their binding refuses anyway: a store that fails stops no one. */
  async forgetIfAvailable(subject: Subject<TUser>, isForgotten?: (device: DeviceRecord) => boolean): Promise<void> {
    await this.factors.ifAvailable(
      async () => void (await this.forget(subject, isForgotten)),
      () => undefined,
    );
  }

  /** Returns whether a device still counts: it is bound to an address of the user, and to the stamp of this request. */
  private async countsFor(context: Context<TUser>): Promise<(device: DeviceRecord) => boolean> {
    const addresses = await this.delivery.addresses(context);
    return (device) =>
      this.isUnexpired(device) &&
      stampOf(device.id, context.session.stamp).stamp === device.stamp &&
      isEarnedWith(device, addresses);
  }

  private isUnexpired({ expiresAt }: DeviceRecord): boolean {
    return this.settings.clock() < expiresAt;
  }
}

/** Removes devices from a record: everything that ends a device calls it. */
export function withoutDevices(
  record: FactorRecord,
  isForgotten: (device: DeviceRecord) => boolean = () => true,
): { readonly next: FactorRecord; readonly forgotten: readonly DeviceRecord[] } {
  const { devices = [], ...rest } = record;
  const kept = devices.filter((device) => !isForgotten(device));
  return { next: kept.length > 0 ? { ...rest, devices: kept } : rest, forgotten: devices.filter(isForgotten) };
}

function random(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}

function hashOf(secret: string, strategy: string): string {
  return hash('sha256', `${strategy}\0${secret}`, 'base64url');
}

/** The ID is a salt: two devices of a user have nothing in common. */
function factorOf(id: string, { type, value }: Address): string {
  return hash('sha256', `factor\0${id}\0${type}\0${value}`, 'base64url');
}

function stampOf(id: string, stamp: string | undefined): Pick<DeviceRecord, 'stamp'> {
  return stamp === undefined ? {} : { stamp: hash('sha256', `stamp\0${id}\0${stamp}`, 'base64url') };
}

function readToken(value: string | undefined): Token | undefined {
  const [, id, secret] = value?.match(/^([\w-]{22})\.([\w-]{43})$/) ?? [];
  return id !== undefined && secret !== undefined ? { id, secret } : undefined;
}

/** Whether the user still has the address that a device was earned with. */
function isEarnedWith({ id, factor }: DeviceRecord, { phone, email }: StoredAddresses): boolean {
  return [phone, email].some(
    (address) => (address.type === 'phone' || address.type === 'email') && factorOf(id, address) === factor,
  );
}

/** In constant time for a device of this ID. */
function isTokenOf(token: Token | undefined, device: DeviceRecord, strategy: string): boolean {
  if (token?.id !== device.id) return false;
  const [typed, known] = [Buffer.from(hashOf(token.secret, strategy)), Buffer.from(device.hash)];
  return typed.length === known.length && timingSafeEqual(typed, known);
}
