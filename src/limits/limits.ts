import { createHmac } from 'node:crypto';
import type { Address } from '../common/address.js';
import { BoundedCache } from '../common/bounded-cache.js';
import { isPhoneMethod, METHODS, type Method } from '../common/methods.js';
import type { Purpose } from '../common/outcome.js';
import { warnOnce } from '../common/warn-once.js';
import { Claims } from './claims.js';
import type { LimitNumbers } from './limit-numbers.js';
import { type CreateLimiter, createMemoryLimiter, createSharedMemoryLimiter } from './limiter-store.js';
import { type CountedGuess, type LockedOut, Lockout } from './lockout.js';
import { type Subnets, subnetsOf } from './network.js';
import { joinScope } from './scopes.js';
import { type CountedSend, type HeldSend, SendLimits, type SendSubject } from './send-limits.js';

/** A user, and where a code goes. */
export interface Recipient {
  readonly userId: string;
  readonly address: Address;
}

/** The fields that two sends must share for the resend delay to apply between them. */
export interface Repeat extends Recipient {
  readonly method: Method;
}

/** A correct code, as the core describes it. */
export interface CorrectCode extends Recipient {
  readonly purpose: Purpose;
  /** Seconds until the next send, as {@link Limits.countSend} gets them. */
  readonly schedule: readonly number[];
}

/** A send, as the core describes it. */
export interface Send extends Repeat {
  readonly purpose: Purpose;
  readonly ip: string | undefined;
}

/** Settings that the limits need. */
export interface LimitsSettings {
  readonly name: string;
  readonly limits: LimitNumbers;
  readonly limitScope: string | undefined;
  readonly createLimiter: CreateLimiter | undefined;
  readonly hashKey: Buffer;
  readonly isProduction: boolean;
  readonly clock: () => number;
}

function warnAboutMemory(): void {
  warnOnce(
    'Rate limits and lockouts are counted in the memory of this process, so each process of the app allows the full ' +
      'number. Add the option createLimiter: (options) => ' +
      'new RateLimiterRedis({ storeClient, useRedisPackage: true, ...options })',
    { code: 'TWILIO_VERIFY_LIMITS_IN_MEMORY' },
  );
}

/**
 * All rate limits and lockouts. Keys are hashed, so the store shows no user IDs, phone numbers, or IP addresses.
 * Counters live in a separate store and never in the session, which an attacker can replay, fork, or throw away.
 */
export class Limits {
  private readonly lockout: Lockout;
  private readonly sends: SendLimits;
  private readonly claims: Claims;
  /** A sign-in needs the same five hashes about ten times. */
  private readonly hashes = new BoundedCache<string>(3_000);

  constructor(private readonly settings: LimitsSettings) {
    const { name, limits, limitScope: scope, createLimiter, hashKey } = settings;
    const isInMemory = createLimiter === undefined;
    if (isInMemory && settings.isProduction) warnAboutMemory();
    if (scope !== undefined) joinScope(scope, { limits, hashKey, isInMemory });
    const create = createLimiter ?? (scope === undefined ? createMemoryLimiter : createSharedMemoryLimiter);
    this.lockout = new Lockout(create, scope ?? name, limits, settings.clock);
    this.sends = new SendLimits(create, scope ?? name, limits);
    this.claims = new Claims(create, scope ?? name);
  }

  /** Counts a guess before Twilio checks it. */
  countGuess(userId: string): Promise<CountedGuess | LockedOut> {
    return this.lockout.count(this.hash(userId));
  }

  /** See {@link Lockout.clear}. */
  clearWrongCodes(userId: string): Promise<void> {
    return this.lockout.clear(this.hash(userId));
  }

  /** Clears the user's wrong codes and lockouts, and what would hold the user's next send. */
  async clearAfterCorrectCode({ purpose, schedule, ...recipient }: CorrectCode): Promise<void> {
    const user = this.hash(recipient.userId);
    const [address, repeats] = [this.hash(recipient.address.value), this.repeatsOf(recipient)];
    await Promise.all([
      this.lockout.clear(user),
      this.sends.clear({ user, address, repeats, schedule, isSignIn: purpose === 'signIn' }),
    ]);
  }

  /** See {@link Lockout.lockedUntil}. */
  lockedUntil(userId: string): Promise<number | undefined> {
    return this.lockout.lockedUntil(this.hash(userId));
  }

  /** Wrong codes that the user has left before the lockout. */
  guessesLeft(userId: string): Promise<number> {
    return this.lockout.left(this.hash(userId));
  }

  /** Uses something that can be used once, such as a correct code. Only the first request gets `true`. */
  useOnce(...parts: readonly string[]): Promise<boolean> {
    return this.claims.useOnce(this.hash(...parts));
  }

  /** Whether a request has used it with `useOnce`. */
  isUsed(...parts: readonly string[]): Promise<boolean> {
    return this.claims.isUsed(this.hash(...parts));
  }

  /** See {@link Claims.inTurn}. */
  storeInTurn<T>(userId: string, store: () => Promise<T>): Promise<T | undefined> {
    return this.claims.inTurn(this.hash(userId), store);
  }

  /** Counts a send before Twilio is called, unless the user is locked out. */
  async countSend(send: Send, schedule: readonly number[]): Promise<CountedSend | HeldSend | LockedOut> {
    const subject = this.subjectOf(send);
    // First, because it takes nothing: a store that stalls here leaves no resend delay behind.
    const lockedUntil = await this.lockout.lockedUntil(subject.user);
    return lockedUntil === undefined ? this.sends.count(subject, schedule) : { type: 'locked', lockedUntil };
  }

  /** Ends the resend delays of all methods to a recipient. */
  endDelays(recipient: Recipient): Promise<void> {
    return this.sends.endDelays(this.repeatsOf(recipient));
  }

  /** When the same code can be sent again, in epoch milliseconds. */
  async resendAt(send: Repeat): Promise<number> {
    return this.settings.clock() + (await this.sends.delayMs(this.repeatOf(send)));
  }

  private subjectOf(send: Send): SendSubject {
    const { userId, address, purpose, ip } = send;
    const isSignIn = purpose === 'signIn';
    return {
      user: this.hash(userId),
      address: this.hash(address.value),
      ...this.repeatOf(send),
      isSignIn,
      subnets: isSignIn ? undefined : this.subnetKeysOf(ip),
    };
  }

  private subnetKeysOf(ip: string | undefined): Subnets {
    const { subscriber, site } = subnetsOf(ip);
    return { subscriber: this.hash(subscriber), ...(site === undefined ? {} : { site: this.hash(site) }) };
  }

  private repeatOf({ userId, address, method }: Repeat): Pick<SendSubject, 'repeat'> {
    return { repeat: this.hash(userId, address.value, method) };
  }

  private repeatsOf({ userId, address }: Recipient): readonly string[] {
    const methods = METHODS.filter((method) => isPhoneMethod(method) === (address.type === 'phone'));
    return methods.map((method) => this.repeatOf({ userId, address, method }).repeat);
  }

  private hash(...parts: readonly string[]): string {
    const text = parts.join('\0');
    const { hashKey } = this.settings;
    return this.hashes.get(text, () => createHmac('sha256', hashKey).update(text).digest('base64url').slice(0, 22));
  }
}
