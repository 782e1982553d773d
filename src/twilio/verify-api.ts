import type { PurposeContext, Setting, UserContext } from '../common/callback.js';
import { causeCodeOf, TwilioVerifyError } from '../common/errors.js';
import { withTimeLimit } from '../common/time-limit.js';
import { type TraceDetails, trace } from '../common/trace.js';
import { warnOnce } from '../common/warn-once.js';
import type {
  TwilioClient,
  TwilioClients,
  TwilioLookup,
  TwilioVerification,
  TwilioVerificationParams,
} from './client.js';
import { credentialsFrom, missingCredential } from './credentials.js';
import { INVALID_PARAMETER, readFailure, type TwilioCall, type TwilioRefusal } from './failure.js';
import type { ConnectionSettings } from './http-client.js';
import { ageMsOf } from './verification-age.js';

type VerifyService = ReturnType<TwilioClient['verify']['v2']['services']>;

/** Settings that calls to Twilio need. */
export interface VerifyApiSettings<TUser> extends ConnectionSettings {
  readonly client: TwilioClient | undefined;
  readonly accountSid: Setting<UserContext<TUser>, string | undefined>;
  readonly authToken: Setting<UserContext<TUser>, string | undefined>;
  readonly apiKey: Setting<UserContext<TUser>, string | undefined>;
  readonly apiSecret: Setting<UserContext<TUser>, string | undefined>;
  readonly serviceSid: Setting<PurposeContext<TUser>, string | undefined>;
}

/** A verification that Twilio has sent a code for. */
export interface SentVerification {
  readonly sid: string;
  readonly status: string;
  /** Milliseconds since Twilio created it, by Twilio's clock; `undefined` if the answer does not say. */
  readonly ageMs: number | undefined;
}

/** A call that Twilio answered. */
export interface TwilioAnswer<T> {
  readonly type: 'answered';
  readonly answer: T;
}

/** The verification that a code is checked against: by its SID, or the pending one of a recipient. */
export type CheckTarget = { readonly verificationSid: string } | { readonly to: string };

type CallResult<T> = Promise<TwilioAnswer<T> | TwilioRefusal>;

/** Calls Twilio. Methods throw a {@link TwilioApiError} if Twilio fails, or if nothing that a person does can help. */
export class VerifyApi<TUser> {
  constructor(
    private readonly settings: VerifyApiSettings<TUser>,
    private readonly clients: TwilioClients,
  ) {}

  /** Sends a code. While one is pending for the same recipient, Twilio sends it again under the same SID. */
  async create(context: PurposeContext<TUser>, params: TwilioVerificationParams): CallResult<SentVerification> {
    const { verifications } = await this.service(context);
    return this.call('create', async () => {
      const { body, headers } = verifications.createWithHttpInfo
        ? await verifications.createWithHttpInfo(params)
        : { body: await verifications.create(params) };
      const { sid, status, dateCreated } = complete(body);
      return { sid, status, ageMs: ageMsOf(dateCreated, headers?.date) };
    });
  }

  /** Checks a code. */
  async check(context: PurposeContext<TUser>, target: CheckTarget, code: string): CallResult<TwilioVerification> {
    const service = await this.service(context);
    const params = { code, ...target };
    return this.call('check', async () => complete(await service.verificationChecks.create(params)));
  }

  /** Cancels a verification: its code becomes invalid, and the next code is a new one. */
  async cancel(context: PurposeContext<TUser>, sid: string): CallResult<{ readonly status: string }> {
    const service = await this.service(context);
    return this.call('cancel', () => service.verifications(sid).update({ status: 'canceled' }));
  }

  /** Looks up the line type of a phone number. @throws TypeError if the app's own client has no Lookup */
  async lookup(context: UserContext<TUser>, phoneNumber: string): CallResult<TwilioLookup> {
    const { lookups } = await this.client(context);
    if (!lookups) throw new TypeError('The option "allowedLineTypes" needs a "client" with "lookups".');
    return this.call('lookup', () => lookups.v2.phoneNumbers(phoneNumber).fetch({ fields: 'line_type_intelligence' }));
  }

  private async call<T extends object>(name: TwilioCall, send: () => Promise<T>): CallResult<T> {
    const startedAt = performance.now();
    const traceCall = (details: TraceDetails) =>
      trace(`twilio ${name}`, { ...details, ms: Math.round(performance.now() - startedAt) });
    try {
      // A client that the app provides may have no time limit, or one that restarts with each byte.
      const { client, timeoutMs } = this.settings;
      const answer = await (client ? withTimeLimit(timeoutMs, send()) : send());
      traceCall({ status: String((answer as { status?: unknown }).status ?? 'ok') });
      return { type: 'answered', answer };
    } catch (thrown) {
      if (thrown instanceof TwilioVerifyError) throw thrown;
      const failure = readFailure(name, thrown);
      const { twilioStatus, twilioCode, code } = failure.type === 'fault' ? failure.error : failure;
      const cause = failure.type === 'fault' ? causeCodeOf(failure.error) : undefined;
      traceCall({ http: twilioStatus, twilioCode, code, cause });
      if (failure.type === 'fault') {
        const { message } = failure.error;
        // One code is about several parameters. Other messages name the call, which makes no other cause.
        const detail = twilioCode === INVALID_PARAMETER ? message : undefined;
        const key = ['twilio', code, cause, twilioStatus, twilioCode, detail].join(' ');
        warnOnce(message, { code: failure.error.code, key });
      }
      if (failure.type === 'fault') throw failure.error;
      return failure;
    }
  }

  private async service(context: PurposeContext<TUser>): Promise<VerifyService> {
    const serviceSid = await this.settings.serviceSid(context);
    if (!serviceSid) throw missingCredential('serviceSid', 'TWILIO_VERIFY_SERVICE_SID');
    return (await this.client(context)).verify.v2.services(serviceSid);
  }

  private async client(context: UserContext<TUser>): Promise<TwilioClient> {
    const { settings } = this;
    if (settings.client) return settings.client;
    const [accountSid, authToken, apiKey, apiSecret] = await Promise.all([
      settings.accountSid(context),
      settings.authToken(context),
      settings.apiKey(context),
      settings.apiSecret(context),
    ]);
    return this.clients.get(credentialsFrom({ accountSid, authToken, apiKey, apiSecret }));
  }
}

/** The SDK turns any 2xx answer into an object. From a proxy, that can be anything. */
function complete(answer: TwilioVerification): TwilioVerification {
  const isComplete = [answer.sid, answer.to, answer.status].every((value) => typeof value === 'string');
  if (!isComplete) throw new Error('not a verification');
  return answer;
}
