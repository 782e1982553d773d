import type { Request } from 'express';
import type { MaybePromise, Setting, UserContext } from '../common/callback.js';
import type { Watch } from './session-watch.js';

/** Settings for identifying a user. */
export interface UserIdSettings<TUser> {
  /** Name of the strategy. */
  readonly name: string;
  readonly userId: Setting<UserContext<TUser>, string>;
}

/** Returns the ID of the request's user: the one that `session()` read, if it was the same user. */
export function userIdOf<TUser>(
  { userId }: UserIdSettings<TUser>,
  req: Request,
  user: TUser,
  watch: Watch | undefined,
): MaybePromise<string> {
  const watched = watch?.user;
  const known = watched?.user === user && watched?.setting === userId ? watched?.userId : undefined;
  return known ?? userId({ user, req });
}
