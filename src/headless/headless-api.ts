import { shownAddress } from '../common/address.js';
import { describeCountries } from '../common/countries.js';
import { type Refusal, refuse } from '../common/outcome.js';
import { rejectUnknown } from '../common/similar-name.js';
import type { DeliveryOptions } from '../core/factors/delivery-options.js';
import type { Context } from '../core/step/context.js';
import { maxAgeIn } from '../core/step/max-age.js';
import type { TwoFactor } from '../core/two-factor.js';
import { boundedText, refuseText } from '../request/bounded-text.js';
import { ifLive } from '../request/ended-session.js';
import { describePending, STATUS_WITHOUT_USER } from './describe-status.js';
import { RecoveryApi } from './recovery-api.js';
import type {
  AvailableMethod,
  CancelResult,
  CheckOptions,
  CheckResult,
  EndOtherSessionsResult,
  NewNumber,
  NewNumberChoices,
  NumberResult,
  PendingVerification,
  RequestLike,
  SendResult,
  SkipResult,
  StartResult,
  Status,
  VerificationOptions,
  VerificationStatus,
} from './results.js';
import { SecurityApi } from './security-api.js';
import { asRequest, type Step, StepRunner, type StepSettings } from './step-runner.js';

/** Settings for the headless API. */
export interface HeadlessSettings<TUser> extends StepSettings<TUser> {
  readonly showLastDigits: boolean;
  readonly allowedCountries: readonly string[];
  /** For a number without `+`. */
  readonly country: string;
}

/** The core for apps that call it with a request instead of serving our pages: same rules, same events. */
export class HeadlessApi<TUser> {
  /** Recovery codes. */
  readonly recovery: RecoveryApi<TUser>;
  /** The security page, without the page. */
  readonly security: SecurityApi<TUser>;
  private readonly steps: StepRunner<TUser>;

  constructor(
    private readonly settings: HeadlessSettings<TUser>,
    private readonly twoFactor: TwoFactor<TUser>,
  ) {
    this.steps = new StepRunner(settings);
    this.recovery = new RecoveryApi(this.steps, twoFactor);
    this.security = new SecurityApi(settings, this.steps, twoFactor);
  }

  async methods(req: RequestLike): Promise<readonly AvailableMethod[]> {
    const context = await this.steps.contextIfAny(req);
    if (!context) return [];
    const next = await ifLive<DeliveryOptions | Refusal>(
      asRequest(req),
      () => this.twoFactor.options(context),
      () => refuse('login_required'),
    );
    if (next.type === 'refused') return [];
    return next.options.map(({ method, address }) => {
      const { to } = shownAddress(address, next.purpose !== 'signIn', this.settings.showLastDigits);
      return { method, to };
    });
  }

  async status(req: RequestLike): Promise<Status> {
    const context = await this.steps.contextIfAny(req);
    if (!context) return STATUS_WITHOUT_USER;
    return ifLive(
      asRequest(req),
      () => this.statusOf(context),
      () => STATUS_WITHOUT_USER,
    );
  }

  private async statusOf(context: Context<TUser>): Promise<Status> {
    const { twoFactor } = this;
    const { registration } = twoFactor;
    const [isRequired, isSkipped, canRegister, canSkip, changeRefusal, pending] = await Promise.all([
      twoFactor.access.isRequired(context),
      twoFactor.access.isSkipped(context),
      registration.canRegister(context),
      registration.canSkip(context),
      registration.changeRefusal(context),
      this.pending(context),
    ]);
    const isVerified =
      twoFactor.access.isVerified(context.session.verification) && !twoFactor.access.needsRecoveryCodes(context);
    const canChange = !changeRefusal;
    const newNumber = canRegister || canChange ? await this.newNumberChoices(context) : undefined;
    return { isRequired, isVerified, isSkipped, canRegister, canSkip, canChange, newNumber, pending };
  }

  async verification(req: RequestLike, options: VerificationOptions): Promise<VerificationStatus> {
    rejectUnknown('verification', options, ['maxAgeSeconds']);
    const maxAge = maxAgeIn('verification', options.maxAgeSeconds);
    const context = await this.steps.contextIfAny(req);
    const verification = context?.session.verification;
    if (!context || !verification || !this.twoFactor.access.isVerified(verification, maxAge))
      return { isVerified: false };
    if (this.twoFactor.access.needsRecoveryCodes(context)) return { isVerified: false };
    const { by, at } = verification;
    return { isVerified: true, by, at: new Date(at) };
  }

