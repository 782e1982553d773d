import type { TwilioVerifyError, TwilioVerifyErrorCode } from '../common/errors.js';
import type { Limits } from '../limits/limits.js';
import type { ServiceCheck } from '../twilio/service-check.js';

/** A problem of the configuration. */
export interface ConfigurationProblem {
  /** Stable code, with a section in `docs/errors.md`. */
  readonly code: TwilioVerifyErrorCode;
  /** The problem, and what to change. Holds no credentials. */
  readonly message: string;
}

/** Result of `checkConfiguration()`. */
export interface ConfigurationReport {
  /** Whether there is no problem. */
  readonly isOk: boolean;
  readonly problems: readonly ConfigurationProblem[];
}

/** Checks what a sign-in needs: credentials, the Verify service, Twilio, and the store of the limits. */
export class ConfigurationCheck<TUser> {
  constructor(
    private readonly service: ServiceCheck<TUser>,
    private readonly limits: Limits,
  ) {}

  async run(): Promise<ConfigurationReport> {
    const [ofService, ofLimits] = await Promise.all([this.service.problems(), this.limitProblems()]);
    const problems = [...ofService, ...ofLimits].map(({ code, message }) => ({ code, message }));
    return { isOk: problems.length === 0, problems };
  }

  /** Reads one counter: `createLimiter` can be wrong in ways that only its first use shows. */
  private async limitProblems(): Promise<readonly TwilioVerifyError[]> {
    try {
      await this.limits.lockedUntil('checkConfiguration');
      return [];
    } catch (error) {
      // Limits throw nothing else.
      return [error as TwilioVerifyError];
    }
  }
}
