import type { MaybePromise, UserContext } from '../../common/callback.js';
import { type Refusal, refuse } from '../../common/outcome.js';
import type { Context } from '../step/context.js';
import { CHANGE_MAX_AGE_SECONDS, isFresh, isRecent } from '../step/max-age.js';
import type { RecentLogin } from '../step/recent-login.js';
import { runStep } from '../step/run-step.js';

/** Settings for ending other sessions. */
export interface OtherSessionsSettings<TUser> {
  readonly clock: () => number;
  readonly maxAgeSeconds: number;
  readonly endOtherSessions: ((context: UserContext<TUser>) => MaybePromise<unknown>) | undefined;
}

/** Ends the other sessions of a user, by the app's callback. */
export class OtherSessions<TUser> {
  constructor(
    private readonly settings: OtherSessionsSettings<TUser>,
    private readonly logins: RecentLogin<TUser>,
  ) {}

  /** Whether the app can end sessions. */
  get isOn(): boolean {
    return this.settings.endOtherSessions !== undefined;
  }

  /** Whether the app can end sessions, and this session has just changed the number. */
  isOffered({ session }: Context<TUser>): boolean {
    return this.isOn && this.hasChanged(session.verification?.changedAt);
  }

  /**
   * Ends the other sessions of a user who proved a real factor, or changed the number, in the last 5 minutes. Rejects
   * with the error of the app's callback.
   *
   * @throws TypeError without the option `endOtherSessions`
   */
  end(context: Context<TUser>): Promise<Refusal | undefined> {
    return runStep('endOtherSessions', context, async () => {
      const { clock, maxAgeSeconds, endOtherSessions } = this.settings;
      if (!endOtherSessions) {
        throw new TypeError(
          'TwilioVerifyStrategy: endOtherSessions() needs the option "endOtherSessions". Add a callback that ends the ' +
            "user's other sessions: endOtherSessions: ({ user, req }) => sessions.endAllExcept(user.id, req.sessionID)",
        );
      }
      const { verification } = context.session;
      const now = clock();
      if (!isRecent(verification, now, maxAgeSeconds)) return refuse('verification_required');
      if (!this.hasChanged(verification.changedAt)) {
        const login = await this.logins.refusal(context);
        if (login) return login;
        if (!isFresh(verification, now, maxAgeSeconds)) return refuse('verification_required');
      }
      const { user, req } = context;
      await context.session.assertLive();
      await endOtherSessions({ user, req });
      return undefined;
    });
  }

  private hasChanged(changedAt: number | undefined): boolean {
    return changedAt !== undefined && this.settings.clock() - changedAt < CHANGE_MAX_AGE_SECONDS * 1000;
  }
}
