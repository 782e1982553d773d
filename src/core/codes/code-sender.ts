import type { Address } from '../../common/address.js';
import type { PurposeContext, Setting, UserContext } from '../../common/callback.js';
import { TwilioApiError } from '../../common/errors.js';
import { isPhoneMethod, type Method } from '../../common/methods.js';
import { type Purpose, type Refusal, refuse, type SendOutcome } from '../../common/outcome.js';
import type { Limits } from '../../limits/limits.js';
import type { CountedSend, HeldSend } from '../../limits/send-limits.js';
import { fingerprint, type Pending } from '../../session/session-record.js';
import type { SessionState } from '../../session/session-state.js';
import type { TwilioVerificationParams } from '../../twilio/client.js';
import type { TwilioRefusal } from '../../twilio/failure.js';
import { twilioLocaleOf } from '../../twilio/locale.js';
import type { RiskCheck } from '../../twilio/values.js';
import type { SentVerification, TwilioAnswer, VerifyApi } from '../../twilio/verify-api.js';
import type { EventReporter } from '../events/event-reporter.js';
import type { DeliveryOption } from '../factors/delivery-options.js';
import type { Context } from '../step/context.js';
import { VERIFICATION_LIFETIME_MS, wasSentTo } from '../verification/pending-verification.js';
import { joinedCode } from './joined-code.js';
import type { LineTypes } from './line-types.js';

/** Argument of `serviceName`. */
export interface ServiceNameContext<TUser> extends UserContext<TUser> {
  readonly method: Method;
  /** E.164; `undefined` if the code goes by email. */
  readonly phoneNumber: string | undefined;
}

/** Settings for sending codes. */
export interface SendSettings<TUser> {
  readonly clock: () => number;
  readonly retryTimeSeconds: Setting<UserContext<TUser>, number | readonly number[]>;
  readonly serviceName: Setting<ServiceNameContext<TUser>, string | undefined>;
  readonly rateLimits: Setting<PurposeContext<TUser>, Readonly<Record<string, string>> | undefined>;
  readonly deviceIp: Setting<UserContext<TUser>, string | undefined>;
  readonly riskCheck: Setting<UserContext<TUser>, RiskCheck | undefined>;
  readonly tags: Setting<UserContext<TUser>, Readonly<Record<string, string>> | undefined>;
  readonly templateSid: Setting<UserContext<TUser>, string | undefined>;
}

/** Sends and cancels codes. */
export class CodeSender<TUser> {
  constructor(
    private readonly settings: SendSettings<TUser>,
    private readonly api: VerifyApi<TUser>,
    private readonly limits: Limits,
    private readonly reporter: EventReporter<TUser>,
    private readonly lineTypes: LineTypes<TUser>,
  ) {}

  /** Sends a code, or sends the pending one again, and stores it as the pending verification of the session. */
  async send(context: Context<TUser>, purpose: Purpose, option: DeliveryOption): Promise<SendOutcome> {
    const counted = await this.count(context, purpose, option);
    if (counted.type === 'refused') return counted;
    if (counted.type === 'held') return this.held(context, purpose, option, counted);
    try {
      const outcome = await this.deliver(context, purpose, option);
      if (outcome.type === 'refused') await counted.endDelay();
      return outcome;
    } catch (error) {
      // A late or broken response doesn't stop Twilio from delivering the code, so it counts. The user can try again.
      const mayBeSent = error instanceof TwilioApiError && error.mayHaveTakenEffect;
      await (mayBeSent ? counted.endDelay() : counted.giveBack());
      if (error instanceof TwilioApiError) this.reporter.twilioFailed(context, 'create', error);
      throw error;
    }
  }

