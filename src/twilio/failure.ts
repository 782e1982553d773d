import { TwilioApiError } from '../common/errors.js';
import type { RefusalCode } from '../common/outcome.js';
import { noAnswer } from './no-answer.js';

/** The call that failed: the same code can mean another thing for another call. */
export type TwilioCall = 'create' | 'check' | 'cancel' | 'lookup';

/** A call that no user waits for: the check of the configuration fetches the service. */
type SilentCall = 'service';

/** Twilio failed, or the configuration is wrong: nothing that the user does can help. */
export interface TwilioFault {
  readonly type: 'fault';
  readonly error: TwilioApiError;
}

/** Twilio refused a call, and the user can do something about it. */
export interface TwilioRefusal {
  readonly type: 'refused';
  readonly code: RefusalCode;
  readonly twilioCode: number;
  readonly twilioStatus: number | undefined;
}

const METHOD_UNAVAILABLE = {
  create: 'method_unavailable',
  check: 'method_unavailable',
  cancel: 'method_unavailable',
} as const;
const ADDRESS_REFUSED = { create: 'address_refused' } as const;
const COUNTRY_REFUSED = { create: 'country_refused' } as const;
const NUMBER_INVALID = { create: 'number_invalid' } as const;

/** Twilio's error codes that are outcomes (https://www.twilio.com/docs/api/errors), per call. */
const OUTCOMES: Readonly<Record<number, Partial<Record<TwilioCall | SilentCall, RefusalCode>>>> = {
  60202: { check: 'too_many_checks' },
  60203: { create: 'too_many_sends' },
  60205: { create: 'landline' },
  21614: { create: 'landline' },
  21610: { create: 'opted_out' },
  60212: { create: 'busy', check: 'busy' },
  60217: METHOD_UNAVAILABLE,
  60220: METHOD_UNAVAILABLE,
  60223: METHOD_UNAVAILABLE,
  68008: METHOD_UNAVAILABLE,
  60238: ADDRESS_REFUSED,
  60410: ADDRESS_REFUSED,
  60412: ADDRESS_REFUSED,
  60605: COUNTRY_REFUSED,
  // Geographic permissions of calls and of text messages.
  13227: COUNTRY_REFUSED,
  21215: COUNTRY_REFUSED,
  21408: COUNTRY_REFUSED,
  13223: NUMBER_INVALID,
  13224: NUMBER_INVALID,
  21211: NUMBER_INVALID,
  21217: NUMBER_INVALID,
  20404: { check: 'code_expired' },
  20429: { create: 'busy', check: 'busy' },
};

/** Outcomes of "invalid parameter", by the parameter that Twilio names. Any other was set by the app. */
const INVALID_PARAMETERS: Readonly<Record<string, Partial<Record<TwilioCall | SilentCall, RefusalCode>>>> = {
  To: NUMBER_INVALID,
  Code: { check: 'code_wrong' },
};

/** Codes that the owner of the application has to do something about, and what. */
const CONFIGURATION: Readonly<Record<number, string>> = {
  20003:
    'the credentials are wrong. Check TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN, or with TWILIO_API_KEY and ' +
    'TWILIO_API_SECRET, or the options of these names ("accountSid", …)',
  20404:
    'this account has no such Verify service. Set TWILIO_VERIFY_SERVICE_SID, or the option "serviceSid", to the SID ' +
    '(VA…) that the Console shows',
  21608:
    'a trial account sends to verified numbers only. Verify the number in the Twilio Console, or upgrade the account',
  60204:
    'the Verify service does not have custom codes enabled. We send none: look at what the option "client" or ' +
    '"baseUrl" adds',
  60206: 'the Verify service wants an amount and a payee with each send. Switch PSD2 off in the Console',
  60207:
    'a rate limit of the Verify service is in the way. Compare the option "rateLimits" with the rate limits of the ' +
    'service in the Console',
  60228: 'there is no such message template. Set the option "templateSid" to the SID (HJ…) of one that is approved',
  60229:
    'the message template has no translation for the language of the page. Add the translation to the template in the ' +
    'Console, or set the option "templateSid" or "locale"',
  60234:
    'the sender ID cannot be set as not default. Review the sender IDs of the Verify service in the Console, and make ' +
    'one of them the default',
};

