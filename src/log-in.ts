import type { Request } from 'express';
import { chain, type MaybePromise } from './maybe-promise.js';
import { userPropertyOf } from './request-context.js';

type Done = (error?: unknown) => void;
type LogIn = (this: Request, ...args: unknown[]) => unknown;

/** What happens to the second step when the application logs somebody in. */
export interface LogInHooks {
  /** Whether this is the user that the strategy has just let through. */
  isSameUser(user: unknown): MaybePromise<boolean>;
  /** The application has logged the same user in again, and the session has another id. */
  keep(): void;
  /** The application has logged another user in. */
  drop(): void;
}

/**
 * Runs `success` so that Passport's own log-in leaves the session alone.
 *
 * Passport ends `success` with `req.logIn`, which regenerates the session and drops all that the application keeps in
 * it; the user is logged in already, and the strategy has rotated the id itself where that was due. So the first log-in
 * of the same user while `success` runs only sets the user. Every later one is the application's, and runs the original.
 */
export function withQuietLogIn(req: Request, hooks: LogInHooks, success: () => void): void {
  const target = req as unknown as { logIn?: LogIn; login?: LogIn };
  const original = target.logIn;
  if (!original) {
    success();
    return;
  }
  let isQuiet = true;

  const logIn: LogIn = (user, ...rest) => {
    const callback = rest.find((value): value is Done => typeof value === 'function');
    if (!isQuiet) return run(user, rest, callback);
    isQuiet = false;
    return chain(hooks.isSameUser(user), (isSame) => {
      if (!isSame) return run(user, rest, callback);
      (req as unknown as Record<string, unknown>)[userPropertyOf(req)] = user;
      return callback ? void callback() : Promise.resolve();
    });
  };

  const run = (user: unknown, rest: unknown[], callback: Done | undefined): unknown => {
    const options = rest.filter((value) => typeof value === 'object' && value !== null);
    const follow = () => chain(hooks.isSameUser(user), (isSame) => (isSame ? hooks.keep() : hooks.drop()));
    if (!callback) {
      return Promise.resolve(original.call(req, user, ...options)).then(follow);
    }
    const done: Done = (error) => {
      if (error) return callback(error);
      chain(follow(), () => callback());
    };
    return original.call(req, user, ...options, done);
  };

  target.logIn = logIn;
  target.login = logIn;
  try {
    success();
  } finally {
    isQuiet = false;
  }
}
