import { randomInt } from 'node:crypto';
import { type CreateLimiter, LimiterStore } from './limiter-store.js';

/** Longer than any guess is in flight, so that no old mark comes back while someone compares with it. */
const MARK_SECONDS = 7_200;

/** Above every mark: the largest integer that Postgres keeps in the column of a limiter. */
const MARKS = 2 ** 31 - 1;

/**
 * Remembers whether counters without an end were cleared since a point was taken from them. Each clear writes a random
 * mark under the key of the counters. A point can be given back only if the current mark is the one from before it was
 * taken.
 */
export class ClearMarks {
  private readonly store: LimiterStore;

  constructor(create: CreateLimiter, keyPrefix: string) {
    this.store = new LimiterStore(create, { keyPrefix, points: MARKS, duration: MARK_SECONDS });
  }

  /** Returns the current mark of a key; 0 if there is none. Read it before you take a point. */
  async read(key: string): Promise<number> {
    return (await this.store.call((limiter) => limiter.get(key)))?.consumedPoints ?? 0;
  }

  /** Writes another mark. Renew it before you clear the counters: {@link giveBack} relies on that order. */
  async renew(key: string): Promise<number> {
    const mark = randomInt(1, MARKS);
    await this.store.call((limiter) => limiter.set(key, mark, MARK_SECONDS));
    return mark;
  }

  /** Writes an earlier mark, as {@link read} returned it. */
  async restore(key: string, mark: number): Promise<void> {
    await this.store.call<unknown>((limiter) =>
      mark === 0 ? limiter.delete(key) : limiter.set(key, mark, MARK_SECONDS),
    );
  }
}
