import type { Request } from 'express';
import type { Context } from './context.js';
import { type Refusal, refuse, type VerificationInfo } from './outcome.js';
import type { Settings } from './settings.js';

/**
 * Ends the `verify` callback, as in every strategy: `done(error)` for a fault, `done(null, false, info)` to refuse,
 * `done(null, user)` to agree. Agreeing to a user with another id than the one who proved the phone is refused.
 */
export type VerifyDone<TUser> = (error: unknown, user?: TUser | false | null, info?: unknown) => void;

/** Asked after a right code, before the session is marked. */
export type VerifyCallback<TUser> = (user: TUser, info: VerificationInfo, done: VerifyDone<TUser>) => unknown;

/** {@link VerifyCallback} with `passReqToCallback: true`. */
export type VerifyCallbackWithRequest<TUser> = (
  req: Request,
  user: TUser,
  info: VerificationInfo,
  done: VerifyDone<TUser>,
) => unknown;

type Answer<TUser> = { readonly user: TUser | false; readonly info?: unknown };

/** Asks the application's `verify` callback, if there is one. */
export class VerifyCaller<TUser> {
  constructor(
    private readonly settings: Settings<TUser>,
    private readonly verify: VerifyCallback<TUser> | VerifyCallbackWithRequest<TUser> | undefined,
  ) {}

  /** The user it agrees to, or its refusal. Rejects with what the callback throws, rejects with or gives as error. */
  async ask(
    context: Context<TUser>,
    info: VerificationInfo,
  ): Promise<{ readonly type: 'agreed'; readonly user: TUser } | Refusal> {
    if (!this.verify) return { type: 'agreed', user: context.user };
    const answer = await this.call(context, info);
    if (answer.user === false) {
      return refuse('refused_by_app', { ...messageOf(answer.info), info: answer.info });
    }
    const userId = await this.settings.userId({ user: answer.user, req: context.req });
    if (userId !== context.userId) return refuse('refused_by_app');
    return { type: 'agreed', user: answer.user };
  }

  private call(context: Context<TUser>, info: VerificationInfo): Promise<Answer<TUser>> {
    // The first of `done`, a throw and a rejection settles it. What an async callback returns is not an answer: Nest's
    // calls `done` and returns a promise.
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
