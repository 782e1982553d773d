import type { PurposeContext, Setting } from '../common/callback.js';
import { USUAL_CODE_LENGTH } from '../common/digits.js';
import { TwilioApiError, TwilioVerifyError } from '../common/errors.js';
import { withTimeLimit } from '../common/time-limit.js';
import type { TwilioClients } from './client.js';
import { credentialsFrom, missingCredential, missingCredentials } from './credentials.js';
import { readFailure } from './failure.js';
import type { HttpClient } from './http-client.js';
import type { VerifyApiSettings } from './verify-api.js';

/** Settings for the check of the Verify service. */
export interface ServiceCheckSettings<TUser> extends VerifyApiSettings<TUser> {
  readonly codeLength: Setting<PurposeContext<TUser>, number | undefined>;
  /** Names of options that are callbacks: their values are unknown without a request. */
  readonly callbacks: ReadonlySet<string>;
}

const CREDENTIALS = ['accountSid', 'authToken', 'apiKey', 'apiSecret'] as const;

type Credential = (typeof CREDENTIALS)[number] | 'serviceSid';

/** Stands for a value that a callback returns. */
const UNKNOWN = 'unknown';

/** Checks, without a request and without sending a code, whether codes can be sent. */
export class ServiceCheck<TUser> {
  constructor(
    private readonly settings: ServiceCheckSettings<TUser>,
    private readonly clients: TwilioClients,
    private readonly httpClient: HttpClient,
  ) {}

  /** Returns what keeps codes from being sent. */
  async problems(): Promise<readonly TwilioVerifyError[]> {
    const { client, callbacks } = this.settings;
    const serviceSid = await this.valueOf('serviceSid');
    const [accountSid, authToken, apiKey, apiSecret] = await Promise.all(CREDENTIALS.map((name) => this.valueOf(name)));
    const given = { accountSid, authToken, apiKey, apiSecret };
    const missing = [
      ...(client ? [] : missingCredentials(given)),
      ...(serviceSid ? [] : [missingCredential('serviceSid', 'TWILIO_VERIFY_SERVICE_SID')]),
    ];
    const names: readonly Credential[] = client ? ['serviceSid'] : [...CREDENTIALS, 'serviceSid'];
    const isKnown = missing.length === 0 && !names.some((name) => callbacks.has(name));
    try {
      if (isKnown)
        return await this.serviceProblems(client ?? this.clients.get(credentialsFrom(given)), serviceSid ?? '');
      if (!client) await this.reach();
      return missing;
    } catch (thrown) {
      return [...missing, errorOf(thrown)];
    }
  }

  private async serviceProblems(
    { verify }: ReturnType<TwilioClients['get']>,
    serviceSid: string,
  ): Promise<readonly TwilioVerifyError[]> {
    const { callbacks, timeoutMs } = this.settings;
    const service = await withTimeLimit(timeoutMs, Promise.resolve(verify.v2.services(serviceSid).fetch?.()));
    if (service === undefined || callbacks.has('codeLength')) return [];
    const setting = this.settings.codeLength as () => number | undefined | PromiseLike<number | undefined>;
    const codeLength = (await setting()) ?? USUAL_CODE_LENGTH;
    if (service.codeLength === codeLength) return [];
    return [
      new TwilioVerifyError(
        'ERR_TWILIO_VERIFY_CONFIGURATION',
        `The Verify service sends codes of ${service.codeLength} digits, and the option "codeLength" is ${codeLength}. Add ` +
          `codeLength: ${service.codeLength}, or change the code length of the service in the Twilio Console.`,
      ),
    ];
  }

  /** Calls Twilio without credentials, which it refuses. Any answer of Twilio's shows that it can be reached. */
  private async reach(): Promise<void> {
    const { statusCode } = await this.httpClient.request({
      method: 'get',
      uri: 'https://verify.twilio.com/v2/Services',
    });
    if (statusCode >= 500) throw Object.assign(new Error('no answer of Twilio'), { status: statusCode });
  }

  private async valueOf(name: Credential): Promise<string | undefined> {
    const setting = this.settings[name] as () => string | undefined | PromiseLike<string | undefined>;
    return this.settings.callbacks.has(name) ? UNKNOWN : setting();
  }
}

function errorOf(thrown: unknown): TwilioVerifyError {
  if (thrown instanceof TwilioVerifyError) return thrown;
  const failure = readFailure('service', thrown);
  if (failure.type === 'fault') return failure.error;
  const { twilioCode, twilioStatus } = failure;
  const message = `Twilio takes no more calls of this account now (${twilioStatus} with code ${twilioCode}). Try again later.`;
  return new TwilioApiError('ERR_TWILIO_VERIFY_UNAVAILABLE', message, twilioCode, twilioStatus, false);
}
