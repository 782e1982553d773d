import type { Setting, UserContext } from '../../common/callback.js';
import { isRealFactor } from '../../common/methods.js';
import type { SessionVerification } from '../../session/session-record.js';
import type { DeliveryOptionsFinder } from '../factors/delivery-options.js';
import type { Context } from '../step/context.js';
import { isRecent } from '../step/max-age.js';

/** Why a user passes without a code. */
export type PassReason = 'verified' | 'skipped' | 'not_required';

/** Settings that decide who needs to verify. */
export interface AccessSettings<TUser> {
  readonly clock: () => number;
  readonly maxAgeSeconds: number;
  readonly isRequired: Setting<UserContext<TUser>, boolean>;
  readonly registerOptional: Setting<UserContext<TUser>, boolean>;
  readonly allowChange: Setting<UserContext<TUser>, boolean>;
  readonly recoveryCodes: { readonly isRequired: boolean } | undefined;
}

/** Decides whether a verification counts, and whether a user passes without one. */
export class Access<TUser> {
  constructor(
    private readonly settings: AccessSettings<TUser>,
    private readonly delivery: DeliveryOptionsFinder<TUser>,
  ) {}

  /**
   * Whether a verification counts: it is more recent than the option `maxAgeSeconds`.
   *
   * @param maxAgeSeconds - Maximum age on a route. Only a real factor counts there.
   */
  isVerified(verification: SessionVerification | undefined, maxAgeSeconds?: number): boolean {
    const { clock, maxAgeSeconds: longest } = this.settings;
    if (!isRecent(verification, clock(), Math.min(maxAgeSeconds ?? longest, longest))) return false;
    return maxAgeSeconds === undefined || isRealFactor(verification.by);
  }

  /** Whether a recovery code is of use. After a remembered device, it allows to change the number of a lost phone. */
  async canUseRecoveryCode(context: Context<TUser>): Promise<boolean> {
    const { verification } = context.session;
    if (!this.isVerified(verification)) return true;
    return verification?.by === 'device' && (await this.settings.allowChange(context));
  }

  /** Whether the user must create recovery codes before the verification counts. */
  needsRecoveryCodes({ session }: Context<TUser>): boolean {
    return this.settings.recoveryCodes?.isRequired === true && session.verification?.needsCodes === true;
  }

  /**
   * Why the user passes without a code; `undefined` if the user must verify. A skipped registration doesn't count if the
   * route asks for a recent verification.
   */
  async passReason(
    context: Context<TUser>,
    maxAgeSeconds?: number,
    verification = context.session.verification,
  ): Promise<PassReason | undefined> {
    const isVerified = this.isVerified(verification, maxAgeSeconds);
    if (isVerified && !this.needsRecoveryCodes(context)) return 'verified';
    if (maxAgeSeconds === undefined && (await this.isSkipped(context))) return 'skipped';
    return (await this.settings.isRequired(context)) ? undefined : 'not_required';
  }

  /** Whether this user must verify. */
  async isRequired(context: Context<TUser>): Promise<boolean> {
    return this.settings.isRequired(context);
  }

  /**
   * Whether registration was skipped in this session. It doesn't count once the user must register, or once the user has
   * a factor: an address, readable or not, or a recovery code.
   */
  async isSkipped(context: Context<TUser>): Promise<boolean> {
    if (!context.session.isSkipped || !(await this.settings.registerOptional(context))) return false;
    return this.delivery.hasNoFactor(context);
  }
}