/** Reads an error of the SDK. The result has nothing of the request: the SDK's errors carry credentials and code. */
export function readFailure(call: TwilioCall | SilentCall, thrown: unknown): TwilioRefusal | TwilioFault {
  const code = numberOf(thrown, 'code');
  const status = numberOf(thrown, 'status');
  if (code !== undefined) {
    const parameter = code === INVALID_PARAMETER ? parameterOf(thrown) : undefined;
    const outcome = (parameter === undefined ? OUTCOMES[code] : INVALID_PARAMETERS[parameter])?.[call];
    if (outcome) return { type: 'refused', code: outcome, twilioCode: code, twilioStatus: status };
    const advice =
      code === INVALID_PARAMETER ? adviceOnParameter(parameter) : (CONFIGURATION[code] ?? adviceOn(code, status));
    if (advice) return configurationFault(`Twilio answered ${code}: ${advice}.`, code, status);
  }
  if (status === 401 || status === 403) {
    const advice = 'Check that the credentials may use Verify, and what the option "baseUrl" leads to';
    return configurationFault(`Twilio answered ${status}${codeText(code)} to "${call}". ${advice}.`, code, status);
  }
  if (status === 429) return { type: 'refused', code: 'busy', twilioCode: code ?? 0, twilioStatus: status };
  if (status === undefined) return { type: 'fault', error: noAnswer(call, thrown) };
  const message = `Twilio answered ${status}${codeText(code)} to "${call}". Check https://status.twilio.com.`;
  const mayHaveTakenEffect = !isClientError(status);
  const error = new TwilioApiError('ERR_TWILIO_VERIFY_UNAVAILABLE', message, code, status, mayHaveTakenEffect);
  return { type: 'fault', error };
}

/** Twilio's code for an invalid parameter. */
export const INVALID_PARAMETER = 60200;

/** Parameters that a call can have. A name that isn't one of them can be part of a number or of an email address. */
const PARAMETERS: readonly string[] = [
  ...['To', 'Channel', 'Locale', 'CustomFriendlyName', 'RateLimits', 'DeviceIp', 'RiskCheck', 'Tags', 'TemplateSid'],
  ...['Code', 'VerificationSid', 'Status'],
];

/** The parameter that Twilio names in its message, such as ``Invalid parameter `To`: +1…``. */
function parameterOf(thrown: unknown): string | undefined {
  const { message } = thrown as { message?: unknown };
  const named = typeof message === 'string' ? /invalid parameter\W{1,3}([a-z]+)/i.exec(message)?.[1] : undefined;
  return PARAMETERS.find((parameter) => parameter === named);
}

/** The rest of the message holds the value, which can be a number or a code: leave it out. */
function adviceOnParameter(parameter: string | undefined): string {
  if (parameter === undefined) return 'a parameter is invalid. Look at the request in the logs of the Console';
  return `the parameter "${parameter}" is invalid. Correct the option that sets it`;
}

/** Twilio's codes for the settings, templates, and sender IDs of a Verify service. */
function adviceOn(code: number, status: number | undefined): string | undefined {
  if (code < 60_201 || code > 60_299 || status === 429) return undefined;
  return `the Verify service or a template refuses the request. See https://www.twilio.com/docs/api/errors/${code}`;
}

function configurationFault(message: string, code: number | undefined, status: number | undefined): TwilioFault {
  const mayHaveTakenEffect = status !== undefined && !isClientError(status);
  const error = new TwilioApiError('ERR_TWILIO_VERIFY_CONFIGURATION', message, code, status, mayHaveTakenEffect);
  return { type: 'fault', error };
}

function isClientError(status: number): boolean {
  return status >= 400 && status < 500;
}

function codeText(code: number | undefined): string {
  return code === undefined ? '' : ` with code ${code}`;
}

function numberOf(thrown: unknown, key: 'code' | 'status'): number | undefined {
  const value = typeof thrown === 'object' && thrown !== null ? (thrown as Record<string, unknown>)[key] : undefined;
  return typeof value === 'number' ? value : undefined;
}
