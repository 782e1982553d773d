import { TwilioFaultError } from '../errors.js';
import { all } from '../maybe-promise.js';
import type { UserContext } from '../options.js';
import type { Settings } from '../settings.js';
import { inTime } from '../time-limit.js';
import { type TraceDetails, trace } from '../trace.js';
import {
  credentialsFrom,
  missing,
  type TwilioClient,
  TwilioClients,
  type TwilioVerification,
  type TwilioVerificationParams,
} from './client.js';
import { readFailure, type TwilioCall, type TwilioRefusal } from './failure.js';

type VerifyService = ReturnType<TwilioClient['verify']['v2']['services']>;

/** The calls that are made to Twilio. */
export class VerifyApi<TUser> {
  private readonly clients: TwilioClients;

  constructor(private readonly settings: Settings<TUser>) {
    this.clients = new TwilioClients(settings);
  }

  /** Sends a code; while one is pending for the same address, Twilio sends that one again under the same SID. */
  async create(context: UserContext<TUser>, params: TwilioVerificationParams) {
    const service = await this.service(context);
    return this.call('create', async () => complete(await service.verifications.create(params)));
  }

  /** Asks whether a code is right. */
  async check(context: UserContext<TUser>, sid: string, code: string) {
    const service = await this.service(context);
    const params = { code, verificationSid: sid };
    return this.call('check', async () => complete(await service.verificationChecks.create(params)));
  }

  /** Ends a verification, so that its code is worth nothing and the next one is new. */
  async cancel(context: UserContext<TUser>, sid: string) {
    const service = await this.service(context);
    return this.call('cancel', () => service.verifications(sid).update({ status: 'canceled' }));
  }

  /** Asks what kind of line a number has. @throws TypeError if the application's own client has no Lookup */
  async lookup(context: UserContext<TUser>, phoneNumber: string) {
    const { lookups } = await this.client(context);
    if (!lookups) throw new TypeError('The option "allowedLineTypes" needs a "client" with "lookups".');
    return this.call('lookup', () => lookups.v2.phoneNumbers(phoneNumber).fetch({ fields: 'line_type_intelligence' }));
  }

  /** @throws TwilioFaultError when Twilio could not be asked, or there is nothing the person could do */
  private async call<T extends object>(name: TwilioCall, send: () => Promise<T>): Promise<T | TwilioRefusal> {
    const startedAt = performance.now();
    const tell = (details: TraceDetails) =>
      trace(`twilio ${name}`, { ...details, ms: Math.round(performance.now() - startedAt) });
    try {
      // An application's own client may wait for as long as something still comes.
      const answer = await inTime(this.settings.timeoutMs, send());
      tell({ status: 'status' in answer ? String(answer.status) : 'ok' });
      return answer;
    } catch (thrown) {
      const failure = readFailure(name, thrown);
      tell({ http: failure.twilioStatus, twilioCode: failure.twilioCode, code: failure.code });
      if (failure instanceof TwilioFaultError) throw failure;
      return failure;
    }
  }

  private async service(context: UserContext<TUser>): Promise<VerifyService> {
    const serviceSid = await this.settings.serviceSid(context);
    if (!serviceSid) throw missing('serviceSid', 'TWILIO_VERIFY_SERVICE_SID');
    return (await this.client(context)).verify.v2.services(serviceSid);
  }

  private async client(context: UserContext<TUser>): Promise<TwilioClient> {
    const { settings } = this;
    if (settings.client) return settings.client;
    const [accountSid, authToken, apiKey, apiSecret] = await all([
      settings.accountSid(context),
      settings.authToken(context),
      settings.apiKey(context),
      settings.apiSecret(context),
    ]);
    return this.clients.get(credentialsFrom({ accountSid, authToken, apiKey, apiSecret }));
  }
}

/** The SDK makes an object of whatever came with 2xx: from a proxy, that may be anything. */
function complete(answer: TwilioVerification): TwilioVerification {
  const isComplete = [answer.sid, answer.to, answer.status].every((value) => typeof value === 'string');
  if (!isComplete) throw new Error('not a verification');
  return answer;
}
