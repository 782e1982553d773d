import type { PurposeContext, Setting, UserContext } from '../../common/callback.js';
import { isPhoneMethod, type Method } from '../../common/methods.js';
import type { Purpose } from '../../common/outcome.js';
import type { TwilioVerificationParams } from '../../twilio/client.js';
import type { TwilioRefusal } from '../../twilio/failure.js';
import { twilioLocaleOf } from '../../twilio/locale.js';
import type { RiskCheck } from '../../twilio/values.js';
import type { SentVerification, TwilioAnswer, VerifyApi } from '../../twilio/verify-api.js';
import type { DeliveryOption } from '../factors/delivery-options.js';
import type { Context } from '../step/context.js';

/** Argument of `serviceName`. */
export interface ServiceNameContext<TUser> extends UserContext<TUser> {
  readonly method: Method;
  /** E.164; `undefined` if the code goes by email. */
  readonly phoneNumber: string | undefined;
}

/** Settings for the parameters of a send. */
export interface SendRequestSettings<TUser> {
  readonly serviceName: Setting<ServiceNameContext<TUser>, string | undefined>;
  readonly rateLimits: Setting<PurposeContext<TUser>, Readonly<Record<string, string>> | undefined>;
  readonly deviceIp: Setting<UserContext<TUser>, string | undefined>;
  readonly riskCheck: Setting<UserContext<TUser>, RiskCheck | undefined>;
  readonly tags: Setting<UserContext<TUser>, Readonly<Record<string, string>> | undefined>;
  readonly templateSid: Setting<UserContext<TUser>, string | undefined>;
}

/** Requests codes from Twilio, with the parameters that the app sets. */
export class SendRequests<TUser> {
  constructor(
    private readonly settings: SendRequestSettings<TUser>,
    private readonly api: VerifyApi<TUser>,
  ) {}

  /** Creates a verification, or sends the pending one again. */
  async create(
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

/** Drops missing parameters: Twilio treats an empty parameter as a value. */
function withoutMissing<T extends object>(params: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(params).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> };
}
