import { TwilioApiError } from '../common/errors.js';
import type { RefusalCode } from '../common/outcome.js';

/** The call that failed: the same code can mean another thing for another call. */
export type TwilioCall = 'create' | 'check' | 'cancel' | 'lookup';

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

/** Twilio's error codes that are outcomes (https://www.twilio.com/docs/api/errors), per call. */
const OUTCOMES: Readonly<Record<number, Partial<Record<TwilioCall, RefusalCode>>>> = {
  60200: { create: 'number_invalid', check: 'code_wrong' },
  60202: { check: 'too_many_checks' },
  60203: { create: 'too_many_sends' },
  60205: { create: 'landline' },
  60212: { create: 'busy', check: 'busy' },
  60217: METHOD_UNAVAILABLE,
  60220: METHOD_UNAVAILABLE,
  60223: METHOD_UNAVAILABLE,
  68008: METHOD_UNAVAILABLE,
  60238: ADDRESS_REFUSED,
  60410: ADDRESS_REFUSED,
  60605: { create: 'country_refused' },
  20404: { check: 'code_expired' },
  20429: { create: 'busy', check: 'busy' },
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
    'the Verify service has no such rate limit. Add one with that unique name in the Console, or take it out of the ' +
    'option "rateLimits"',
};

/** Reads what the SDK threw. What comes out holds nothing of the request: the SDK's errors carry credentials and code. */
export function readFailure(call: TwilioCall, thrown: unknown): TwilioRefusal | TwilioFault {
  const code = numberOf(thrown, 'code');
  const status = numberOf(thrown, 'status');
  if (code !== undefined) {
    const outcome = OUTCOMES[code]?.[call];
    if (outcome) return { type: 'refused', code: outcome, twilioCode: code, twilioStatus: status };
    const advice = CONFIGURATION[code];
    if (advice) return configurationFault(`Twilio answered ${code}: ${advice}.`, code, status);
  }
  if (status === 401 || status === 403) {
    const advice = 'Check that the credentials may use Verify, and what the option "baseUrl" leads to';
    return configurationFault(`Twilio answered ${status}${codeText(code)} to "${call}". ${advice}.`, code, status);
  }
  if (status === 429) return { type: 'refused', code: 'busy', twilioCode: code ?? 0, twilioStatus: status };
  const what = status === undefined ? 'did not answer' : `answered ${status}${codeText(code)}`;
  const message = `Twilio ${what} to "${call}".`;
  const mayHaveTakenEffect = status === undefined ? !hadNoConnection(thrown) : !isClientError(status);
  const error = new TwilioApiError('ERR_TWILIO_VERIFY_UNAVAILABLE', message, code, status, mayHaveTakenEffect);
  return { type: 'fault', error };
}

function configurationFault(message: string, code: number | undefined, status: number | undefined): TwilioFault {
  const mayHaveTakenEffect = status !== undefined && !isClientError(status);
  const error = new TwilioApiError('ERR_TWILIO_VERIFY_CONFIGURATION', message, code, status, mayHaveTakenEffect);
  return { type: 'fault', error };
}

function isClientError(status: number): boolean {
  return status >= 400 && status < 500;
}

/** Node's error codes that only exist before there is a connection. Others, such as `ECONNRESET`, can also follow a send. */
const NO_CONNECTION: readonly unknown[] = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'];

/**
 * Whether a call failed before it left this machine. The network can also become unreachable later (`EHOSTUNREACH`), so
 * the system call decides.
 */
function hadNoConnection(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null) return false;
  const { code, syscall, errors } = thrown as { code?: unknown; syscall?: unknown; errors?: unknown };
  // Node tries all addresses of a host, and throws one error for each of them.
  if (Array.isArray(errors) && errors.length > 0) return errors.every(hadNoConnection);
  return NO_CONNECTION.includes(code) || syscall === 'connect';
}

function codeText(code: number | undefined): string {
  return code === undefined ? '' : ` with code ${code}`;
}

function numberOf(thrown: unknown, key: 'code' | 'status'): number | undefined {
  const value = typeof thrown === 'object' && thrown !== null ? (thrown as Record<string, unknown>)[key] : undefined;
  return typeof value === 'number' ? value : undefined;
}
