import { createHmac } from 'node:crypto';
import type { Address } from './address.js';
import type { LimitNumbers } from './limit-numbers.js';
import { type CreateLimiter, createMemoryLimiter } from './limiter-store.js';
import type { Method } from './methods.js';
import { publicNetworkOf } from './network.js';
import type { Purpose } from './outcome.js';
import { Remembered } from './remembered.js';
import { type CountedSend, type HeldSend, SendLimits, type SendSubject } from './send-limits.js';
import { type CountedGuess, WrongCodes } from './wrong-codes.js';

/** What makes a send the same again. */
export interface Repeat {
  readonly userId: string;
  readonly address: Address;
  readonly method: Method;
}

/** One send, as the core knows it. */
export interface Send extends Repeat {
  readonly purpose: Purpose;
  readonly ip: string | undefined;
}

/** What the limits are made from. */
export interface LimitsSettings {
  readonly name: string;
  readonly limits: LimitNumbers;
  readonly createLimiter: CreateLimiter | undefined;
  readonly hashKey: Buffer;
  readonly isProduction: boolean;
  readonly clock: () => number;
}

let hasWarned = false;

function warnOfMemory(): void {
  if (hasWarned) return;
  hasWarned = true;
  process.emitWarning(
    'The limits are counted in the memory of this process: several processes would each allow as much. ' +
      'Add the option createLimiter: (options) => new RateLimiterRedis({ storeClient, useRedisPackage: true, ...options })',
    { code: 'TWILIO_VERIFY_LIMITS_IN_MEMORY' },
  );
}

/**
 * All limits, under keys that show neither user ids nor addresses. They live in a store of their own, never in the
 * session, which can be replayed, forked and thrown away.
 */
export class Limits {
  private readonly wrongCodes: WrongCodes;
  private readonly sends: SendLimits;
  /** One sign-in asks for the same three some ten times. */
  private readonly hashes = new Remembered<string>(3_000);

  constructor(private readonly settings: LimitsSettings) {
    if (!settings.createLimiter && settings.isProduction) warnOfMemory();
    const create = settings.createLimiter ?? createMemoryLimiter;
    this.wrongCodes = new WrongCodes(create, settings.name, settings.limits, settings.clock);
    this.sends = new SendLimits(create, settings.name, settings.limits);
  }

  /** Counts a guess before Twilio is asked about it. */
  countGuess(userId: string): Promise<CountedGuess | { readonly lockedUntil: number }> {
    return this.wrongCodes.count(this.hash(userId));
  }

  /** See {@link WrongCodes.clear}. */
  clearWrongCodes(userId: string): Promise<void> {
    return this.wrongCodes.clear(this.hash(userId));
  }

  /** See {@link WrongCodes.lockedUntil}. */
  lockedUntil(userId: string): Promise<number | undefined> {
    return this.wrongCodes.lockedUntil(this.hash(userId));
  }

  /** Wrong codes that are left to the user before the lock. */
  guessesLeft(userId: string): Promise<number> {
    return this.wrongCodes.left(this.hash(userId));
  }

  /** Counts a send before Twilio is asked to do it. */
  countSend(send: Send, schedule: readonly number[]): Promise<CountedSend | HeldSend> {
    return this.sends.count(this.subjectOf(send), schedule);
  }

  /** Lets the same code be sent again at once. */
  endPause(send: Repeat): Promise<void> {
    return this.sends.endPause(this.repeatOf(send));
  }

  /** When the same code may be sent again, in epoch milliseconds. */
  async resendAt(send: Repeat): Promise<number> {
    return this.settings.clock() + (await this.sends.pauseMs(this.repeatOf(send)));
  }

  private subjectOf(send: Send): SendSubject {
    const { userId, address, purpose, ip } = send;
    const isSignIn = purpose === 'signIn';
    return {
      user: this.hash(userId),
      address: this.hash(address.value),
      ...this.repeatOf(send),
      isSignIn,
      network: isSignIn ? undefined : publicNetworkOf(ip),
    };
  }

  private repeatOf({ userId, address, method }: Repeat): Pick<SendSubject, 'repeat'> {
    return { repeat: this.hash(userId, address.value, method) };
  }

  private hash(...parts: readonly string[]): string {
    const text = parts.join('\0');
    const { hashKey } = this.settings;
    return this.hashes.get(text, () => createHmac('sha256', hashKey).update(text).digest('base64url').slice(0, 22));
  }
}