  /**
   * Ends a verification. The code of a sign-in becomes invalid; if Twilio is unreachable, it expires after ten minutes.
   * The code of a registration or a change is only forgotten: the number's owner may wait for the same code, before or
   * after this session asked for it, and an attacker could cancel that sign-in. A joined code is only forgotten too.
   */
  async cancel(context: Context<TUser>, { sent, purpose }: Pending): Promise<void> {
    if (sent?.sid === undefined || sent.joined !== undefined) return;
    const { user, req } = context;
    const details = { verificationSid: sent.sid, method: sent.method, purpose };
    if (purpose !== 'signIn') return this.reporter.canceled(context, details);
    try {
      const result = await this.api.cancel({ user, req, purpose }, sent.sid);
      if (result.type === 'refused') {
        this.reporter.twilioRefused(context, 'cancel', refuse(result.code), result.twilioCode);
      } else {
        this.reporter.canceled(context, details);
      }
    } catch (error) {
      if (!(error instanceof TwilioApiError)) throw error;
      // 404: the verification no longer exists, so there is nothing to cancel.
      if (error.twilioStatus !== 404) this.reporter.twilioFailed(context, 'cancel', error);
    }
  }

  /** Ends the resend delays of all methods to a recipient: the last code is over, so the next one is new. */
  endDelays({ userId }: Context<TUser>, address: Address): Promise<void> {
    return this.limits.endDelays({ userId, address });
  }

  /** Clears what a correct code ends: see {@link Limits.clearAfterCorrectCode}. */
  async clearAfterCorrectCode(context: Context<TUser>, purpose: Purpose, address: Address): Promise<void> {
    const schedule = await this.schedule(context);
    await this.limits.clearAfterCorrectCode({ userId: context.userId, address, purpose, schedule });
  }

  /** When the code can be sent again by the same method, in epoch milliseconds. */
  resendAt(context: Context<TUser>, option: DeliveryOption): Promise<number> {
    return this.limits.resendAt({ userId: context.userId, ...option });
  }

  private async count(
    context: Context<TUser>,
    purpose: Purpose,
    option: DeliveryOption,
  ): Promise<CountedSend | HeldSend | Refusal> {
    const { userId, ip } = context;
    const lockedUntil = await this.limits.lockedUntil(userId);
    if (lockedUntil !== undefined) return this.rateLimited(context, 'locked', lockedUntil - this.settings.clock());
    return this.limits.countSend({ userId, ip, purpose, ...option }, await this.schedule(context));
  }

  private async schedule(context: Context<TUser>): Promise<readonly number[]> {
    return [await this.settings.retryTimeSeconds(context)].flat();
  }

  private async held(
    context: Context<TUser>,
    purpose: Purpose,
    option: DeliveryOption,
    { heldBy, retryAfterMs }: HeldSend,
  ): Promise<SendOutcome> {
    if (heldBy === 'limit') return this.rateLimited(context, 'too_many_sends', retryAfterMs);
    // A registration would join a code that a stranger requested for this number.
    const joined = purpose === 'signIn' ? joinedCode(context.session, option, this.settings.clock()) : undefined;
    if (!joined) return this.rateLimited(context, 'retry_later', retryAfterMs);
    await context.session.setPending(joined);
    return { type: 'sent', method: option.method, isJoined: true };
  }

  private async deliver(context: Context<TUser>, purpose: Purpose, option: DeliveryOption): Promise<SendOutcome> {
    const { session } = context;
    const before = session.pending?.purpose === purpose ? session.pending.sent : undefined;
    const isKnown = before !== undefined && wasSentTo(before, option.address);
    if (session.pending && !isKnown) await this.cancel(context, session.pending);
    if (purpose !== 'signIn' && !isKnown) {
      const refusal = await this.lineTypes.refusalOf(context, option.address);
      if (refusal) return refusal;
    }

    const startedAt = this.settings.clock();
    const created = await this.create(context, purpose, option);
    if (created.type === 'refused') return this.createRefused(context, created);
    const { sid } = created.answer;
    const { method, address } = option;
    const deadline = purpose === 'change' ? session.pending?.deadline : undefined;
    const isResend = before?.sid === sid && before.joined === undefined;
    await session.setPending({
      purpose,
      ...(purpose === 'signIn' ? {} : { to: address.value }),
      ...(deadline === undefined ? {} : { deadline }),
      sent: {
        sid,
        method,
        to: fingerprint(address, sid),
        wrong: isResend ? before.wrong : 0,
      },
      expiresAt: Math.min(
        isResend && session.pending ? session.pending.expiresAt : startedAt + lifetimeMs(purpose, created.answer),
        deadline ?? Number.POSITIVE_INFINITY,
      ),
    });
    this.reporter.sent(context, { verificationSid: sid, method, purpose }, address);
    return { type: 'sent', method };
  }

