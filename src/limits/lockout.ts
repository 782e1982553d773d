import { setTimeout } from 'node:timers/promises';
import { ClearMarks } from './clear-marks.js';
import { giveBack } from './give-back.js';
import type { LimitNumbers } from './limit-numbers.js';
import { type CreateLimiter, LimiterStore } from './limiter-store.js';

/** Time that another request has to lock after it took the last point: two calls to the store. */
const OTHER_REQUEST_LOCKS_WITHIN_MS = 250;

/** Time in which a lockout can be undone: longer than any guess is in flight, and shorter than a row's mark lives. */
const UNDO_SECONDS = 3_600;

/** A guess that was counted before Twilio checks it. */
export interface CountedGuess {
  readonly type: 'counted';
  /** Wrong codes left before the lockout. */
  readonly left: number;
  /** Undoes the count: Twilio didn't check the code. */
  giveBack(): Promise<void>;
}

/** A guess, or a send, that a lockout refuses. */
export interface LockedOut {
  readonly type: 'locked';
  /** End of the lockout in epoch milliseconds; `Infinity` if only {@link Lockout.clear} ends it. */
  readonly lockedUntil: number;
}

interface Lock {
  /** Mark of the row that begins when the lockout ends. */
  readonly mark: number;
  readonly lockedUntil: number;
}

/**
 * Counts wrong codes per user. Every `wrongCodesPerLock` wrong codes in a row lock the user out; each lockout lasts
 * twice as long as the one before.
 *
 * Two counters: `inARow` never expires, and the request that takes its last point blocks it and adds one to `locks`.
 * `inARow` has an expiry only while it is blocked, so `msBeforeNext > 0` identifies a lockout.
 *
 * A row of guesses ends with a correct code, with `unlock`, or with a lockout. `rows` has one mark per row, so no guess
 * is given back to a later one. A guess given back during a lockout counts in `returned`, in case the lockout is undone.
 */
export class Lockout {
  private readonly inARow: LimiterStore;
  private readonly locks: LimiterStore;
  private readonly returned: LimiterStore;
  private readonly rows: ClearMarks;

  constructor(
    create: CreateLimiter,
    prefix: string,
    private readonly numbers: LimitNumbers,
    private readonly now: () => number,
  ) {
    const points = numbers.wrongCodesPerLock;
    this.inARow = new LimiterStore(create, { keyPrefix: `${prefix}:guess`, points, duration: 0 });
    this.locks = new LimiterStore(create, { keyPrefix: `${prefix}:lock`, points: this.maxLocks, duration: 0 });
    this.returned = new LimiterStore(create, { keyPrefix: `${prefix}:returned`, points, duration: UNDO_SECONDS });
    this.rows = new ClearMarks(create, `${prefix}:row`);
  }

  private get maxLocks(): number {
    return Math.max(1, Math.floor(this.numbers.wrongCodesInAll / this.numbers.wrongCodesPerLock));
  }

  /** Counts a guess, unless the user is locked out. */
  async count(user: string): Promise<CountedGuess | LockedOut> {
    const row = await this.rows.read(user);
    const taken = await this.inARow.take(user);
    if (!taken.isAllowed || taken.msBeforeNext > 0) {
      const lockedUntil = await this.lockedUntil(user);
      return lockedUntil === undefined ? this.countAfterOtherRequest(user) : { type: 'locked', lockedUntil };
    }
    const isLast = taken.consumedPoints >= this.numbers.wrongCodesPerLock;
    const lockout = isLast ? await this.lock(user, 1) : undefined;
    return {
      type: 'counted',
      left: Math.max(0, this.numbers.wrongCodesPerLock - taken.consumedPoints),
      giveBack: () => (lockout ? this.undo(user, lockout, row) : this.giveBackTo(user, row)),
    };
  }

  /** Forgets a user's wrong codes and lockouts: after a correct code, or for an administrator. */
  async clear(user: string): Promise<void> {
    await this.rows.renew(user);
    await Promise.all([this.inARow, this.locks].map((store) => store.call((limiter) => limiter.delete(user))));
  }

