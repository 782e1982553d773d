import type { LimitNumbers, Rate } from './limit-numbers.js';
import { type CreateLimiter, LimiterStore } from './limiter-store.js';

/** Which sends one send counts among. All are keys of counters already: hashed, or a public network. */
export interface SendSubject {
  readonly user: string;
  readonly address: string;
  /** This user, this address, this method: what `retryTimeSeconds` holds apart. */
  readonly repeat: string;
  readonly isSignIn: boolean;
  /** Where the request comes from; `undefined` for sign-ins and private networks, which are not counted. */
  readonly network: string | undefined;
}

/** A send that has been counted, before Twilio is asked to do it. */
export interface CountedSend {
  /** Twilio was not reached: the send does not count. */
  giveBack(): Promise<void>;
  /** Twilio refused: the send counts, but the next one need not wait. */
  endPause(): Promise<void>;
}

/** A send that is not allowed yet. */
export interface HeldSend {
  /** `pause`: the same code, too soon. `limit`: too many codes. */
  readonly heldBy: 'pause' | 'limit';
  readonly retryAfterMs: number;
}

interface Counter {
  readonly store: LimiterStore;
  readonly key: string;
  readonly heldBy: HeldSend['heldBy'];
  readonly durationSeconds?: number;
}

/** A schedule of `retryTimeSeconds` starts anew this long after its first send: the life of Twilio's verification. */
const SCHEDULE_SECONDS = 600;

/** Counts the codes that are sent, per user, address and network, and keeps the time between two of them. */
export class SendLimits {
  private readonly perUser: readonly LimiterStore[];
  private readonly perSignInAddress: readonly LimiterStore[];
  private readonly perNewAddress: readonly LimiterStore[];
  private readonly perNetwork: readonly LimiterStore[];
  private readonly pause: LimiterStore;
  private readonly repeats: LimiterStore;

  constructor(create: CreateLimiter, prefix: string, numbers: LimitNumbers) {
    const stores = (name: string, rates: readonly Rate[]) =>
      rates.map(({ points, durationSeconds: duration }) => {
        const keyPrefix = `${prefix}:${name}:${duration}`;
        return new LimiterStore(create, { keyPrefix, points, duration });
      });
    this.perUser = stores('user', numbers.sendsPerUser);
    this.perSignInAddress = stores('to', numbers.sendsPerAddress);
    // Apart from sign-ins: else whoever registers a victim's number would lock the victim out.
    this.perNewAddress = stores('new', numbers.sendsPerAddress);
    this.perNetwork = stores('ip', numbers.sendsPerIp);
    this.pause = new LimiterStore(create, { keyPrefix: `${prefix}:pause`, points: 1, duration: SCHEDULE_SECONDS });
    this.repeats = new LimiterStore(create, {
      keyPrefix: `${prefix}:repeat`,
      points: Number.MAX_SAFE_INTEGER,
      duration: SCHEDULE_SECONDS,
    });
  }

  /**
   * Counts a send everywhere, or nowhere if one counter does not allow it.
   *
   * @param schedule - Seconds to the next send: after the first, after the second, …; the last entry goes on.
   */
  async count(subject: SendSubject, schedule: readonly number[]): Promise<CountedSend | HeldSend> {
    // Where each pause is as long as the first, nobody has to know which one it is.
    const isGrowing = schedule.length > 1;
    const sendsBefore = isGrowing ? await this.sendsBefore(subject) : 0;
    // Whole seconds: Redis takes a part of one for "for ever".
    const pauseSeconds = Math.ceil(schedule[Math.min(sendsBefore, schedule.length - 1)] ?? 0);
    const counters = this.countersOf(subject, pauseSeconds, isGrowing);
    const taken = await Promise.all(
      counters.map(({ store, key, durationSeconds }) => store.take(key, durationSeconds)),
    );

    const allowed = counters.filter((_, index) => taken[index]?.isAllowed);
    const giveBack = async () => void (await Promise.all(allowed.map(putBack)));
    const endPause = async () =>
      void (await Promise.all(allowed.filter(({ heldBy }) => heldBy === 'pause').map(putBack)));
    if (allowed.length === counters.length) return { giveBack, endPause };
    await giveBack();
    const isHeld = (heldBy: HeldSend['heldBy']) => (counter: Counter) =>
      counter.heldBy === heldBy && !allowed.includes(counter);
    const heldBy = counters.some(isHeld('limit')) ? 'limit' : 'pause';
    const waits = counters.flatMap((counter, index) =>
      isHeld(heldBy)(counter) ? [taken[index]?.msBeforeNext ?? 0] : [],
    );
    return { heldBy, retryAfterMs: Math.max(1, ...waits) };
  }

  /** Ends the time between two sends. */
  async endPause(subject: Pick<SendSubject, 'repeat'>): Promise<void> {
    await this.pause.ask((limiter) => limiter.delete(subject.repeat));
  }

  /** Milliseconds until the same code may be sent again; 0 if it may. */
  async pauseMs(subject: Pick<SendSubject, 'repeat'>): Promise<number> {
    return Math.max(0, (await this.pause.ask((limiter) => limiter.get(subject.repeat)))?.msBeforeNext ?? 0);
  }

  private async sendsBefore({ repeat }: SendSubject): Promise<number> {
    return (await this.repeats.ask((limiter) => limiter.get(repeat)))?.consumedPoints ?? 0;
  }

  private countersOf(subject: SendSubject, pauseSeconds: number, isGrowing: boolean): Counter[] {
    const { user, address, repeat, network, isSignIn } = subject;
    const at = (stores: readonly LimiterStore[], key: string): Counter[] =>
      stores.map((store) => ({ store, key, heldBy: 'limit' }));
    return [
      ...at(this.perUser, user),
      ...at(isSignIn ? this.perSignInAddress : this.perNewAddress, address),
      ...(network === undefined ? [] : at(this.perNetwork, network)),
      ...(isGrowing ? at([this.repeats], repeat) : []),
      ...(pauseSeconds > 0
        ? [{ store: this.pause, key: repeat, heldBy: 'pause' as const, durationSeconds: pauseSeconds }]
        : []),
    ];
  }
}

function putBack({ store, key, heldBy }: Counter): Promise<unknown> {
  return store.ask<unknown>((limiter) => (heldBy === 'pause' ? limiter.delete(key) : limiter.reward(key)));
}
