import type { LimitNumbers, Rate } from './limit-numbers.js';
import { type CreateLimiter, LimiterStore, type Taken } from './limiter-store.js';
import type { Subnets } from './network.js';

/** The counters that a send counts in. All strings are hashed keys. */
export interface SendSubject {
  readonly user: string;
  readonly address: string;
  /** User, address, and method: the resend delay applies to this combination. */
  readonly repeat: string;
  readonly isSignIn: boolean;
  /** Subnets of the request; `undefined` for sign-ins, which they don't limit. */
  readonly subnets: Subnets | undefined;
}

/** A send that was counted before Twilio is called. */
export interface CountedSend {
  readonly type: 'counted';
  /** Undoes the count: the code can't have been sent. */
  giveBack(): Promise<void>;
  /** Ends the resend delay but keeps the count: Twilio refused the send. */
  endDelay(): Promise<void>;
}

/** A send that a limit refuses. */
export interface HeldSend {
  readonly type: 'held';
  /** `delay`: too soon after the same code. `limit`: too many codes. */
  readonly heldBy: 'delay' | 'limit';
  readonly retryAfterMs: number;
}

interface Counter {
  readonly store: LimiterStore;
  readonly key: string;
  readonly heldBy: HeldSend['heldBy'];
  readonly durationSeconds?: number;
}

/** A site with several subscribers gets this many times the limit of one. */
const SUBSCRIBERS_PER_SITE = 10;

/** A `retryTimeSeconds` schedule restarts this long after its first send: the lifetime of Twilio's verification. */
const SCHEDULE_SECONDS = 600;

/** Counts codes sent per user, address, and subnet, and enforces the resend delay. */
export class SendLimits {
  private readonly perUser: readonly LimiterStore[];
  private readonly perSignInAddress: readonly LimiterStore[];
  private readonly perNewAddress: readonly LimiterStore[];
  private readonly perSubscriber: readonly LimiterStore[];
  private readonly perSite: readonly LimiterStore[];
  private readonly delay: LimiterStore;
  private readonly repeats: LimiterStore;

  constructor(create: CreateLimiter, prefix: string, numbers: LimitNumbers) {
    const stores = (name: string, rates: readonly Rate[]) =>
      rates.map(({ points, durationSeconds: duration }) => {
        const keyPrefix = `${prefix}:${name}:${duration}`;
        return new LimiterStore(create, { keyPrefix, points, duration });
      });
    this.perUser = stores('user', numbers.sendsPerUser);
    this.perSignInAddress = stores('to', numbers.sendsPerAddress);
    // Separate from sign-ins: otherwise an attacker who registers a victim's number locks the victim out.
    this.perNewAddress = stores('new', numbers.sendsPerAddress);
    this.perSubscriber = stores('ip', numbers.sendsPerIp);
    this.perSite = stores(
      'site',
      numbers.sendsPerIp.map((rate) => ({ ...rate, points: rate.points * SUBSCRIBERS_PER_SITE })),
    );
    this.delay = new LimiterStore(create, { keyPrefix: `${prefix}:pause`, points: 1, duration: SCHEDULE_SECONDS });
    this.repeats = new LimiterStore(create, {
      keyPrefix: `${prefix}:repeat`,
      points: Number.MAX_SAFE_INTEGER,
      duration: SCHEDULE_SECONDS,
    });
  }

  /**
   * Counts a send in every counter, or in none if one of them refuses it.
   *
   * @param schedule - Seconds until the next send: after the first, after the second, …; the last entry repeats.
   */
  async count(subject: SendSubject, schedule: readonly number[]): Promise<CountedSend | HeldSend> {
    // If all delays are equal, the number of earlier sends doesn't matter.
    const isGrowing = schedule.length > 1;
    const sendsBefore = isGrowing ? await this.sendsBefore(subject) : 0;
    // Round up: the Redis limiter treats a fractional TTL as no expiry.
    const delaySeconds = Math.ceil(schedule[Math.min(sendsBefore, schedule.length - 1)] ?? 0);
    const counters = this.countersOf(subject, delaySeconds, isGrowing);
    const results = await Promise.all(
      counters.map(async (counter) => ({
        counter,
        taken: await counter.store.take(counter.key, counter.durationSeconds),
      })),
    );

    const allowed = results.filter(({ taken }) => taken.isAllowed).map(({ counter }) => counter);
    const refused = results.filter(({ taken }) => !taken.isAllowed);
    if (refused.length > 0) {
      await putBack(allowed);
      return heldBy(refused);
    }
    return {
      type: 'counted',
      giveBack: () => putBack(allowed),
      endDelay: () => putBack(allowed.filter((counter) => counter.heldBy === 'delay')),
    };
  }

  /** Ends the resend delay. */
  async endDelay(subject: Pick<SendSubject, 'repeat'>): Promise<void> {
    await this.delay.call((limiter) => limiter.delete(subject.repeat));
  }

  /** Milliseconds until the same code can be sent again; 0 if it can be sent now. */
  async delayMs(subject: Pick<SendSubject, 'repeat'>): Promise<number> {
    return Math.max(0, (await this.delay.call((limiter) => limiter.get(subject.repeat)))?.msBeforeNext ?? 0);
  }

  private async sendsBefore({ repeat }: SendSubject): Promise<number> {
    return (await this.repeats.call((limiter) => limiter.get(repeat)))?.consumedPoints ?? 0;
  }

  private countersOf(subject: SendSubject, delaySeconds: number, isGrowing: boolean): Counter[] {
    const { user, address, repeat, subnets, isSignIn } = subject;
    const at = (stores: readonly LimiterStore[], key: string): Counter[] =>
      stores.map((store) => ({ store, key, heldBy: 'limit' }));
    return [
      ...at(this.perUser, user),
      ...at(isSignIn ? this.perSignInAddress : this.perNewAddress, address),
      ...(subnets ? at(this.perSubscriber, subnets.subscriber) : []),
      ...(subnets?.site === undefined ? [] : at(this.perSite, subnets.site)),
      ...(isGrowing ? at([this.repeats], repeat) : []),
      ...(delaySeconds > 0
        ? [{ store: this.delay, key: repeat, heldBy: 'delay' as const, durationSeconds: delaySeconds }]
        : []),
    ];
  }
}

async function putBack(counters: readonly Counter[]): Promise<void> {
  await Promise.all(
    counters.map(({ store, key, heldBy }) =>
      store.call<unknown>((limiter) => (heldBy === 'delay' ? limiter.delete(key) : limiter.reward(key))),
    ),
  );
}

/** A rate limit explains a refusal better than the resend delay, because it lasts longer. */
function heldBy(refused: readonly { readonly counter: Counter; readonly taken: Taken }[]): HeldSend {
  const heldBy = refused.some(({ counter }) => counter.heldBy === 'limit') ? 'limit' : 'delay';
  const waits = refused.filter(({ counter }) => counter.heldBy === heldBy).map(({ taken }) => taken.msBeforeNext);
  return { type: 'held', heldBy, retryAfterMs: Math.max(1, ...waits) };
}
