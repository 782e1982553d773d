import type { Request } from 'express';
import type { AccountContext, Setting } from '../common/callback.js';
import type { Context } from '../core/step/context.js';
import { userPropertyOf } from '../request/primary-user.js';
import { SessionEndedError } from '../session/live-session.js';
import type { SessionVerification } from '../session/session-record.js';
import { SessionState } from '../session/session-state.js';

type Done = (error?: unknown) => void;
type LogIn = (this: Request, ...args: unknown[]) => unknown;

/** Settings for the login guard. */
export interface LogInSettings<TUser> {
  readonly name: string;
  readonly userId: Setting<AccountContext<TUser>, string>;
}

/**
 * Guards the session while Passport runs `success`, and the verification in later logins of the same request.
 *
 * Passport ends `success` with `req.logIn`, which regenerates the session and drops the app's data. The user is signed in
 * already, and the strategy has regenerated the ID where necessary. So the first `logIn` of the same user during
 * `success` only sets the user. Every later `logIn` is the app's own and runs the original.
 */
export class LogInGuard<TUser> {
  /** @param user - The user that passes. @param verification - The session's verification at that time. */
  constructor(
    private readonly settings: LogInSettings<TUser>,
    private readonly context: Context<TUser>,
    private readonly user: TUser,
    private readonly verification: SessionVerification | undefined,
  ) {}

  /** Runs `success` with a guarded `req.logIn`. */
  run(success: () => void): void {
    const target = this.context.req as unknown as { logIn?: LogIn; login?: LogIn };
    const original = target.logIn;
    if (!original) {
      success();
      return;
    }
    let isFirst = true;
    const logIn: LogIn = (user, ...rest) => {
      const callback = rest.find((value): value is Done => typeof value === 'function');
      const isDuringSuccess = isFirst;
      isFirst = false;
      if (isDuringSuccess && callback && user === this.user) {
        this.setUser(user);
        return process.nextTick(callback);
      }
      const options = rest.filter((value) => typeof value === 'object' && value !== null);
      const runOriginal = () => Promise.resolve(callOriginal(original, this.context.req, [user, ...options], callback));
      const done = isDuringSuccess ? this.logInDuringSuccess(user, runOriginal) : this.logInByApp(user, runOriginal);
      return callback ? void settleCallback(done, callback) : done;
    };
    target.logIn = logIn;
    target.login = logIn;
    try {
      success();
    } finally {
      isFirst = false;
    }
  }

  private async logInDuringSuccess(user: unknown, runOriginal: () => Promise<void>): Promise<void> {
    if (await this.isSameUser(user)) this.setUser(user);
    else await this.logInByApp(user, runOriginal);
  }

  /** Sets the user of the request. */
  setUser(user: unknown): void {
    const { req } = this.context;
    (req as unknown as Record<string, unknown>)[userPropertyOf(req)] = user;
  }

  /** The session has a new ID afterwards: the verification follows its user, and no one else. */
  private async logInByApp(user: unknown, runOriginal: () => Promise<void>): Promise<void> {
    const isSame = await this.isSameUser(user);
    const isKept = isSame && (!this.verification || (await this.isSessionLive()));
    await runOriginal();
    const { req, userId } = this.context;
    const session = SessionState.open(req, this.settings.name, userId);
    if (!isKept) session.clear();
    else if (this.verification) session.rebind(this.verification);
  }

  private async isSessionLive(): Promise<boolean> {
    try {
      await this.context.session.assertLive();
      return true;
    } catch (error) {
      if (error instanceof SessionEndedError) return false;
      throw error;
    }
  }

  private async isSameUser(other: unknown): Promise<boolean> {
    const { req, userId } = this.context;
    return other === this.user || (await this.settings.userId({ user: other as TUser, req })) === userId;
  }
}

/** Passport 0.7 needs a callback, and Fastify's `logIn` returns a promise. */
function callOriginal(original: LogIn, req: Request, args: unknown[], callback: Done | undefined): Promise<void> {
  if (!callback) return Promise.resolve(original.apply(req, args)).then(() => undefined);
  return new Promise((resolve, reject) => {
    original.call(req, ...args, (error?: unknown) => (error ? reject(error) : resolve()));
  });
}

/** Errors of the callback aren't ours to handle: rethrow them outside the promise, as Passport does. */
function settleCallback(done: Promise<void>, callback: Done): void {
  done.then(
    () => process.nextTick(callback),
    (error) => process.nextTick(callback, error),
  );
}
