import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Address } from '../common/address.js';
import { type Refusal, refuse } from '../common/outcome.js';
import type { DeviceRecord, FactorRecord } from '../store/factor-record.js';
import type { Context, Subject } from './context.js';
import type { DeliveryOptionsFinder } from './delivery-options.js';
import { describeUserAgent } from './device-label.js';
import type { AdminAction, EventReporter } from './event-reporter.js';
import type { StoredFactors } from './stored-factors.js';

/** Devices that a user can have. The oldest goes. */
const MAX_DEVICES = 20;

/** A device's last use is written at most this often. */
const LAST_USE_MS = 24 * 60 * 60 * 1000;

const DAY_SECONDS = 24 * 60 * 60;

/** Settings for remembered devices. */
export interface DeviceSettings {
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
  remember(context: Context<TUser>, address: Address): Promise<string | undefined> {
    const { days } = this;
    if (days === undefined || !this.canRemember(context)) return Promise.resolve(undefined);
    const before = readToken(context.device.read());
    const token = { id: random(16), secret: random(32) };
    const now = this.settings.clock();
    const device: DeviceRecord = {
      id: token.id,
      hash: hashOf(token.secret),
      createdAt: now,
      lastUsedAt: now,
      expiresAt: now + days * DAY_SECONDS * 1000,
      ...describeUserAgent(context.device.userAgent),
      factor: factorOf(token.id, address),
      ...stampOf(token.id, context.session.stamp),
    };
    return this.factors.ifAvailable(
      async () => {
        await this.factors.update(context, async (record) => {
          await context.session.assertLive();
          // The same browser again, and devices that have expired.
          const kept = (record.devices ?? []).filter((old) => !isTokenOf(before, old) && now < old.expiresAt);
          const devices = [...kept, device].slice(-MAX_DEVICES);
          return { next: { ...record, devices }, result: undefined };
        });
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
    const device = record?.devices?.find((known) => isTokenOf(token, known));
    if (device && (await this.isBound(context, device))) return device;
    await context.session.refuseDevice();
    if (device) await this.forgetIfAvailable(context, device.id);
    return undefined;
  }

  /** The ID of the device that sent this request; `undefined` if it isn't known. */
  currentId({ device }: Context<TUser>, record: FactorRecord): string | undefined {
    const token = readToken(device.read());
    return record.devices?.find((known) => isTokenOf(token, known))?.id;
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

  /** The devices of a record that haven't expired; the newest first. */
  listed({ devices = [] }: FactorRecord): readonly DeviceRecord[] {
    const now = this.settings.clock();
    return devices.filter(({ expiresAt }) => now < expiresAt).reverse();
  }

  /**
   * Forgets one device, or all of them, at once and on all processes. @throws TwilioVerifyError `ERR_TWILIO_VERIFY_STORE`
   */
  async forget(subject: Subject<TUser>, id?: string, action?: AdminAction): Promise<readonly DeviceRecord[]> {
    if (!this.factors.hasStore) return [];
    const forgotten = await this.factors.update(subject, async (record) => {
      const { next, forgotten } = withoutDevices(record, (device) => id === undefined || device.id === id);
      return forgotten.length > 0 ? { next, result: forgotten } : { result: forgotten };
    });
    this.reporter.devicesForgotten(subject, forgotten, action);
    return forgotten;
  }

  /** Like `forget`, for devices that their binding refuses anyway: a store that fails stops no one. */
  async forgetIfAvailable(subject: Subject<TUser>, id?: string): Promise<void> {
    await this.factors.ifAvailable(
      async () => void (await this.forget(subject, id)),
      () => undefined,
    );
  }

  private async isBound(context: Context<TUser>, device: DeviceRecord): Promise<boolean> {
    const { id, expiresAt, factor, stamp } = device;
    if (this.settings.clock() >= expiresAt || stampOf(id, context.session.stamp).stamp !== stamp) return false;
    const { phone, email } = await this.delivery.addresses(context);
    return [phone, email].some(
      (address) => (address.type === 'phone' || address.type === 'email') && factorOf(id, address) === factor,
    );
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

function hashOf(secret: string): string {
  return hash('sha256', secret, 'base64url');
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

/** In constant time for a device of this ID. */
function isTokenOf(token: Token | undefined, device: DeviceRecord): boolean {
  if (token?.id !== device.id) return false;
  const [typed, known] = [Buffer.from(hashOf(token.secret)), Buffer.from(device.hash)];
  return typed.length === known.length && timingSafeEqual(typed, known);
}
