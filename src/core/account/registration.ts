import { type Address, readPhoneNumber } from '../../common/address.js';
import type { Setting, UserContext } from '../../common/callback.js';
import type { Method } from '../../common/methods.js';
import { type NumberOutcome, type Refusal, refuse } from '../../common/outcome.js';
import { SessionEndedError } from '../../session/live-session.js';
import type { CodeSender } from '../codes/code-sender.js';
import { withAdvice } from '../codes/send-advice.js';
import type { DeliveryOptionsFinder } from '../factors/delivery-options.js';
import type { Context } from '../step/context.js';
import { isFresh, isRecent, RECOVERY_CHANGE_SECONDS } from '../step/max-age.js';
import type { RecentLogin } from '../step/recent-login.js';
import { runStep } from '../step/run-step.js';
import { CHANGE_LIFETIME_MS, DRAFT_LIFETIME_MS, wasSentTo } from '../verification/pending-verification.js';
import { SharedSubmits } from '../verification/shared-submits.js';

/** A new number as the user typed it. */
export interface TypedNumber {
  readonly phoneNumber: string;
  /** ISO 3166-1 alpha-2, chosen from the list; the default country if there was no list. */
  readonly country: string | undefined;
  readonly method: string | undefined;
}

/** Settings for registering and changing numbers. */
export interface RegistrationSettings<TUser> {
  readonly clock: () => number;
  readonly maxAgeSeconds: number;
  readonly country: string;
  readonly allowedCountries: readonly string[];
  readonly allowChange: Setting<UserContext<TUser>, boolean>;
  readonly registerOptional: Setting<UserContext<TUser>, boolean>;
}

/** Registers the first number of a user, and changes it later. */
export class Registration<TUser> {
  private readonly skips = new SharedSubmits<{ readonly type: 'skipped' } | Refusal>(({ type }) => type === 'skipped');

  constructor(
    private readonly settings: RegistrationSettings<TUser>,
    private readonly delivery: DeliveryOptionsFinder<TUser>,
    private readonly sender: CodeSender<TUser>,
    private readonly logins: RecentLogin<TUser>,
  ) {}

  /** Whether the user can register a number. */
  async canRegister(context: Context<TUser>): Promise<boolean> {
    return !(await this.delivery.registrationRefusal(context));
  }

  /** Whether the user can skip registration for this session. */
  async canSkip(context: Context<TUser>): Promise<boolean> {
    return !(await this.skipRefusal(context));
  }

  /** Why the user can't change the number now; `undefined` if the user can. */
  async changeRefusal(context: Context<TUser>): Promise<Refusal | undefined> {
    if (!(await this.settings.allowChange(context))) return refuse('change_not_allowed');
    return (
      (await this.logins.refusal(context)) ?? (this.canChangeNow(context) ? undefined : refuse('verification_required'))
    );
  }

  /** The number that a change replaces; `undefined` if none is stored that codes can go to. */
  async currentNumber(context: Context<TUser>): Promise<Address | undefined> {
    const options = await this.delivery.stored(context);
    return options.find(({ address }) => address.type === 'phone')?.address;
  }

  /** The methods that can reach a new number. */
  newNumberMethods(context: Context<TUser>): Promise<readonly Method[]> {
    return this.delivery.phoneMethods(context);
  }

  /** Accepts the first number of a user without a stored address, and sends a code if the user chose a method. */
  register(context: Context<TUser>, typed: TypedNumber): Promise<NumberOutcome> {
    return runStep('register', context, async () => {
      return (await this.delivery.registrationRefusal(context)) ?? this.accept(context, 'register', typed);
    });
  }

  /** Accepts a new number of a user who proved a code in the last 5 minutes, or a recovery code in the last 15. */
  change(context: Context<TUser>, typed: TypedNumber): Promise<NumberOutcome> {
    return runStep('change', context, async () => {
      return (await this.changeRefusal(context)) ?? this.accept(context, 'change', typed);
    });
  }

  /** Skips registration for this session. Two submits of the form get the same session. */
  async skip(context: Context<TUser>): Promise<Refusal | undefined> {
    const { session, userId } = context;
    if (session.id === undefined) return this.skipOnce(context);
    const result = await this.skips.run(session, [userId], async () => {
      return (await this.skipOnce(context)) ?? { type: 'skipped' };
    });
    if (!result) throw new SessionEndedError();
    return result.type === 'refused' ? result : undefined;
  }

  private skipOnce(context: Context<TUser>): Promise<Refusal | undefined> {
    return runStep('skip', context, async () => {
      const refusal = await this.skipRefusal(context);
      if (refusal) return refusal;
      const { session } = context;
      if (session.pending) await this.sender.cancel(context, session.pending);
      await session.dropPending();
      const refusalNow = await this.skipRefusal(context);
      if (refusalNow) return refusalNow;
      await session.skip();
      return undefined;
    });
  }

  private canChangeNow({ session: { verification } }: Context<TUser>): boolean {
    const { clock, maxAgeSeconds } = this.settings;
    if (isFresh(verification, clock(), maxAgeSeconds)) return true;
    // A user who has lost the phone can only prove the recovery code.
    const longest = Math.min(RECOVERY_CHANGE_SECONDS, maxAgeSeconds);
    return verification?.by === 'recovery' && isRecent(verification, clock(), longest);
  }

  private async skipRefusal(context: Context<TUser>): Promise<Refusal | undefined> {
    if (!(await this.settings.registerOptional(context))) return refuse('skip_not_allowed');
    const refusal = await this.delivery.registrationRefusal(context);
    if (!refusal || refusal.code === 'address_unusable') return refusal;
    return refuse('skip_not_allowed');
  }

  private async accept(
    context: Context<TUser>,
    purpose: 'register' | 'change',
    typed: TypedNumber,
  ): Promise<NumberOutcome> {
    const { country, allowedCountries } = this.settings;
    const read = readPhoneNumber(typed.phoneNumber, typed.country?.toUpperCase() ?? country, allowedCountries);
    if (read.type === 'refused') return read;
    const options = await this.delivery.toNewNumber(context, read.value);
    const option = options.find(({ method }) => method === typed.method);
    if (typed.method !== undefined && !option) return refuse('method_unknown');

    const { session } = context;
    const before = session.pending;
    const now = this.settings.clock();
    const isLive = before?.sent && before.purpose === purpose && now < before.expiresAt;
    const kept = isLive && wasSentTo(before.sent, read) ? before : undefined;
    if (before?.sent && !kept) await this.sender.cancel(context, before);
    const deadline = purpose === 'change' ? { deadline: now + CHANGE_LIFETIME_MS } : {};
    await session.setPending({
      ...(kept ?? { purpose, to: read.value, expiresAt: now + DRAFT_LIFETIME_MS }),
      ...deadline,
    });
    if (!option) return { type: 'numberAccepted' };
    const outcome = await this.sender.send(context, purpose, option);
    return outcome.type === 'refused' ? withAdvice(outcome, purpose, option, options) : outcome;
  }
}
