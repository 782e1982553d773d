import { forget, giveBack, type TakenPoint, timed } from './give-back.js';
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

/** The counters of a user and a recipient that a correct code clears. All strings are hashed keys. */
export interface ClearedSubject extends Pick<SendSubject, 'user' | 'address' | 'isSignIn'> {
  /** One per method, as {@link SendSubject.repeat}. */
  readonly repeats: readonly string[];
  /** As for the sends before. */
  readonly schedule: readonly number[];
}

interface Counter {
  readonly store: LimiterStore;
  readonly key: string;
}

interface TakenFromCounter {
  readonly taken: Taken;
  readonly point: TakenPoint;
}

/** A site with several subscribers gets this many times the limit of one. */
const SUBSCRIBERS_PER_SITE = 10;

/** A `retryTimeSeconds` schedule restarts this long after its first send: the lifetime of Twilio's verification. */
const SCHEDULE_SECONDS = 600;

/** A correct code clears send limits up to this period. Longer ones bound the cost of a user with a premium number. */
const CLEARED_UP_TO_SECONDS = 3_600;

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
    // The delay comes first: most refusals are its own, and they change no other counter.
    const delay = await this.takeDelay(subject, schedule);
    const counters = this.countersOf(subject, schedule);
    if (delay?.taken.isAllowed === false) return heldByDelay(delay.taken, counters);
    const endDelay = async () => (delay ? forget(delay.point) : undefined);
    try {
      return await takeAll(counters, endDelay);
    } catch (error) {
      // Otherwise the next send would join a code that doesn't exist. The user has waited for the store long enough.
      endDelay().catch(() => undefined);
      throw error;
    }
  }

  /** Ends the resend delays, and keeps the counts: the last code can no longer be used. */
  async endDelays(repeats: readonly string[]): Promise<void> {
    await Promise.all(repeats.map((repeat) => this.delay.call((limiter) => limiter.delete(repeat))));
  }

  /**
   * Forgets what would hold the next send of someone who just typed a correct code: the counts of an hour or less, the
   * resend delays, and the schedule. The count of registrations per address stays, as someone else's sends count there.
   */
  async clear({ user, address, repeats, schedule, isSignIn }: ClearedSubject): Promise<void> {
    const perRepeat = isGrowing(schedule) ? [this.delay, this.repeats] : [this.delay];
    const counters = [
      ...this.perUser.filter(isCleared).map((store) => ({ store, key: user })),
      ...(isSignIn ? this.perSignInAddress.filter(isCleared).map((store) => ({ store, key: address })) : []),
      ...repeats.flatMap((key) => perRepeat.map((store) => ({ store, key }))),
    ];
    await Promise.all(counters.map(({ store, key }) => store.call((limiter) => limiter.delete(key))));
  }

  /** Milliseconds until the same code can be sent again; 0 if it can be sent now. */
  async delayMs(subject: Pick<SendSubject, 'repeat'>): Promise<number> {
    return Math.max(0, (await this.delay.call((limiter) => limiter.get(subject.repeat)))?.msBeforeNext ?? 0);
  }

  private async takeDelay({ repeat }: SendSubject, schedule: readonly number[]): Promise<TakenFromCounter | undefined> {
    const sendsBefore = isGrowing(schedule) ? await this.sendsBefore(repeat) : 0;
    // Round up: the Redis limiter treats a fractional TTL as no expiry.
    const seconds = Math.ceil(schedule[Math.min(sendsBefore, schedule.length - 1)] ?? 0);
    return seconds > 0 ? take({ store: this.delay, key: repeat }, seconds) : undefined;
  }

  private async sendsBefore(repeat: string): Promise<number> {
    return (await this.repeats.call((limiter) => limiter.get(repeat)))?.consumedPoints ?? 0;
  }

  private countersOf(subject: SendSubject, schedule: readonly number[]): readonly Counter[] {
    const { user, address, repeat, subnets, isSignIn } = subject;
    const at = (stores: readonly LimiterStore[], key: string): Counter[] => stores.map((store) => ({ store, key }));
    return [
      ...at(this.perUser, user),
      ...(isSignIn ? at(this.perSignInAddress, address) : at(this.perNewAddress, address)),
      ...(subnets ? at(this.perSubscriber, subnets.subscriber) : []),
      ...(subnets?.site === undefined ? [] : at(this.perSite, subnets.site)),
      ...(isGrowing(schedule) ? at([this.repeats], repeat) : []),
    ];
  }
}

/** If all delays are equal, the number of earlier sends doesn't matter. */
function isGrowing(schedule: readonly number[]): boolean {
  return schedule.length > 1;
}

/** Whether a correct code clears the counters of a limit. */
function isCleared({ options }: LimiterStore): boolean {
  return options.duration <= CLEARED_UP_TO_SECONDS;
}

/** Why the delay refuses a send. A rate limit explains it better, because it lasts longer. */
async function heldByDelay({ msBeforeNext }: Taken, counters: readonly Counter[]): Promise<HeldSend> {
  const waits = (await Promise.all(counters.map(msUntilPoints))).filter((ms) => ms > 0);
  return waits.length > 0 ? held('limit', waits) : held('delay', [msBeforeNext]);
}

/** Takes a point from each counter, or from none if one of them has none left. */
async function takeAll(counters: readonly Counter[], endDelay: () => Promise<void>): Promise<CountedSend | HeldSend> {
  const results = await Promise.all(counters.map((counter) => take(counter)));
  const putBack = async () => {
    const points = results.map(({ point }) => point);
    await Promise.all([giveBack(points), endDelay()]);
  };
  const refused = results.filter(({ taken }) => !taken.isAllowed).map(({ taken }) => taken.msBeforeNext);
  if (refused.length === 0) return { type: 'counted', giveBack: putBack, endDelay };
  await putBack();
  return held('limit', refused);
}

async function take({ store, key }: Counter, durationSeconds?: number): Promise<TakenFromCounter> {
  const { state, end } = await timed(() => store.take(key, durationSeconds));
  return { taken: state, point: { store, key, end } };
}

/** Milliseconds until a counter has points again; 0 if it has some. */
async function msUntilPoints({ store, key }: Counter): Promise<number> {
  const state = await store.call((limiter) => limiter.get(key));
  return state && state.consumedPoints >= store.options.points ? state.msBeforeNext : 0;
}

function held(heldBy: HeldSend['heldBy'], waitsMs: readonly number[]): HeldSend {
  return { type: 'held', heldBy, retryAfterMs: Math.max(1, ...waitsMs) };
}
