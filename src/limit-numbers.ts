import { aNumber, anInteger, anObject, type Kind } from './option-kinds.js';

/** So many points in so many seconds. */
export interface Rate {
  /** How many. */
  readonly points: number;
  /** In how many seconds. */
  readonly durationSeconds: number;
}

/** The numbers of the limits; each has a default. */
export interface LimitOptions {
  /** Wrong codes in a row, per user, that lock. @default 10 */
  readonly wrongCodesPerLock?: number;
  /** How long the first lock lasts; each later one lasts twice as long. @default 900 */
  readonly lockSeconds?: number;
  /** The longest lock. @default 86,400 */
  readonly maxLockSeconds?: number;
  /** Wrong codes in a row after which only `unlock` helps. @default 100, as NIST SP 800-63B-4 allows at most */
  readonly wrongCodesInAll?: number;
  /** Codes sent per user. @default 5 in 600 s and 20 in 86,400 s */
  readonly sendsPerUser?: readonly Rate[];
  /** Codes sent to one address; sign-ins and registrations are counted apart. @default 5 in 600 s and 20 in 86,400 s */
  readonly sendsPerAddress?: readonly Rate[];
  /** Codes sent for registration and change per IP address (IPv6: per /64). @default 30 in 3,600 s */
  readonly sendsPerIp?: readonly Rate[];
}

/** {@link LimitOptions} with nothing left open. */
export type LimitNumbers = Required<LimitOptions>;

const DEFAULTS: LimitNumbers = {
  wrongCodesPerLock: 10,
  lockSeconds: 900,
  maxLockSeconds: 86_400,
  wrongCodesInAll: 100,
  sendsPerUser: [
    { points: 5, durationSeconds: 600 },
    { points: 20, durationSeconds: 86_400 },
  ],
  sendsPerAddress: [
    { points: 5, durationSeconds: 600 },
    { points: 20, durationSeconds: 86_400 },
  ],
  sendsPerIp: [{ points: 30, durationSeconds: 3_600 }],
};

const aCount = anInteger(1, 1_000_000);
/** Longer ones would end at once in memory: Node's timers take 31 bits of milliseconds. */
const aDuration = aNumber(1, 2_147_483, 'seconds');
const rates: Kind<readonly Rate[]> = {
  expected: 'a list of { points, durationSeconds }',
  is: (value): value is readonly Rate[] =>
    Array.isArray(value) &&
    value.every(
      (rate) =>
        anObject.is(rate) &&
        'points' in rate &&
        aCount.is(rate.points) &&
        'durationSeconds' in rate &&
        aDuration.is(rate.durationSeconds),
    ),
};
const KINDS: { readonly [K in keyof LimitNumbers]: Kind<LimitNumbers[K]> } = {
  wrongCodesPerLock: aCount,
  lockSeconds: aDuration,
  maxLockSeconds: aDuration,
  wrongCodesInAll: aCount,
  sendsPerUser: rates,
  sendsPerAddress: rates,
  sendsPerIp: rates,
};

/** Fills in the defaults. @throws TypeError that names the number which is unknown or out of its range */
export function resolveLimitNumbers(given: LimitOptions): LimitNumbers {
  for (const [name, value] of Object.entries(given)) {
    const kind = Object.hasOwn(KINDS, name) ? KINDS[name as keyof LimitNumbers] : undefined;
    if (!kind) {
      throw new TypeError(
        `TwilioVerifyStrategy: unknown number "limits.${name}"; there are ${Object.keys(KINDS).join(', ')}`,
      );
    }
    if (value !== undefined && !kind.is(value)) {
      throw new TypeError(`TwilioVerifyStrategy: option "limits.${name}" must be ${kind.expected}`);
    }
  }
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...DEFAULTS, ...Object.fromEntries(set) };
}
