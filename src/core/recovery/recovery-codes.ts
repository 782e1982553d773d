import { isRealFactor } from '../../common/methods.js';
import { type CodesConfirmed, type CodesCreated, type Refusal, refuse } from '../../common/outcome.js';
import type { EventReporter } from '../events/event-reporter.js';
import type { CodesStatus, StoredFactors } from '../factors/stored-factors.js';
import type { Context } from '../step/context.js';
import { isFresh, isRecent } from '../step/max-age.js';
import { runStep } from '../step/run-step.js';
import type { Guesses } from '../verification/guesses.js';
import { createRecoveryCodes, findRecoveryCode, readRecoveryCode } from './recovery-code.js';
import type { RecoverySettings } from './recovery-sign-in.js';

type Confirmation = 'confirmed' | 'confirmedBefore' | 'wrong' | 'nothingShown';

/** Creates recovery codes, and activates them once the user has shown that they were saved. */
export class RecoveryCodes<TUser> {
  constructor(
    private readonly settings: RecoverySettings,
    private readonly factors: StoredFactors<TUser>,
    private readonly guesses: Guesses<TUser>,
    private readonly reporter: EventReporter<TUser>,
  ) {}

  /** Whether the app has turned recovery codes on. */
  get isOn(): boolean {
    return this.settings.recoveryCodes !== undefined;
  }

  /** The codes of a user. Refuses if the store can't be read. */
  status(context: Context<TUser>): Promise<CodesStatus | Refusal> {
    return this.factors.ifAvailable<CodesStatus | Refusal>(
      () => this.factors.codesStatus(context),
      () => refuse('recovery_unavailable'),
    );
  }

  /** Why the user can't get new codes; `undefined` if the user can. */
  refusal({ session }: Context<TUser>): Refusal | undefined {
    if (!this.isOn) return refuse('recovery_unavailable');
    const { clock, maxAgeSeconds } = this.settings;
    return isFresh(session.verification, clock(), maxAgeSeconds) ? undefined : refuse('verification_required');
  }

  /** Creates a set. Until the user types one of its codes, an older set stays valid. */
  create(context: Context<TUser>): Promise<CodesCreated | Refusal> {
    return runStep('createRecoveryCodes', context, () => this.createNow(context));
  }

  /** Activates the set that was shown last, if the user types one of its codes. That code stays valid. */
  confirm(context: Context<TUser>, typed: string): Promise<CodesConfirmed | Refusal> {
    return runStep('confirmRecoveryCodes', context, () => this.confirmNow(context, typed));
  }

  private async createNow(context: Context<TUser>): Promise<CodesCreated | Refusal> {
    const { recoveryCodes, clock } = this.settings;
    const refusal = this.refusal(context);
    if (refusal || !recoveryCodes) return refusal ?? refuse('recovery_unavailable');
    const { codes, set } = await createRecoveryCodes(recoveryCodes.count, clock());
    return this.factors.ifAvailable<CodesCreated | Refusal>(
      async () => {
        await this.factors.update(context, async (record) => {
          await context.session.assertLive();
          return { next: { ...record, shownCodes: set }, result: undefined };
        });
        return { type: 'created', codes };
      },
      () => refuse('recovery_unavailable'),
    );
  }

  private async confirmNow(context: Context<TUser>, typed: string): Promise<CodesConfirmed | Refusal> {
    const { verification } = context.session;
    if (!this.isOn) return refuse('recovery_unavailable');
    const isVerified = isRecent(verification, this.settings.clock(), this.settings.maxAgeSeconds);
    if (!isVerified || !isRealFactor(verification.by)) return refuse('verification_required');
    const code = readRecoveryCode(typed);
    if (code === undefined) return refuse('code_malformed', { about: 'recovery' });
    // Each try costs a hash, so tries are limited.
    const guess = await this.guesses.count(context);
    if (guess.type === 'refused') return guess;
    let confirmation: Confirmation | undefined;
    try {
      confirmation = await this.factors.ifAvailable<Confirmation | undefined>(
        () => this.activate(context, code),
        () => undefined,
      );
    } finally {
      if (confirmation !== 'wrong' && confirmation !== 'nothingShown') await guess.giveBack();
    }
    switch (confirmation) {
      case undefined:
        return refuse('recovery_unavailable');
      case 'nothingShown':
        return guess.left > 0 ? refuse('nothing_pending') : this.guesses.lockedNow(context);
      case 'wrong':
        return guess.left > 0 ? refuse('code_wrong', { about: 'confirmation' }) : this.guesses.lockedNow(context);
      case 'confirmed':
        this.reporter.recoveryCodesCreated(context, this.settings.recoveryCodes?.count ?? 0);
        break;
    }
    await context.session.codesConfirmed();
    return { type: 'confirmed' };
  }

  private activate(context: Context<TUser>, code: string): Promise<Confirmation> {
    return this.factors.update<Confirmation>(context, async (record) => {
      const { shownCodes, ...rest } = record;
      if (shownCodes && (await findRecoveryCode(shownCodes, code)) !== undefined) {
        await context.session.assertLive();
        return { next: { ...rest, recoveryCodes: shownCodes }, result: 'confirmed' };
      }
      // A form that was submitted twice.
      const isActive = rest.recoveryCodes && (await findRecoveryCode(rest.recoveryCodes, code)) !== undefined;
      if (isActive) return { result: 'confirmedBefore' };
      return { result: shownCodes ? 'wrong' : 'nothingShown' };
    });
  }
}
