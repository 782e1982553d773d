/** A number of points per period. */
export interface Rate {
  readonly points: number;
  readonly durationSeconds: number;
}

/** Numbers of the attempt and rate limits, and their scope. Each has a default. */
export interface LimitOptions {
  /**
   * Name of the counters. Strategies with the same scope share them. Use one scope for all strategies with the same
   * users. If several apps use one store, each app needs its own. @default not shared in memory; `name` in a shared store
   */
  readonly scope?: string;
  /** Wrong codes in a row, per user, that cause a lockout. @default 10 */
  readonly wrongCodesPerLock?: number;
  /** Seconds of the first lockout; each later one lasts twice as long. @default 900 */
  readonly lockSeconds?: number;
  /** Seconds of the longest lockout. @default 86,400 */
  readonly maxLockSeconds?: number;
  /** Wrong codes in a row that lock the user until `unlock`. @default 100, the maximum in NIST SP 800-63B-4 */
  readonly wrongCodesInAll?: number;
  /** Codes sent per user. A correct code clears rates of 3,600 s or less. @default 5 in 600 s and 20 in 86,400 s */
  readonly sendsPerUser?: readonly Rate[];
  /**
   * Codes sent per recipient; sign-ins and registrations count separately. A correct code at a sign-in clears rates of
   * 3,600 s or less. @default 5 in 600 s and 20 in 86,400 s
   */
  readonly sendsPerAddress?: readonly Rate[];
  /**
   * Codes sent for registration and change per IP address (IPv6: per /64, and ten times that per /48).
   *
   * @default 30 in 3,600 s
   */
  readonly sendsPerIp?: readonly Rate[];
}

/** The numbers of {@link LimitOptions} with all defaults filled in. */
export type LimitNumbers = Required<Omit<LimitOptions, 'scope'>>;

export const DEFAULT_LIMIT_NUMBERS: LimitNumbers = {
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
