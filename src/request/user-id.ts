import type { Request } from 'express';
import type { MaybePromise, Setting, UserContext } from '../common/callback.js';
import { watchIfAny } from './session-watch.js';

/** Settings for identifying a user. */
export interface UserIdSettings<TUser> {
  /** Name of the strategy. */
  readonly name: string;
  readonly userId: Setting<UserContext<TUser>, string>;
}

/** Returns the ID of the request's user: the one that `session()` read, if it was the same user. */
export function userIdOf<TUser>(
  { name, userId }: UserIdSettings<TUser>,
  req: Request,
  user: TUser,
): MaybePromise<string> {
  const watched = watchIfAny(req, name)?.user;
  return watched?.userId !== undefined && watched.user === user ? watched.userId : userId({ user, req });
}
