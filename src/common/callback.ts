import type { Request } from 'express';
import type { Purpose } from './outcome.js';

/** A value, or a promise of it. */
export type MaybePromise<T> = T | PromiseLike<T>;

/** Argument of every callback. */
export interface UserContext<TUser> {
  readonly user: TUser;
  /** The request being handled. */
  readonly req: Request;
}

/** Argument of callbacks that `twoFactor.admin` also calls, where there may be no request. */
export interface AccountContext<TUser> {
  readonly user: TUser;
  /** The request being handled; `undefined` if an administrator acts without one. */
  readonly req: Request | undefined;
}

/** Argument of callbacks whose result can depend on the purpose of a code. */
export interface PurposeContext<TUser> extends UserContext<TUser> {
  readonly purpose: Purpose;
}

/** An option that your app implements. It can be async. Return `undefined` or `null` to use the default. */
export type Callback<TContext, T> = (context: TContext) => MaybePromise<T | null | undefined>;

/** An option that is either a value or a callback that returns one. */
export type ValueOrCallback<TContext, T> = T | Callback<TContext, T>;

/** A resolved option: returns the value, the result of the callback, or the default. */
export type Setting<TContext, T> = (context: TContext) => MaybePromise<T>;
