import { type Address, maskStored, type StoredAddress } from '../common/address.js';
import type { Refusal } from '../common/outcome.js';
import type { Context } from '../core/step/context.js';
import type { TwoFactor } from '../core/two-factor.js';
import { boundedText, refuseText } from '../request/bounded-text.js';
import type { FactorsResult, ForgetResult, OwnFactors, PreferenceResult, RequestLike } from './results.js';
import type { Step, StepRunner } from './step-runner.js';

/** The security page for apps that don't serve our pages. */
export class SecurityApi<TUser> {
  constructor(
    private readonly settings: { readonly showLastDigits: boolean },
    private readonly steps: StepRunner<TUser>,
    private readonly twoFactor: TwoFactor<TUser>,
  ) {}

  factors(req: RequestLike): Promise<FactorsResult> {
    return this.steps.run(req, async (context): Promise<Step<OwnFactors>> => {
      const factors = await this.twoFactor.security.read(context);
      if (factors.type === 'refused') return factors;
      const masked = (address: StoredAddress, type: Address['type']) =>
        this.settings.showLastDigits || address.type === 'none' ? maskStored(address, type) : '';
      return { ...factors, phoneNumber: masked(factors.phoneNumber, 'phone'), email: masked(factors.email, 'email') };
    });
  }

  forgetDevice(req: RequestLike, id: unknown): Promise<ForgetResult> {
    return this.forget(req, (context) => {
      const given = boundedText(id, 'id');
      return given === undefined ? refuseText(id, 'id') : this.twoFactor.security.forget(context, given);
    });
  }

  forgetDevices(req: RequestLike): Promise<ForgetResult> {
    return this.forget(req, (context) => this.twoFactor.security.forget(context));
  }

  setPreferredMethod(req: RequestLike, method: unknown): Promise<PreferenceResult> {
    return this.steps.run(req, async (context): Promise<Step<{ readonly type: 'preferenceSaved' }>> => {
      const given = boundedText(method, 'method');
      if (given === undefined) return refuseText(method, 'method');
      return (await this.twoFactor.security.prefer(context, given)) ?? { type: 'preferenceSaved' };
    });
  }

  private forget(
    req: RequestLike,
    forget: (context: Context<TUser>) => Refusal | Promise<Refusal | undefined>,
  ): Promise<ForgetResult> {
    return this.steps.run(
      req,
      async (context): Promise<Step<{ readonly type: 'forgotten' }>> =>
        (await forget(context)) ?? { type: 'forgotten' },
    );
  }
}
