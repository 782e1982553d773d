import type { CreateLimiter } from './limiter-store.js';
import { LimiterStore } from './limiter-store.js';

/** Longer than the lifetime of Twilio's verification, even if it was sent again. */
const USED_CODE_SECONDS = 1_800;

/** Maximum time that one request may take to store a number: `storePhoneNumber` may call a database. */
const STORAGE_TURN_SECONDS = 30;

/** Claims that only one request can have, over all processes that share a store. */
export class Claims {
  private readonly uses: LimiterStore;
  private readonly storageTurns: LimiterStore;

  constructor(create: CreateLimiter, prefix: string) {
    this.uses = new LimiterStore(create, { keyPrefix: `${prefix}:used`, points: 1, duration: USED_CODE_SECONDS });
    this.storageTurns = new LimiterStore(create, {
      keyPrefix: `${prefix}:storing`,
      points: 1,
      duration: STORAGE_TURN_SECONDS,
    });
  }

  /** Uses something that can be used once. Resolves to `false` if another request has used it. */
  async useOnce(key: string): Promise<boolean> {
    return (await this.uses.take(key)).isAllowed;
  }

  /** Whether a request has used it. */
  async isUsed(key: string): Promise<boolean> {
    return (await this.uses.call((limiter) => limiter.get(key))) !== null;
  }

  /** Runs `store` unless another request stores a number for the same user: then resolves to `undefined`. */
  async inTurn<T>(user: string, store: () => Promise<T>): Promise<T | undefined> {
    const startedAt = performance.now();
    if (!(await this.storageTurns.take(user)).isAllowed) return undefined;
    try {
      return await store();
    } finally {
      // Later, the turn may be another request's.
      const isOurs = performance.now() - startedAt < STORAGE_TURN_SECONDS * 1_000;
      // The number is stored, and the turn ends by itself.
      if (isOurs) await this.storageTurns.call((limiter) => limiter.delete(user)).catch(() => undefined);
    }
  }
}
