/** Methods that Passport adds to a strategy for one `authenticate` call. Exactly one of them ends it. */
export interface PassportActions {
  success(user: unknown, info?: unknown): void;
  fail(challenge?: object, status?: number): void;
  redirect(url: string, status?: number): void;
  error(error: unknown): void;
}

/** Base class of every strategy. Typed here, so that our declarations compile without `@types/passport-strategy`. */
export const PassportStrategy = require('passport-strategy') as new () => object;

/**
 * The actions of the current request. Passport shares a strategy that is passed as an instance between all requests and
 * replaces its actions each time. Read them before any `await`, or one request answers another.
 */
export function actionsOf(strategy: object): PassportActions {
  const { success, fail, redirect, error } = strategy as PassportActions;
  return { success, fail, redirect, error };
}

/** Reports a custom callback that threw while it handled an error: no one else can. */
export function warnAboutThrow(thrown: unknown): void {
  const what = thrown instanceof Error ? thrown.stack : 'something that is not an Error';
  process.emitWarning(
    'A callback of passport.authenticate threw while it handled an error, so the request has no response. ' +
      `Start the callback with: if (error) return next(error); ${what}`,
    { code: 'TWILIO_VERIFY_CALLBACK' },
  );
}
