/** What Passport puts on a strategy for the length of one `authenticate`. Exactly one of them ends it. */
export interface PassportActions {
  success(user: unknown, info?: unknown): void;
  fail(challenge?: object, status?: number): void;
  redirect(url: string, status?: number): void;
  error(error: unknown): void;
}

// Typed here, so that nobody needs `@types/passport-strategy` to compile our declarations.
export const PassportStrategy = require('passport-strategy') as new () => object;

/**
 * The actions of this request. Passport shares a strategy that is passed as an instance between all requests, and gives
 * it other actions with each: they must be taken before anything is awaited, or one request would answer another's.
 */
export function actionsOf(strategy: object): PassportActions {
  const { success, fail, redirect, error } = strategy as PassportActions;
  return { success, fail, redirect, error };
}
