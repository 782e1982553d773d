import { setTimeout } from 'node:timers/promises';
import type { LimitNumbers } from './limit-numbers.js';
import { type CreateLimiter, LimiterStore } from './limiter-store.js';

/** From taking the last point to the lock: two calls to the store. */
const ANOTHER_LOCKS_WITHIN_MS = 250;

/** A guess that has been counted, before Twilio is asked about it. */
export interface CountedGuess {
  /** Wrong codes left before the lock. */
  readonly left: number;
  /** Twilio did not judge the guess: it does not count. */
  giveBack(): Promise<void>;
}

/**
 * Counts wrong codes per user. Every `wrongCodesPerLock` in a row lock; each lock lasts twice as long as the one before.
 *
 * Two counters: `inARow`, which never expires and is blocked by whoever takes its last point, and `locks`, to which
 * only those add. As `inARow` has an expiry only while it is blocked, `msBeforeNext > 0` is what tells a lock.
 */
export class WrongCodes {
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

  /** Counts a guess; gives the end of the lock in epoch milliseconds if it is not allowed. */
  async count(user: string): Promise<CountedGuess | { readonly lockedUntil: number }> {
    const taken = await this.inARow.take(user);
    if (!taken.isAllowed || taken.msBeforeNext > 0) {
      const lockedUntil = await this.lockedUntil(user);
      return lockedUntil === undefined ? this.countAfterAnother(user) : { lockedUntil };
    }
    const isLast = taken.consumedPoints >= this.numbers.wrongCodesPerLock;
    if (isLast) await this.lock(user, 1);
    return {
      left: Math.max(0, this.numbers.wrongCodesPerLock - taken.consumedPoints),
      giveBack: () =>
        isLast ? this.undoLock(user) : this.inARow.ask(async (counter) => void (await counter.reward(user))),
    };
  }

  /** Forgets a user's wrong codes: after a right one, or when an administrator says so. */
  async clear(user: string): Promise<void> {
    await Promise.all([this.inARow, this.locks].map((store) => store.ask((limiter) => limiter.delete(user))));
  }

  /** When the lock ends, in epoch milliseconds; `Infinity` if only `clear` ends it, `undefined` if there is none. */
  async lockedUntil(user: string): Promise<number | undefined> {
    const inARow = await this.inARow.ask((limiter) => limiter.get(user));
    const isBlocked = inARow !== null && inARow.msBeforeNext > 0;
    // Whoever has points left is not locked, for however often it was: nearly everybody costs one call only.
    if (!isBlocked && (inARow?.consumedPoints ?? 0) < this.numbers.wrongCodesPerLock) return undefined;
    const locks = await this.locks.ask((limiter) => limiter.get(user));
    if (locks && locks.consumedPoints >= this.maxLocks) return Number.POSITIVE_INFINITY;
    return isBlocked ? this.now() + inARow.msBeforeNext : undefined;
  }

  /** Wrong codes that are left before the lock. */
  async left(user: string): Promise<number> {
    const inARow = await this.inARow.ask((limiter) => limiter.get(user));
    return Math.max(0, this.numbers.wrongCodesPerLock - (inARow?.consumedPoints ?? 0));
  }

  private async lock(user: string, increment: 0 | 1): Promise<number> {
    const { consumedPoints } = await this.locks.ask((limiter) => limiter.penalty(user, increment));
    if (consumedPoints >= this.maxLocks) return Number.POSITIVE_INFINITY;
    const doubled = this.numbers.lockSeconds * 2 ** (Math.max(1, consumedPoints) - 1);
    const seconds = Math.min(doubled, this.numbers.maxLockSeconds);
    await this.inARow.ask((limiter) => limiter.block(user, seconds));
    return this.now() + seconds * 1000;
  }

  /**
   * Whoever took the last point locks at once, or has given it back, for Twilio did not judge the guess: then this one
   * counts anew. If it has died in between, this one locks.
   */
  private async countAfterAnother(user: string): Promise<CountedGuess | { readonly lockedUntil: number }> {
    await setTimeout(ANOTHER_LOCKS_WITHIN_MS);
    const lockedUntil = await this.lockedUntil(user);
    if (lockedUntil !== undefined) return { lockedUntil };
    const inARow = await this.inARow.ask((limiter) => limiter.get(user));
    const isGivenBack = (inARow?.consumedPoints ?? 0) < this.numbers.wrongCodesPerLock;
    return isGivenBack ? this.count(user) : { lockedUntil: await this.lock(user, 0) };
  }

  private async undoLock(user: string): Promise<void> {
    await this.locks.ask((limiter) => limiter.reward(user));
    // The block stands for one point more than there are; what others have given back meanwhile is off it.
    const blocked = await this.inARow.ask((limiter) => limiter.get(user));
    const others = (blocked?.consumedPoints ?? 0) - 2;
    const left = Math.min(this.numbers.wrongCodesPerLock - 1, Math.max(0, others));
    await this.inARow.ask((limiter) => limiter.set(user, left, 0));
  }
}
