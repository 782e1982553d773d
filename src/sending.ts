import type { Address } from './address.js';
import type { Announcer } from './announcer.js';
import type { Context } from './context.js';
import { TwilioFaultError } from './errors.js';
import type { Limits, Send } from './limits.js';
import type { LineTypes } from './line-types.js';
import { isPhoneMethod } from './methods.js';
import { type Purpose, refuse, type SendOutcome } from './outcome.js';
import type { Route } from './reach.js';
import { fingerprint, type Pending, type SentCode } from './session-state.js';
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
    const lockedUntil = await this.limits.lockedUntil(context.userId);
    if (lockedUntil !== undefined) return this.limited(context, 'locked', lockedUntil - this.settings.clock());

    const schedule = [await this.settings.retryTimeSeconds(context)].flat();
    const counted = await this.limits.countSend(asSend(context, purpose, route), schedule);
    if ('heldBy' in counted) {
      const code = counted.heldBy === 'pause' ? 'retry_later' : 'too_many_sends';
      return this.limited(context, code, counted.retryAfterMs);
    }

    const { session } = context;
    const before = session.pending?.sent;
    const isKnown = before !== undefined && wentTo(before, route.address);
    if (session.pending && !isKnown) await this.cancel(context, session.pending);

    try {
      if (purpose !== 'signIn' && !isKnown) {
        const refusal = await this.lineTypes.judge(context, route.address);
        if (refusal) {
          await counted.endPause();
          return refusal;
        }
      }
      const created = await this.api.create(context, await this.params(context, route));
      if ('type' in created) {
        await counted.endPause();
        const refusal = refuse(created.code);
        this.announcer.twilioRefused(context, 'create', refusal, created.twilioCode);
        if (created.code === 'too_many_sends' || created.code === 'busy') this.announcer.limited(context, refusal);
        return refusal;
      }
      const { sid, dateCreated } = created;
      session.setPending({
        purpose,
        ...(purpose === 'signIn' ? {} : { to: route.address.value }),
        sent: {
          sid,
          method: route.method,
          to: fingerprint(route.address, sid),
          wrong: before?.sid === sid ? before.wrong : 0,
        },
        expiresAt: (dateCreated instanceof Date ? dateCreated.getTime() : this.settings.clock()) + LIFE_MS,
      });
      const told = { verificationSid: sid, method: route.method, purpose };
      this.announcer.verification('verificationSent', context, told, route.address);
      return { type: 'sent', method: route.method };
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
      await this.api.cancel(context, sent.sid);
    } catch (error) {
      if (!(error instanceof TwilioFaultError)) throw error;
      // A verification that is gone already is what was wanted.
      if (error.twilioStatus === 404) return;
      this.announcer.twilioFailed(context, 'cancel', error);
      return;
    }
    this.announcer.canceled(context, { verificationSid: sent.sid, method: sent.method, purpose });
  }

  /** When the code may be sent again by the same method, in epoch milliseconds. */
  resendAt(context: Context<TUser>, purpose: Purpose, route: Route): Promise<number> {
    return this.limits.resendAt(asSend(context, purpose, route));
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
    const [customFriendlyName, rateLimits, deviceIp, riskCheck, tags, templateSid] = await Promise.all([
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