  private async create(
    context: Context<TUser>,
    purpose: Purpose,
    option: DeliveryOption,
  ): Promise<TwilioAnswer<SentVerification> | TwilioRefusal> {
    const { user, req } = context;
    const params = await this.params(context, purpose, option);
    const created = await this.api.create({ user, req, purpose }, params);
    if (created.type === 'refused' || created.answer.status === 'pending') return created;
    // Used up, so it accepts no code from anyone: Twilio returns it unchanged until it is canceled.
    await this.api.cancel({ user, req, purpose }, created.answer.sid);
    return this.api.create({ user, req, purpose }, params);
  }

  private createRefused(context: Context<TUser>, { code, twilioCode }: TwilioRefusal): Refusal {
    const wait = code === 'too_many_sends' ? { retryAfterSeconds: this.secondsLeft(context.session) } : {};
    const refusal = refuse(code, wait);
    this.reporter.twilioRefused(context, 'create', refusal, twilioCode);
    if (code === 'too_many_sends' || code === 'busy') this.reporter.rateLimited(context, refusal);
    return refusal;
  }

  /** Seconds until Twilio deletes the verification that was sent too often: its whole lifetime at most. */
  private secondsLeft({ pending }: SessionState): number {
    const now = this.settings.clock();
    const freeAt = pending?.sent ? pending.expiresAt : now + VERIFICATION_LIFETIME_MS;
    return Math.max(1, Math.ceil((freeAt - now) / 1000));
  }

  private rateLimited(context: Context<TUser>, code: 'locked' | 'retry_later' | 'too_many_sends', ms: number): Refusal {
    const refusal = refuse(code, { retryAfterSeconds: Math.ceil(ms / 1000) });
    this.reporter.rateLimited(context, refusal);
    return refusal;
  }

  private async params(
    context: Context<TUser>,
    purpose: Purpose,
    { method, address }: DeliveryOption,
  ): Promise<TwilioVerificationParams> {
    const { user, req } = context;
    const phoneNumber = isPhoneMethod(method) ? address.value : undefined;
    const locale = twilioLocaleOf(await context.locale());
    const { settings } = this;
    const [customFriendlyName, rateLimits, deviceIp, riskCheck, tags, templateSid] = await Promise.all([
      settings.serviceName({ user, req, method, phoneNumber }),
      settings.rateLimits({ user, req, purpose }),
      settings.deviceIp({ user, req }),
      settings.riskCheck({ user, req }),
      settings.tags({ user, req }),
      settings.templateSid({ user, req }),
    ]);
    return {
      to: address.value,
      channel: method,
      ...withoutMissing({ locale, customFriendlyName, rateLimits, deviceIp, riskCheck, templateSid }),
      ...(tags === undefined ? {} : { tags: JSON.stringify(tags) }),
    };
  }
}

/**
 * How long a code that was just sent can still be valid. The age that Twilio reports for a registration would reveal that
 * the number's owner is signing in right now.
 */
function lifetimeMs(purpose: Purpose, { ageMs = 0 }: SentVerification): number {
  // Twilio sends no code that has expired: a greater age is a wrong `Date`, or a service with a longer lifetime.
  const isOwn = purpose !== 'signIn' || ageMs >= VERIFICATION_LIFETIME_MS;
  return VERIFICATION_LIFETIME_MS - (isOwn ? 0 : ageMs);
}

/** Drops missing parameters: Twilio treats an empty parameter as a value. */
function withoutMissing<T extends object>(params: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(params).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> };
}
