import { type RecoveryOutcome, type Refusal, refuse, type UsedBefore } from '../../common/outcome.js';
import type { Limits } from '../../limits/limits.js';
import type { DeviceRecord } from '../../store/factor-record.js';
import { withoutDevices } from '../devices/remembered-devices.js';
import type { EventReporter } from '../events/event-reporter.js';
import type { StoredFactors } from '../factors/stored-factors.js';
import type { Context } from '../step/context.js';
import type { Access } from '../verification/access.js';
import type { Guesses } from '../verification/guesses.js';
import type { SessionVerifier } from '../verification/session-verifier.js';
import { SharedSubmits } from '../verification/shared-submits.js';
import { findRecoveryCode, readRecoveryCode, withoutCode } from './recovery-code.js';

/** Settings for recovery codes. */
export interface RecoverySettings {
  readonly clock: () => number;
  readonly maxAgeSeconds: number;
  /** `undefined` if recovery codes are off. */
  readonly recoveryCodes: { readonly count: number; readonly isRequired: boolean } | undefined;
}

/** Result of using a code up, or why the code can't be used. */
type Use = Used | { readonly type: 'wrong' } | { readonly type: 'failed' };

interface Used {
  readonly type: 'used';
  /** Unused codes. */
  readonly left: number;
  /** Devices that are no longer remembered: the phone may be lost together with one. */
  readonly forgotten: readonly DeviceRecord[];
}

/** A code, and the session that it was submitted in. */
interface Submit {
  readonly userId: string;
  readonly code: string;
  readonly sessionId: string | undefined;
}

const INFO = { by: 'recovery' } as const;
const USED_BEFORE: UsedBefore = { type: 'usedBefore' };

/** Verifies sessions with recovery codes. */
export class RecoverySignIn<TUser> {
  private readonly submits = new SharedSubmits<RecoveryOutcome<TUser>>(({ type }) => type === 'recovered');

  constructor(
    private readonly settings: RecoverySettings,
    private readonly access: Access<TUser>,
    private readonly factors: StoredFactors<TUser>,
    private readonly guesses: Guesses<TUser>,
    private readonly limits: Limits,
    private readonly reporter: EventReporter<TUser>,
    private readonly verifier: SessionVerifier<TUser>,
  ) {}

  /** Checks a recovery code, and verifies the session if it is correct. A correct code is used up first. */
  async check(context: Context<TUser>, typed: string): Promise<RecoveryOutcome<TUser>> {
    const { session, userId } = context;
    if (!this.settings.recoveryCodes) return refuse('recovery_unavailable');
    if (!(await this.access.canUseRecoveryCode(context))) return { type: 'alreadyVerified' };
    const code = readRecoveryCode(typed);
    if (code === undefined) return refuse('code_malformed', { about: 'recovery' });

    // A form that was submitted twice shares one check: the first one uses the code up.
    return (await this.submits.run(session, [userId, code], () => this.checkCode(context, code))) ?? USED_BEFORE;
  }

  /** Whether another request verified this session with the same code. */
  async wasUsed(context: Context<TUser>, typed: string): Promise<boolean> {
    const code = readRecoveryCode(typed);
    return code !== undefined && this.isUsed({ userId: context.userId, code, sessionId: context.session.id });
  }

  private async isUsed(submit: Submit): Promise<boolean> {
    const { sessionId } = submit;
    return sessionId !== undefined && this.limits.isUsed(issuerOf(submit), submit.code, sessionId);
  }

  private async checkCode(context: Context<TUser>, code: string): Promise<RecoveryOutcome<TUser>> {
    // The session has a new ID afterwards.
    const submit: Submit = { userId: context.userId, code, sessionId: context.session.id };
    const guess = await this.guesses.count(context);
    if (guess.type === 'refused') return guess;
    let use: Use = { type: 'failed' };
    try {
      use = await this.factors.ifAvailable<Use>(
        () => this.useUp(context, code),
        () => ({ type: 'failed' }),
      );
    } finally {
      if (use.type === 'failed') await guess.giveBack();
    }
    switch (use.type) {
      case 'failed':
        return refuse('recovery_unavailable');
      case 'wrong':
        if (await this.isUsed(submit)) {
          await guess.giveBack();
          return USED_BEFORE;
        }
        return this.wrong(context, guess.left);
      case 'used':
        return this.verifySession(context, submit, use);
    }
  }

  /** Removes a code from the set. Only the request whose write wins has used it. */
  private useUp(context: Context<TUser>, code: string): Promise<Use> {
    return this.factors.update<Use>(context, async (record) => {
      const { recoveryCodes } = record;
      const index = recoveryCodes && (await findRecoveryCode(recoveryCodes, code));
      if (!recoveryCodes || index === undefined) return { result: { type: 'wrong' } };
      await context.session.assertLive();
      const rest = withoutCode(recoveryCodes, index);
      const { next, forgotten } = withoutDevices({ ...record, recoveryCodes: rest });
      return { next, result: { type: 'used', left: rest.hashes.length, forgotten } };
    });
  }

  private async verifySession(
    context: Context<TUser>,
    submit: Submit,
    { left, forgotten }: Used,
  ): Promise<RecoveryOutcome<TUser>> {
    this.reporter.recoveryCodeUsed(context, left, forgotten);
    await this.limits.clearWrongCodes(context.userId);
    const agreement = await this.verifier.agree(context, INFO);
    if (agreement.type === 'refused') return agreement;
    if (submit.sessionId !== undefined) await this.limits.useOnce(issuerOf(submit), submit.code, submit.sessionId);
    await this.verifier.complete(context, agreement);
    return { type: 'recovered', left, user: agreement.user, info: INFO };
  }

  private async wrong(context: Context<TUser>, attemptsLeft: number): Promise<Refusal> {
    const refusal = refuse('code_wrong', { about: 'recovery', attemptsLeft });
    this.reporter.rejected(context, INFO, refusal);
    return attemptsLeft > 0 ? refusal : this.guesses.lockedNow(context);
  }
}

/** Replaces the verification in claims of used codes, which recognize a second submit of the same form. */
function issuerOf({ userId }: Submit): string {
  return `recovery ${userId}`;
}
