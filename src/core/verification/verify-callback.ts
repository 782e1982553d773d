import type { Request } from 'express';
import type { AccountContext, Setting } from '../../common/callback.js';
import { type Refusal, refuse, type VerificationInfo } from '../../common/outcome.js';
import type { Context } from '../step/context.js';

/**
 * Ends the `verify` callback, as in every strategy: `done(error)` for an error, `done(null, false, info)` to refuse,
 * `done(null, user)` to agree. The strategy refuses a user whose ID differs from that of the user who entered the code.
 */
export type VerifyDone<TUser> = (error: unknown, user?: TUser | false | null, info?: unknown) => void;

/** Called before each verification of a session, including a change of the number. */
export type VerifyCallback<TUser> = (user: TUser, info: VerificationInfo, done: VerifyDone<TUser>) => unknown;

/** {@link VerifyCallback} with `passReqToCallback: true`. */
export type VerifyCallbackWithRequest<TUser> = (
  req: Request,
  user: TUser,
  info: VerificationInfo,
  done: VerifyDone<TUser>,
) => unknown;

/** Settings for the `verify` callback. */
export interface VerifySettings<TUser> {
  readonly passReqToCallback: boolean;
  readonly userId: Setting<AccountContext<TUser>, string>;
}

/** The app's consent to verify a session. Only {@link VerifyCaller.call} creates one. */
export interface Agreement<TUser> {
  readonly type: 'agreed';
  /** The user that the app's `verify` callback returned. */
  readonly user: TUser;
  readonly info: VerificationInfo;
}

type Answer<TUser> = { readonly user: TUser | false; readonly info?: unknown };

/** Calls the app's `verify` callback, if there is one. */
export class VerifyCaller<TUser> {
  constructor(
    private readonly settings: VerifySettings<TUser>,
    private readonly verify: VerifyCallback<TUser> | VerifyCallbackWithRequest<TUser> | undefined,
  ) {
    if (verify !== undefined && typeof verify !== 'function') {
      throw new TypeError('TwilioVerifyStrategy: the second argument, "verify", must be a function');
    }
  }

  /** Whether the app has the callback. */
  get isGiven(): boolean {
    return this.verify !== undefined;
  }

  /** Returns the user that the callback agrees to, or its refusal. Rejects with the callback's error. */
  async call(context: Context<TUser>, info: VerificationInfo): Promise<Agreement<TUser> | Refusal> {
    if (!this.verify) return { type: 'agreed', user: context.user, info };
    const answer = await this.run(context, info);
    if (answer.user === false) {
      return refuse('refused_by_app', { ...messageOf(answer.info), info: answer.info });
    }
    const userId = await this.settings.userId({ user: answer.user, req: context.req });
    if (userId !== context.userId) return refuse('refused_by_app');
    return { type: 'agreed', user: answer.user, info };
  }

  private run(context: Context<TUser>, info: VerificationInfo): Promise<Answer<TUser>> {
    // The first of `done`, a throw, and a rejection counts. Ignore what an async callback returns: Nest's callback calls
    // `done` and returns a promise.
    return new Promise((resolve, reject) => {
      const done: VerifyDone<TUser> = (error, user, given) => {
        if (error) reject(error instanceof Error ? error : new Error(String(error)));
        else resolve({ user: user || false, info: given });
      };
      const returned = this.settings.passReqToCallback
        ? (this.verify as VerifyCallbackWithRequest<TUser>)(context.req, context.user, info, done)
        : (this.verify as VerifyCallback<TUser>)(context.user, info, done);
      Promise.resolve(returned).catch(reject);
    });
  }
}

function messageOf(info: unknown): { message?: string } {
  if (typeof info === 'string') return { message: info };
  const message = typeof info === 'object' && info !== null && 'message' in info ? info.message : undefined;
  return typeof message === 'string' ? { message } : {};
}
