import type { Address } from './address.js';
import type { Announcer } from './announcer.js';
import type { Context } from './context.js';
import { TwilioFaultError } from './errors.js';
import type { Limits, Send } from './limits.js';
import type { LineTypes } from './line-types.js';
import { all } from './maybe-promise.js';
import { isPhoneMethod } from './methods.js';
import { type Purpose, type Refusal, refuse, type SendOutcome } from './outcome.js';
import type { Route } from './reach.js';
import type { CountedSend } from './send-limits.js';
import { fingerprint, type Pending, type SentCode } from './session-record.js';
import type { SessionState } from './session-state.js';
import type { Settings } from './settings.js';
import type { TwilioVerificationParams } from './twilio/client.js';
import { twilioLocaleOf } from './twilio/locale.js';
import type { VerifyApi } from './twilio/verify-api.js';

/** Life of Twilio's verification. A resend does not prolong it. */
const LIFE_MS = 10 * 60 * 1000;

/** Sends codes, and calls back those that must not work any more. */
export class Sending<TUser> {
  constructor(
    private readonly settings: Settings<TUser>,
    private readonly api: VerifyApi<TUser>,
    private readonly limits: Limits,
    private readonly announcer: Announcer<TUser>,
    private readonly lineTypes: LineTypes<TUser>,
  ) {}

  /** Sends a code, or the pending one again, and makes it the pending verification of the session. */
  async send(context: Context<TUser>, purpose: Purpose, route: Route): Promise<SendOutcome> {
    const counted = await this.count(context, asSend(context, purpose, route));
    if ('type' in counted) return counted;
    try {
      const outcome = await this.deliver(context, purpose, route);
      if (outcome.type === 'refused') await counted.endPause();
      return outcome;
    } catch (error) {
      await counted.giveBack();
      if (error instanceof TwilioFaultError) this.announcer.twilioFailed(context, 'create', error);
      throw error;
    }
  }

  /** Makes the code of a verification worthless. If Twilio cannot be asked, the code ends with its ten minutes. */
  async cancel(context: Context<TUser>, { sent, purpose }: Pending): Promise<void> {
    if (!sent) return;
    try {
      const answer = await this.api.cancel(context, sent.sid);
      if ('type' in answer) this.announcer.twilioRefused(context, 'cancel', refuse(answer.code), answer.twilioCode);
      else this.announcer.canceled(context, { verificationSid: sent.sid, method: sent.method, purpose });
    } catch (error) {
      if (!(error instanceof TwilioFaultError)) throw error;
      // A verification that is gone already is what was wanted.
      if (error.twilioStatus !== 404) this.announcer.twilioFailed(context, 'cancel', error);
    }
  }

  /** Lets the next code be sent at once: the last one is used, or used up, and a new one is not the same again. */
  endPause(context: Context<TUser>, route: Route): Promise<void> {
    return this.limits.endPause({ userId: context.userId, ...route });
  }

  /** When the code may be sent again by the same method, in epoch milliseconds. */
  resendAt(context: Context<TUser>, route: Route): Promise<number> {
    return this.limits.resendAt({ userId: context.userId, ...route });
  }

  private async count(context: Context<TUser>, send: Send): Promise<CountedSend | Refusal> {
    const lockedUntil = await this.limits.lockedUntil(context.userId);
    if (lockedUntil !== undefined) return this.limited(context, 'locked', lockedUntil - this.settings.clock());
    const schedule = [await this.settings.retryTimeSeconds(context)].flat();
    const counted = await this.limits.countSend(send, schedule);
    if (!('heldBy' in counted)) return counted;
    return this.limited(context, counted.heldBy === 'pause' ? 'retry_later' : 'too_many_sends', counted.retryAfterMs);
  }

  private async deliver(context: Context<TUser>, purpose: Purpose, route: Route): Promise<SendOutcome> {
    const { session } = context;
    const before = session.pending?.sent;
    const isKnown = before !== undefined && wentTo(before, route.address);
    if (session.pending && !isKnown) await this.cancel(context, session.pending);
    if (purpose !== 'signIn' && !isKnown) {
      const refusal = await this.lineTypes.judge(context, route.address);
      if (refusal) return refusal;
    }

    const created = await this.create(context, route);
    if ('type' in created) {
      const { code } = created;
      const refusal = refuse(code, code === 'too_many_sends' ? { retryAfterSeconds: this.secondsLeft(session) } : {});
      this.announcer.twilioRefused(context, 'create', refusal, created.twilioCode);
      if (created.code === 'too_many_sends' || created.code === 'busy') this.announcer.limited(context, refusal);
      return refusal;
    }
    const { sid, dateCreated } = created;
    const { method, address } = route;
    session.setPending({
      purpose,
      ...(purpose === 'signIn' ? {} : { to: address.value }),
      sent: { sid, method, to: fingerprint(address, sid), wrong: before?.sid === sid ? before.wrong : 0 },
      expiresAt: (dateCreated instanceof Date ? dateCreated.getTime() : this.settings.clock()) + LIFE_MS,
    });
    this.announcer.verification('verificationSent', context, { verificationSid: sid, method, purpose }, address);
    return { type: 'sent', method };
  }

  private async create(context: Context<TUser>, route: Route) {
    const params = await this.params(context, route);
    const created = await this.api.create(context, params);
    if ('type' in created || created.status === 'pending') return created;
    // Used up, and Twilio could not be asked to cancel it then: it comes back as it is, and takes no code.
    await this.api.cancel(context, created.sid);
    return this.api.create(context, params);
  }

  /** Until Twilio forgets the verification that has been sent too often: at most its whole life. */
  private secondsLeft({ pending }: SessionState): number {
    const now = this.settings.clock();
    const freeAt = pending?.sent ? pending.expiresAt : now + LIFE_MS;
    return Math.max(1, Math.ceil((freeAt - now) / 1000));
  }

  private limited(context: Context<TUser>, code: 'locked' | 'retry_later' | 'too_many_sends', ms: number) {
    const refusal = refuse(code, { retryAfterSeconds: Math.ceil(ms / 1000) });
    this.announcer.limited(context, refusal);
    return refusal;
  }

  private async params(context: Context<TUser>, { method, address }: Route): Promise<TwilioVerificationParams> {
    const { user, req } = context;
    const phoneNumber = isPhoneMethod(method) ? address.value : undefined;
    const locale = twilioLocaleOf(await context.locale());
    const { settings } = this;
    const [customFriendlyName, rateLimits, deviceIp, riskCheck, tags, templateSid] = await all([
      settings.serviceName({ user, req, method, phoneNumber }),
      settings.rateLimits({ user, req }),
      settings.deviceIp({ user, req }),
      settings.riskCheck({ user, req }),
      settings.tags({ user, req }),
      settings.templateSid({ user, req }),
    ]);
    return {
      to: address.value,
      channel: method,
      ...given({ locale, customFriendlyName, rateLimits, deviceIp, riskCheck, templateSid }),
      ...(tags === undefined ? {} : { tags: JSON.stringify(tags) }),
    };
  }
}

/** Whether a code that was sent went to this address. */
export function wentTo(sent: SentCode, address: Address): boolean {
  return sent.to === fingerprint(address, sent.sid);
}

/** Without what was not given: Twilio takes an empty parameter for a value. */
function given<T extends object>(params: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(params).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> };
}

function asSend<TUser>({ userId, ip }: Context<TUser>, purpose: Purpose, { method, address }: Route): Send {
  return { userId, address, method, purpose, ip };
}
