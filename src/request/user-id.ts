import type { Request } from 'express';
import type { Setting, UserContext } from '../common/callback.js';

type UserIdSetting<TUser> = Setting<UserContext<TUser>, string>;

interface Known {
  readonly setting: unknown;
  readonly user: unknown;
  readonly userId: string;
}

const known = new WeakMap<object, Known>();

/** Returns the ID of the request's user. */
export async function userIdOf<TUser>(setting: UserIdSetting<TUser>, req: Request, user: TUser): Promise<string> {
  const before = known.get(req);
  return before?.setting === setting && before.user === user ? before.userId : setting({ user, req });
}

/** Keeps a user's ID for the rest of the request, because `session()` and a protected route both need it. */
export function rememberUserId<TUser>(setting: UserIdSetting<TUser>, req: Request, user: TUser, userId: string): void {
  known.set(req, { setting, user, userId });
}
