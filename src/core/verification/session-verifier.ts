import type { Address } from '../../common/address.js';
import type { MaybePromise, Setting, UserContext } from '../../common/callback.js';
import { isRealFactor, type VerifiedBy } from '../../common/methods.js';
import type { Refusal, VerificationInfo } from '../../common/outcome.js';
import { NEW_STAMP_MS, stampDigest } from '../../session/security-stamp.js';
import type { Notice, SessionVerification } from '../../session/session-record.js';
import type { EventReporter } from '../events/event-reporter.js';
import type { StoredFactors } from '../factors/stored-factors.js';
import type { Context } from '../step/context.js';
import type { Agreement, VerifyCaller } from './verify-callback.js';

/** Settings for verifying sessions. */
export interface VerifierSettings<TUser> {
  readonly clock: () => number;
  readonly securityStamp: Setting<UserContext<TUser>, string | undefined> | undefined;
  readonly endOtherSessions: ((context: UserContext<TUser>) => MaybePromise<unknown>) | undefined;
  readonly recoveryCodes: { readonly isRequired: boolean } | undefined;
}

/** Details of one verification. */
export interface VerificationOptions {
  /** Recipient of the code, if one was sent. */
  readonly address?: Address;
  /** Message for the next page. */
  readonly notice?: Notice | undefined;
  /** Set if the app stored a new number before. */
  readonly storedFor?: 'register' | 'change' | undefined;
}

/**
 * Verifies sessions, for every factor: first {@link SessionVerifier.agree} calls the app, then
 * {@link SessionVerifier.complete} changes the session.
 */
export class SessionVerifier<TUser> {
  constructor(
    private readonly settings: VerifierSettings<TUser>,
    private readonly reporter: EventReporter<TUser>,
    private readonly verify: VerifyCaller<TUser>,
    private readonly factors: StoredFactors<TUser>,
  ) {}

  /** Whether {@link SessionVerifier.agree} asks the app, and so takes time. */
  get asksApp(): boolean {
    return this.verify.isGiven;
  }

  /**
   * Calls the app's `verify` callback. Returns its refusal, or the agreement that {@link SessionVerifier.complete}
   * needs.
   */
  agree(context: Context<TUser>, info: VerificationInfo): Promise<Agreement<TUser> | Refusal> {
    return this.verify.call(context, info);
  }

  /** Verifies the session, and reports the event `verificationApproved`. */
  async complete(
    context: Context<TUser>,
    agreement: Agreement<TUser>,
    { address, notice, storedFor }: VerificationOptions = {},
  ): Promise<void> {
    const { session } = context;
    const now = this.settings.clock();
    // A changed number proves possession of the new phone only, so the verification keeps its factor and its age.
    const before = storedFor === 'change' ? session.verification : undefined;
    const { by, at, needsCodes } = before ?? (await this.newVerification(context, agreement.info.by, now));
    await session.complete({ by, at, ...(needsCodes ? { needsCodes } : {}), ...this.fieldsOf(storedFor, now) }, notice);
    this.reporter.approved(context, agreement.info, address);
  }

  /** Whether the security stamp is still the one of the beginning of this request. */
  async hasSameStamp({ user, req, userId, session }: Context<TUser>): Promise<boolean> {
    const stamp = await this.settings.securityStamp?.({ user, req });
    return session.stamp === stampDigest(userId, stamp);
  }

  /** Fields that a stored number adds to the verification, for the options that the app has set. */
  private fieldsOf(
    storedFor: 'register' | 'change' | undefined,
    now: number,
  ): Pick<SessionVerification, 'newStampUntil' | 'changedAt'> {
    const { securityStamp, endOtherSessions } = this.settings;
    return {
      ...(storedFor && securityStamp ? { newStampUntil: now + NEW_STAMP_MS } : {}),
      ...(storedFor === 'change' && endOtherSessions ? { changedAt: now } : {}),
    };
  }

  private async newVerification(
    context: Context<TUser>,
    by: VerifiedBy,
    at: number,
  ): Promise<Pick<SessionVerification, 'by' | 'at' | 'needsCodes'>> {
    return (await this.needsCodes(context, by)) ? { by, at, needsCodes: true } : { by, at };
  }

  /** Whether the user must get recovery codes first. A store that can't be read keeps no one out. */
  private async needsCodes(context: Context<TUser>, by: VerifiedBy): Promise<boolean> {
    if (!this.settings.recoveryCodes?.isRequired || !isRealFactor(by)) return false;
    return this.factors.ifAvailable(
      async () => !(await this.factors.hasRecoveryCodes(context)),
      () => false,
    );
  }
}
