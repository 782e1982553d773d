import type { Request } from 'express';
import type { MaybePromise, Setting, UserContext } from '../common/callback.js';

type UserIdSetting<TUser> = Setting<UserContext<TUser>, string>;

/** Property of a request with the ID of its user. A `WeakMap` is slower: see `session-watch.ts`. */
const KNOWN = Symbol('passport-twilio-verify: user ID');

interface KnownRequest {
  [KNOWN]?: { readonly setting: unknown; readonly user: unknown; readonly userId: string };
}

/** Returns the ID of the request's user. */
export function userIdOf<TUser>(setting: UserIdSetting<TUser>, req: Request, user: TUser): MaybePromise<string> {
  const known = (req as KnownRequest)[KNOWN];
  return known?.setting === setting && known.user === user ? known.userId : setting({ user, req });
}

/** Keeps a user's ID for the rest of the request, because `session()` and a protected route both need it. */
export function rememberUserId<TUser>(setting: UserIdSetting<TUser>, req: Request, user: TUser, userId: string): void {
  (req as KnownRequest)[KNOWN] = { setting, user, userId };
}
