import type { TwoFactor } from '../core/two-factor.js';
import { boundedText, refuseText } from '../request/bounded-text.js';
import type { ConfirmCodesResult, CreateCodesResult, RecoveryResult, RequestLike } from './results.js';
import type { Step, StepRunner } from './step-runner.js';

/** Recovery codes for apps that don't serve our pages. */
export class RecoveryApi<TUser> {
  constructor(
    private readonly steps: StepRunner<TUser>,
    private readonly twoFactor: TwoFactor<TUser>,
  ) {}

  check(req: RequestLike, code: unknown): Promise<RecoveryResult> {
    return this.steps.run(req, async (context): Promise<Step<RecoveryResult>> => {
      const typed = boundedText(code, 'code');
      if (typed === undefined) return refuseText(code, 'code');
      const outcome = await this.twoFactor.checkRecoveryCode(context, typed);
      if (outcome.type === 'usedBefore') {
        context.session.detach();
        return { type: 'alreadyVerified' };
      }
      if (outcome.type !== 'recovered') return outcome;
      const { left, info } = outcome;
      return { type: 'approved', left, info };
    });
  }

  create(req: RequestLike): Promise<CreateCodesResult> {
    return this.steps.run(req, (context): Promise<Step<CreateCodesResult>> => {
      return this.twoFactor.recoveryCodes.create(context);
    });
  }

  confirm(req: RequestLike, code: unknown): Promise<ConfirmCodesResult> {
    return this.steps.run(req, async (context): Promise<Step<ConfirmCodesResult>> => {
      const typed = boundedText(code, 'code');
      return typed === undefined ? refuseText(code, 'code') : this.twoFactor.recoveryCodes.confirm(context, typed);
    });
  }
}
