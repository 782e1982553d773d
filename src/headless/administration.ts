import type { Request } from 'express';
import type { AccountOverview, Accounts, LockedUntil } from '../core/account/accounts.js';
import type { Subject } from '../core/step/context.js';
import { createSubject, type RequestSettings } from '../request/create-context.js';
import type { RequestLike } from './results.js';

/** Who acts on an account, and why. Both go into the audit record. */
export interface AdminOptions {
  /** Identifies the administrator, for example by ID. */
  readonly actor: string;
  /** Reason, for example the number of the support case. */
  readonly reason: string;
  /** Request of the administrator, for callbacks and events. */
  readonly req?: RequestLike;
}

/**
 * Methods for administrators: `twoFactor.admin`. Each takes the user as `req.user` would be. Call them from routes that
 * only administrators reach.
 */
export interface Administration<TUser> {
  /** Returns the user's factors, with masked addresses. @throws TwilioVerifyError `ERR_TWILIO_VERIFY_STORE` */
  overview(user: TUser): Promise<AccountOverview>;
  /**
   * Removes the user's recovery codes, remembered devices, and lockout. Doesn't change the phone number and doesn't end
   * sessions.
   *
   * @throws TypeError without `actor` and `reason`
   * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_STORE`
   */
  reset(user: TUser, options: AdminOptions): Promise<void>;
  /**
   * Forgets the user's remembered devices, and returns their number. Call it as well when your app removes one of the
   * user's factors.
   *
   * @throws TypeError without `actor` and `reason`
   * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_STORE`
   */
  forgetDevices(user: TUser, options: AdminOptions): Promise<number>;
  /** Ends a lockout and forgets the user's wrong codes. @throws TypeError without `actor` and `reason` */
  unlock(user: TUser, options: AdminOptions): Promise<void>;
  /** Returns when a lockout ends; `'unlock'` if only {@link Administration.unlock} ends it, `null` if there is none. */
  lockedUntil(user: TUser): Promise<LockedUntil>;
}

/** Creates `twoFactor.admin`. */
export function createAdministration<TUser>(
  settings: RequestSettings<TUser>,
  accounts: Accounts<TUser>,
): Administration<TUser> {
  const subjectOf = (call: string, user: TUser, req?: RequestLike): Promise<Subject<TUser>> => {
    if (user !== undefined && user !== null) return createSubject(settings, req as Request | undefined, user);
    throw new TypeError(`admin.${call}() needs the user, as req.user would be. Load the user by ID first.`);
  };
  return {
    async overview(user) {
      return accounts.overview(await subjectOf('overview', user));
    },
    async reset(user, options) {
      const action = actionOf('reset', options);
      await accounts.reset(await subjectOf('reset', user, options.req), action);
    },
    async forgetDevices(user, options) {
      const action = actionOf('forgetDevices', options);
      return accounts.forgetDevices(await subjectOf('forgetDevices', user, options.req), action);
    },
    async unlock(user, options) {
      const action = actionOf('unlock', options);
      await accounts.unlock(await subjectOf('unlock', user, options.req), action);
    },
    async lockedUntil(user) {
      return accounts.lockedUntil(await subjectOf('lockedUntil', user));
    },
  };
}

/** An audit record without an actor or a reason is useless later. */
function actionOf(call: string, options: AdminOptions | undefined): { actor: string; reason: string } {
  const { actor, reason } = options ?? {};
  if (isFilled(actor) && isFilled(reason)) return { actor, reason };
  throw new TypeError(`admin.${call}(user, { actor, reason }) needs two strings that are not empty`);
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
