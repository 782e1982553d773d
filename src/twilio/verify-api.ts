import { TwilioFaultError } from '../errors.js';
import type { UserContext } from '../options.js';
import type { Settings } from '../settings.js';
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

/** The three calls that are made to Twilio Verify. */
export class VerifyApi<TUser> {
  private readonly clients: TwilioClients;

  constructor(private readonly settings: Settings<TUser>) {
    this.clients = new TwilioClients(settings);
  }

  /** Sends a code; while one is pending for the same address, Twilio sends that one again under the same SID. */
  create(context: UserContext<TUser>, params: TwilioVerificationParams): Promise<TwilioVerification | TwilioRefusal> {
    return this.call('create', context, (service) => service.verifications.create(params));
  }

  /** Asks whether a code is right. */
  check(context: UserContext<TUser>, sid: string, code: string): Promise<TwilioVerification | TwilioRefusal> {
    return this.call('check', context, (service) => service.verificationChecks.create({ code, verificationSid: sid }));
  }

  /** Ends a verification, so that its code is worth nothing and the next one is new. */
  cancel(context: UserContext<TUser>, sid: string): Promise<{ readonly status: string } | TwilioRefusal> {
    return this.call('cancel', context, (service) => service.verifications(sid).update({ status: 'canceled' }));
  }

  /** @throws TwilioFaultError when Twilio could not be asked, or there is nothing the person could do */
  private async call<T>(
    name: TwilioCall,
    context: UserContext<TUser>,
    send: (service: VerifyService) => Promise<T>,
  ): Promise<T | TwilioRefusal> {
    const service = await this.service(context);
    try {
      return await withinMs(this.settings.timeoutMs, () => send(service));
    } catch (thrown) {
      const failure = readFailure(name, thrown);
      if (failure instanceof TwilioFaultError) throw failure;
      return failure;
    }
  }

  private async service(context: UserContext<TUser>): Promise<VerifyService> {
    const { settings } = this;
    const serviceSid = await settings.serviceSid(context);
    if (!serviceSid) throw missing('serviceSid', 'TWILIO_VERIFY_SERVICE_SID');
    if (settings.client) return settings.client.verify.v2.services(serviceSid);
    const [accountSid, authToken, apiKey, apiSecret] = await Promise.all([
      settings.accountSid(context),
      settings.authToken(context),
      settings.apiKey(context),
      settings.apiSecret(context),
    ]);
    const credentials = credentialsFrom({ accountSid, authToken, apiKey, apiSecret });
    return this.clients.get(credentials).verify.v2.services(serviceSid);
  }
}

/** The SDK's time limit is one of silence on the socket; a person waits for the whole answer. */
async function withinMs<T>(ms: number, call: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('too late')), ms);
  });
  try {
    return await Promise.race([call(), late]);
  } finally {
    clearTimeout(timer);
  }
}