  start(req: RequestLike, method: unknown): Promise<StartResult> {
    const run = async (context: Context<TUser>): Promise<Step<StartResult>> => {
      const device = await this.twoFactor.verifyByDevice(context);
      if (device.type === 'verifiedElsewhere') context.session.detach();
      if (device.type !== 'unknown') return { type: 'alreadyVerified' };
      const chosen = boundedText(method ?? '', 'method');
      if (chosen === undefined) return refuseText(method, 'method');
      return this.sent(context, await this.twoFactor.start(context, chosen));
    };
    return this.steps.run(req, run, true);
  }

  resend(req: RequestLike): Promise<SendResult> {
    return this.steps.run(req, async (context) => this.sent(context, await this.twoFactor.resend(context)));
  }

  async check(req: RequestLike, code: unknown, options: CheckOptions): Promise<CheckResult> {
    rejectUnknown('check', options, ['rememberDevice']);
    const rememberDevice = options.rememberDevice === true;
    return this.steps.run(req, async (context): Promise<Step<CheckResult>> => {
      const typed = boundedText(code, 'code');
      if (typed === undefined) return refuseText(code, 'code');
      const outcome = await this.twoFactor.check(context, typed, { rememberDevice });
      if (outcome.type === 'usedBefore') {
        context.session.detach();
        return { type: 'alreadyVerified' };
      }
      if (outcome.type !== 'approved') return outcome;
      const { type, purpose, info } = outcome;
      return { type, purpose, info };
    });
  }

  cancel(req: RequestLike): Promise<CancelResult> {
    return this.steps.run(req, async (context): Promise<Step<{ readonly type: 'canceled' }>> => {
      await this.twoFactor.cancel(context);
      return { type: 'canceled' };
    });
  }

  register(req: RequestLike, number: NewNumber): Promise<NumberResult> {
    return this.submitNumber(req, number, 'register');
  }

  change(req: RequestLike, number: NewNumber): Promise<NumberResult> {
    return this.submitNumber(req, number, 'change');
  }

  skip(req: RequestLike): Promise<SkipResult> {
    return this.steps.run(
      req,
      async (context): Promise<Step<{ readonly type: 'skipped' }>> =>
        (await this.twoFactor.registration.skip(context)) ?? { type: 'skipped' },
    );
  }

  endOtherSessions(req: RequestLike): Promise<EndOtherSessionsResult> {
    return this.steps.run(
      req,
      async (context): Promise<Step<{ readonly type: 'otherSessionsEnded' }>> =>
        (await this.twoFactor.otherSessions.end(context)) ?? { type: 'otherSessionsEnded' },
    );
  }

  private submitNumber(req: RequestLike, typed: NewNumber, step: 'register' | 'change'): Promise<NumberResult> {
    return this.steps.run(req, async (context): Promise<Step<NumberResult>> => {
      // Values that come from a request can have any type and length, despite the declarations.
      const phoneNumber = boundedText(typed.phoneNumber, 'phoneNumber');
      const country = boundedText(typed.country ?? '', 'country');
      const method = boundedText(typed.method ?? '', 'method');
      if (phoneNumber === undefined) return refuseText(typed.phoneNumber, 'phoneNumber');
      if (country === undefined) return refuseText(typed.country, 'country');
      if (method === undefined) return refuseText(typed.method, 'method');
      const given = { phoneNumber, country: country || undefined, method: method || undefined };
      const outcome = await this.twoFactor.registration[step](context, given);
      return outcome.type === 'numberAccepted' ? outcome : this.sent(context, outcome);
    });
  }

  private async newNumberChoices(context: Context<TUser>): Promise<NewNumberChoices> {
    const { texts, allowedCountries, country } = this.settings;
    const { language } = texts.for(await context.locale());
    const methods = await this.twoFactor.registration.newNumberMethods(context);
    return { methods, countries: describeCountries(allowedCountries, language), country };
  }

  private async sent(
    context: Context<TUser>,
    outcome: { readonly type: 'sent' } | Refusal,
  ): Promise<Step<{ readonly type: 'sent'; readonly pending: PendingVerification }>> {
    if (outcome.type === 'refused') return outcome;
    const pending = await this.pending(context);
    // The address changed since the code was sent, so no code can be entered.
    return pending ? { type: 'sent', pending } : refuse('address_changed');
  }

  private async pending(context: Context<TUser>): Promise<PendingVerification | undefined> {
    const status = await this.twoFactor.status(context);
    return status && describePending(status, this.settings.showLastDigits);
  }
}
