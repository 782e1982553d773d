import type { Setting, UserContext } from '../../common/callback.js';
import { type Refusal, refuse } from '../../common/outcome.js';
import type { Context } from './context.js';

/** Maximum age of the first step for changes of factors. */
const LOGIN_MAX_AGE_MS = 15 * 60 * 1000;

/** A server that sets the time of the login can be ahead of this one. */
const CLOCK_SKEW_MS = 60 * 1000;

/** Settings for the time of the first step. */
export interface RecentLoginSettings<TUser> {
  readonly clock: () => number;
  /** When the user passed the first step; `undefined` if the app doesn't say. */
  readonly lastLoginAt: Setting<UserContext<TUser>, unknown> | undefined;
}

/** Asks for the first step again before users change their factors, if the app says when they passed it. */
export class RecentLogin<TUser> {
  constructor(private readonly settings: RecentLoginSettings<TUser>) {}

  /** Why the user must sign in again; `undefined` if the first step was passed in the last 15 minutes. */
  async refusal({ user, req }: Context<TUser>): Promise<Refusal | undefined> {
    const { lastLoginAt, clock } = this.settings;
    if (!lastLoginAt) return undefined;
    const given = await lastLoginAt({ user, req });
    const time = given instanceof Date ? given.getTime() : given;
    // An unreadable time counts as long ago.
    if (typeof time !== 'number' || !Number.isFinite(time)) return refuse('login_required');
    const age = clock() - time;
    return age >= -CLOCK_SKEW_MS && age <= LOGIN_MAX_AGE_MS ? undefined : refuse('login_required');
  }
}
