import { setTimeout } from 'node:timers/promises';
import type { LimitNumbers } from './limit-numbers.js';
import { type CreateLimiter, LimiterStore } from './limiter-store.js';

/** Time that another request has to lock after it took the last point: two calls to the store. */
const OTHER_REQUEST_LOCKS_WITHIN_MS = 250;

/** A guess that was counted before Twilio checks it. */
export interface CountedGuess {
  readonly type: 'counted';
  /** Wrong codes left before the lockout. */
  readonly left: number;
  /** Undoes the count: Twilio didn't check the code. */
  giveBack(): Promise<void>;
}

/** A guess that a lockout refuses. */
export interface LockedGuess {
  readonly type: 'locked';
  /** End of the lockout in epoch milliseconds; `Infinity` if only {@link Lockout.clear} ends it. */
  readonly lockedUntil: number;
}

/**
 * Counts wrong codes per user. Every `wrongCodesPerLock` wrong codes in a row lock the user out; each lockout lasts
 * twice as long as the one before.
 *
 * Two counters: `inARow` never expires, and whoever takes its last point blocks it and adds one to `locks`. `inARow`
 * has an expiry only while it is blocked, so `msBeforeNext > 0` identifies a lockout.
 */
export class Lockout {
  private readonly inARow: LimiterStore;
  private readonly locks: LimiterStore;

  constructor(
    create: CreateLimiter,
    prefix: string,
    private readonly numbers: LimitNumbers,
    private readonly now: () => number,
  ) {
    const points = numbers.wrongCodesPerLock;
    this.inARow = new LimiterStore(create, { keyPrefix: `${prefix}:guess`, points, duration: 0 });
    this.locks = new LimiterStore(create, { keyPrefix: `${prefix}:lock`, points: this.maxLocks, duration: 0 });
  }

  private get maxLocks(): number {
    return Math.max(1, Math.ceil(this.numbers.wrongCodesInAll / this.numbers.wrongCodesPerLock));
  }

  /** Counts a guess, unless the user is locked out. */
  async count(user: string): Promise<CountedGuess | LockedGuess> {
    const taken = await this.inARow.take(user);
    if (!taken.isAllowed || taken.msBeforeNext > 0) {
      const lockedUntil = await this.lockedUntil(user);
      return lockedUntil === undefined ? this.countAfterOtherRequest(user) : { type: 'locked', lockedUntil };
    }
    const isLast = taken.consumedPoints >= this.numbers.wrongCodesPerLock;
    if (isLast) await this.lock(user, 1);
    return {
      type: 'counted',
      left: Math.max(0, this.numbers.wrongCodesPerLock - taken.consumedPoints),
      giveBack: () =>
        isLast ? this.undoLock(user) : this.inARow.call(async (counter) => void (await counter.reward(user))),
    };
  }

  /** Forgets a user's wrong codes and lockouts: after a correct code, or for an administrator. */
  async clear(user: string): Promise<void> {
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

  private async lock(user: string, increment: 0 | 1): Promise<number> {
    const { consumedPoints } = await this.locks.call((limiter) => limiter.penalty(user, increment));
    if (consumedPoints >= this.maxLocks) return Number.POSITIVE_INFINITY;
    const doubled = this.numbers.lockSeconds * 2 ** (Math.max(1, consumedPoints) - 1);
    const seconds = Math.min(doubled, this.numbers.maxLockSeconds);
    await this.inARow.call((limiter) => limiter.block(user, seconds));
    return this.now() + seconds * 1000;
  }

  /**
   * The request that took the last point either locks within two calls or gives the point back. In the second case this
   * guess counts again. If that process died in between, this request locks.
   */
  private async countAfterOtherRequest(user: string): Promise<CountedGuess | LockedGuess> {
    await setTimeout(OTHER_REQUEST_LOCKS_WITHIN_MS);
    const lockedUntil = await this.lockedUntil(user);
    if (lockedUntil !== undefined) return { type: 'locked', lockedUntil };
    const inARow = await this.inARow.call((limiter) => limiter.get(user));
    const isGivenBack = (inARow?.consumedPoints ?? 0) < this.numbers.wrongCodesPerLock;
    return isGivenBack ? this.count(user) : { type: 'locked', lockedUntil: await this.lock(user, 0) };
  }

  private async undoLock(user: string): Promise<void> {
    await this.locks.call((limiter) => limiter.reward(user));
    // `block` stores one point more than the limit. Subtract it, this guess, and what other requests gave back.
    const blocked = await this.inARow.call((limiter) => limiter.get(user));
    const others = (blocked?.consumedPoints ?? 0) - 2;
    const left = Math.min(this.numbers.wrongCodesPerLock - 1, Math.max(0, others));
    await this.inARow.call((limiter) => limiter.set(user, left, 0));
  }
}