  /** End of the lockout in epoch milliseconds; `Infinity` if only `clear` ends it, `undefined` if there is none. */
  async lockedUntil(user: string): Promise<number | undefined> {
    const inARow = await this.inARow.call((limiter) => limiter.get(user));
    const isBlocked = inARow !== null && inARow.msBeforeNext > 0;
    // A user with points left isn't locked out, so this is the only call for almost everyone.
    if (!isBlocked && (inARow?.consumedPoints ?? 0) < this.numbers.wrongCodesPerLock) return undefined;
    const locks = await this.locks.call((limiter) => limiter.get(user));
    if (locks && locks.consumedPoints >= this.maxLocks) return Number.POSITIVE_INFINITY;
    return isBlocked ? this.now() + inARow.msBeforeNext : undefined;
  }

  /** Wrong codes left before the lockout. */
  async left(user: string): Promise<number> {
    const inARow = await this.inARow.call((limiter) => limiter.get(user));
    return Math.max(0, this.numbers.wrongCodesPerLock - (inARow?.consumedPoints ?? 0));
  }

  private async lock(user: string, increment: 0 | 1): Promise<Lock> {
    const [mark, { consumedPoints }] = await Promise.all([
      this.rows.renew(user),
      this.locks.call((limiter) => limiter.penalty(user, increment)),
    ]);
    if (consumedPoints >= this.maxLocks) return { mark, lockedUntil: Number.POSITIVE_INFINITY };
    const doubled = this.numbers.lockSeconds * 2 ** (Math.max(1, consumedPoints) - 1);
    const seconds = Math.min(doubled, this.numbers.maxLockSeconds);
    await this.inARow.call((limiter) => limiter.block(user, seconds));
    return { mark, lockedUntil: this.now() + seconds * 1000 };
  }

  /**
   * The request that took the last point either locks within two calls or gives the point back. In the second case this
   * guess counts again. If that process died in between, this request locks.
   */
  private async countAfterOtherRequest(user: string): Promise<CountedGuess | LockedOut> {
    await setTimeout(OTHER_REQUEST_LOCKS_WITHIN_MS);
    const lockedUntil = await this.lockedUntil(user);
    if (lockedUntil !== undefined) return { type: 'locked', lockedUntil };
    const inARow = await this.inARow.call((limiter) => limiter.get(user));
    const isGivenBack = (inARow?.consumedPoints ?? 0) < this.numbers.wrongCodesPerLock;
    if (isGivenBack) return this.count(user);
    return { type: 'locked', lockedUntil: (await this.lock(user, 0)).lockedUntil };
  }

  private async giveBackTo(user: string, row: number): Promise<void> {
    const point = { store: this.inARow, key: user, mark: { marks: this.rows, value: row } };
    const isGivenBack = (await giveBack([point])).length > 0;
    if (!isGivenBack) await this.returned.call((limiter) => limiter.penalty(returnedKey(user, row)));
  }

  /**
   * Ends a lockout whose last guess Twilio didn't check, and continues its row. If another request clears the counters,
   * or gives a guess back, between two of these calls, the row keeps a guess too many: an error on the strict side.
   */
  private async undo(user: string, { mark }: Lock, row: number): Promise<void> {
    const isLockedOut = (await this.lockedUntil(user)) !== undefined;
    const lock = { store: this.locks, key: user, mark: { marks: this.rows, value: mark } };
    const isCurrent = (await giveBack([lock])).length > 0;
    // The end of a lockout ends its row, too.
    if (!isCurrent || !isLockedOut) return;
    const returned = await this.returned.call((limiter) => limiter.get(returnedKey(user, row)));
    const wrong = Math.max(0, this.numbers.wrongCodesPerLock - 1 - (returned?.consumedPoints ?? 0));
    await this.inARow.call((limiter) => limiter.set(user, wrong, 0));
    // The row continues under the same mark, and must not count them twice.
    await this.returned.call((limiter) => limiter.delete(returnedKey(user, row)));
    await this.rows.restore(user, row);
  }
}

function returnedKey(user: string, row: number): string {
  return `${user}:${row}`;
}
