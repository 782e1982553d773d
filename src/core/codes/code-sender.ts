import type { Address } from '../../common/address.js';
import type { Setting, UserContext } from '../../common/callback.js';
import { TwilioApiError } from '../../common/errors.js';
import { type Purpose, type Refusal, refuse, type SendOutcome } from '../../common/outcome.js';
import type { Limits } from '../../limits/limits.js';
import type { LockedOut } from '../../limits/lockout.js';
import type { CountedSend, HeldSend } from '../../limits/send-limits.js';
import { fingerprint, type Pending } from '../../session/session-record.js';
import type { SessionState } from '../../session/session-state.js';
import type { TwilioRefusal } from '../../twilio/failure.js';
import type { SentVerification, VerifyApi } from '../../twilio/verify-api.js';
import type { EventReporter } from '../events/event-reporter.js';
import type { DeliveryOption } from '../factors/delivery-options.js';
import type { Context } from '../step/context.js';
import { VERIFICATION_LIFETIME_MS, wasSentTo } from '../verification/pending-verification.js';
import { joinedCode } from './joined-code.js';
import type { LineTypes } from './line-types.js';
import { type SendRequestSettings, SendRequests } from './send-request.js';

/** Settings for sending codes. */
export interface SendSettings<TUser> extends SendRequestSettings<TUser> {
  readonly clock: () => number;
  readonly retryTimeSeconds: Setting<UserContext<TUser>, number | readonly number[]>;
}

/** Sends and cancels codes. */
export class CodeSender<TUser> {
  private readonly requests: SendRequests<TUser>;

  constructor(
    private readonly settings: SendSettings<TUser>,
    private readonly api: VerifyApi<TUser>,
    private readonly limits: Limits,
    private readonly reporter: EventReporter<TUser>,
    private readonly lineTypes: LineTypes<TUser>,
  ) {
    this.requests = new SendRequests(settings, api);
  }

  /** Sends a code, or sends the pending one again, and stores it as the pending verification of the session. */
  async send(context: Context<TUser>, purpose: Purpose, option: DeliveryOption): Promise<SendOutcome> {
    const counted = await this.count(context, purpose, option);
    if (counted.type === 'locked') {
      return this.rateLimited(context, 'locked', counted.lockedUntil - this.settings.clock());
    }
    if (counted.type === 'held') return this.held(context, purpose, option, counted);
    let isSent = false;
    try {
      const outcome = await this.deliver(context, purpose, option, () => {
        isSent = true;
      });
      if (outcome.type === 'refused') await counted.endDelay();
      return outcome;
    } catch (error) {
      // The session ended meanwhile.
      if (isSent) throw error;
      // A late or broken response doesn't stop Twilio from delivering the code, so it counts. The user can try again.
      const mayBeSent = error instanceof TwilioApiError && error.mayHaveTakenEffect;
      await (mayBeSent ? counted.endDelay() : counted.giveBack());
      if (error instanceof TwilioApiError) this.reporter.twilioFailed(context, 'create', error);
      throw error;
    }
  }

  /**
   * Ends a verification. The code of a sign-in becomes invalid, or expires after ten minutes if Twilio is unreachable.
   * Any other code is only forgotten: the number's owner may wait for the same one, and an attacker could cancel it.
   */
  async cancel(context: Context<TUser>, { sent, purpose }: Pending): Promise<void> {
    if (sent?.sid === undefined || sent.joined !== undefined) return;
    const { user, req } = context;
    const details = { verificationSid: sent.sid, method: sent.method, purpose };
    if (purpose !== 'signIn') return this.reporter.canceled(context, details);
    try {
      const result = await this.api.cancel({ user, req, purpose }, sent.sid);
      if (result.type !== 'refused') return this.reporter.canceled(context, details);
      this.reporter.twilioRefused(context, 'cancel', refuse(result.code), result.twilioCode);
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
  ): Promise<CountedSend | HeldSend | LockedOut> {
    const { userId, ip } = context;
    const { sent, expiresAt = 0 } = context.session.pending ?? {};
    const now = this.settings.clock();
    const isLive = sent !== undefined && wasSentTo(sent, option.address) && now < expiresAt;
    const lifeSeconds = (isLive ? expiresAt - now : VERIFICATION_LIFETIME_MS) / 1000;
    // The delay ends with the code: the next one is new.
    const delays = (await this.schedule(context)).map((seconds) => Math.min(seconds, lifeSeconds));
    return this.limits.countSend({ userId, ip, purpose, ...option }, delays);
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

  private async deliver(
    context: Context<TUser>,
    purpose: Purpose,
    option: DeliveryOption,
    onSent: () => void,
  ): Promise<SendOutcome> {
    const { session } = context;
    const before = session.pending?.purpose === purpose ? session.pending.sent : undefined;
    const isKnown = before !== undefined && wasSentTo(before, option.address);
    if (session.pending && !isKnown) await this.cancel(context, session.pending);
    if (purpose !== 'signIn' && !isKnown) {
      const refusal = await this.lineTypes.refusalOf(context, option.address);
      if (refusal) return refusal;
    }

    const startedAt = this.settings.clock();
    const created = await this.requests.create(context, purpose, option);
    if (created.type === 'refused') return this.createRefused(context, created);
    onSent();
    const { sid } = created.answer;
    const { method, address } = option;
    this.reporter.sent(context, { verificationSid: sid, method, purpose }, address);
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
    return { type: 'sent', method };
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
