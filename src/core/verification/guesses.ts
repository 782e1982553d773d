import { type Refusal, refuse } from '../../common/outcome.js';
import type { Limits } from '../../limits/limits.js';
import type { CountedGuess } from '../../limits/lockout.js';
import type { EventReporter } from '../events/event-reporter.js';
import type { Context } from '../step/context.js';

/** Counts guesses at codes of every kind in one counter per user, and refuses them while the user is locked out. */
export class Guesses<TUser> {
  constructor(
    private readonly limits: Limits,
    private readonly reporter: EventReporter<TUser>,
    private readonly now: () => number,
  ) {}

  /** Counts a guess before the code is checked. */
  async count(context: Context<TUser>): Promise<CountedGuess | Refusal> {
    const guess = await this.limits.countGuess(context.userId);
    return guess.type === 'locked' ? this.locked(context, guess.lockedUntil) : guess;
  }

  /** The refusal after the guess that locked the user out. Notifies the user by another channel. */
  async lockedNow(context: Context<TUser>): Promise<Refusal> {
    const refusal = this.locked(context, await this.limits.lockedUntil(context.userId));
    this.reporter.lockedOut(context, refusal);
    return refusal;
  }

  private locked(context: Context<TUser>, lockedUntil: number | undefined): Refusal {
    const ms = (lockedUntil ?? 0) - this.now();
    const refusal = refuse('locked', { retryAfterSeconds: Math.max(1, Math.ceil(ms / 1000)) });
    this.reporter.rateLimited(context, refusal);
    return refusal;
  }
}
