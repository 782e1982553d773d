import type { MaybePromise } from '../common/callback.js';
import { TwilioVerifyError } from '../common/errors.js';
import { withTimeLimit } from '../common/time-limit.js';
import { limiterFailure, limiterMistake } from './limiter-error.js';

/** Argument of `createLimiter`: the options of a limiter of `rate-limiter-flexible`. */
export interface LimiterOptions {
  /** Unlike every other limiter's. */
  readonly keyPrefix: string;
  /** Number of points per key. */
  readonly points: number;
  /** Seconds. 0 means forever. */
  readonly duration: number;
}

/** State of one key of a limiter. */
export interface LimiterResult {
  /** Until there are points again, in milliseconds. */
  readonly msBeforeNext: number;
  /** Taken so far. */
  readonly consumedPoints: number;
}

/**
 * The part of a `rate-limiter-flexible` limiter that the strategy uses. `consume` rejects with a result when the points
 * are used up.
 */
export interface Limiter {
  /** Takes points; rejects with a {@link LimiterResult} when there are none left, with an Error when the store fails. */
  consume(key: string, points?: number, options?: { customDuration?: number }): Promise<LimiterResult>;
  /** Takes points, even if there are none left. */
  penalty(key: string, points?: number): Promise<LimiterResult>;
  /** Restores points. */
  reward(key: string, points?: number): Promise<LimiterResult>;
  /** Leaves no points, for a while. */
  block(key: string, seconds: number): Promise<unknown>;
  /** Sets the points that were taken, for a while. */
  set(key: string, points: number, seconds: number): Promise<unknown>;
  /** The points that were taken. `null` if none were. */
  get(key: string): Promise<LimiterResult | null>;
  /** Forgets what was taken. */
  delete(key: string): Promise<boolean>;
}

const FUNCTIONS: readonly (keyof Limiter)[] = ['consume', 'penalty', 'reward', 'block', 'set', 'get', 'delete'];

/**
 * Makes a limiter; it may be asynchronous, for a store that creates a table first.
 *
 * @example
 * ```ts
 * const createLimiter: CreateLimiter = (options) =>
 *   new RateLimiterRedis({ storeClient: redis, useRedisPackage: true, ...options });
 * ```
 */
export type CreateLimiter = (options: LimiterOptions) => MaybePromise<Limiter>;

/** Counts in the memory of this process. */
export const createMemoryLimiter = (options: LimiterOptions): Limiter => {
  const { RateLimiterMemory } = require('rate-limiter-flexible') as typeof import('rate-limiter-flexible');
  return new RateLimiterMemory(options);
};

const sharedLimiters = new Map<string, Limiter>();

/** Counts in the memory of this process. Limiters with the same options are one limiter. */
export const createSharedMemoryLimiter: CreateLimiter = (options) => {
  const key = JSON.stringify([options.keyPrefix, options.points, options.duration]);
  const limiter = sharedLimiters.get(key) ?? createMemoryLimiter(options);
  sharedLimiters.set(key, limiter);
  return limiter;
};

/** How long a store may take to answer before it counts as unreachable: a person is waiting. */
const STORE_TIMEOUT_MS = 3_000;

/** Whether a rejection of `consume` means "used up", and not that the store failed. */
function isLimiterResult(reason: unknown): reason is LimiterResult {
  return typeof reason === 'object' && reason !== null && !(reason instanceof Error) && 'msBeforeNext' in reason;
}

/** The result of taking a point. */
export interface Taken extends LimiterResult {
  readonly isAllowed: boolean;
}

/** One limiter, made when it is first used, that fails closed and in time. */
export class LimiterStore {
  private limiter: Limiter | undefined;
  private making: Promise<Limiter> | undefined;
  /** Whether the store can answer late. One in the memory of this process cannot. */
  private readonly canBeLate: boolean;

  constructor(
    private readonly create: CreateLimiter,
    readonly options: LimiterOptions,
  ) {
    this.canBeLate = create !== createMemoryLimiter && create !== createSharedMemoryLimiter;
  }

  /** Takes a point, in one atomic step. */
  take(key: string, customDurationSeconds?: number): Promise<Taken> {
    const custom = customDurationSeconds === undefined ? {} : { customDuration: customDurationSeconds };
    return this.call((limiter) => limiter.consume(key, 1, custom).then(allowed, refusedOrFailed));
  }

  /**
   * Calls the limiter.
   *
   * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_LIMITER` if its store fails or is late, or `createLimiter` has a
   * mistake
   */
  async call<T>(use: (limiter: Limiter) => Promise<T>): Promise<T> {
    try {
      const answer = this.limiter ? use(this.limiter) : this.make().then(use);
      return await (this.canBeLate ? withTimeLimit(STORE_TIMEOUT_MS, answer) : answer);
    } catch (cause) {
      throw cause instanceof TwilioVerifyError ? cause : limiterFailure(cause);
    }
  }

  /** A factory that failed is tried again at the next request: the store may be back. */
  private make(): Promise<Limiter> {
    this.making ??= Promise.resolve()
      .then(() => this.create(this.options))
      .then((limiter) => {
        const mistake = limiterMistake(limiter, FUNCTIONS, this.options);
        if (mistake) throw mistake;
        this.limiter = limiter;
        return limiter;
      })
      .finally(() => {
        this.making = undefined;
      });
    return this.making;
  }
}

function allowed({ msBeforeNext, consumedPoints }: LimiterResult): Taken {
  return { msBeforeNext, consumedPoints, isAllowed: true };
}

function refusedOrFailed(reason: unknown): Taken {
  if (!isLimiterResult(reason)) throw reason;
  const { msBeforeNext, consumedPoints } = reason;
  return { msBeforeNext, consumedPoints, isAllowed: false };
}
