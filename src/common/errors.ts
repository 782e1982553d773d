/** The catalogue of errors, which the package ships. */
const CATALOGUE = 'node_modules/passport-twilio-verify/docs/errors.md';

/** Returns where the catalogue explains a code. */
function entryOf(code: TwilioVerifyErrorCode): string {
  return `${CATALOGUE}#${code.toLowerCase()}`;
}

/** Every code that a {@link TwilioVerifyError} can carry. `docs/errors.md` has an entry for each. */
export type TwilioVerifyErrorCode =
  | 'ERR_TWILIO_VERIFY_NO_SESSION'
  | 'ERR_TWILIO_VERIFY_NO_SESSION_ID'
  | 'ERR_TWILIO_VERIFY_SESSION_NOT_MOUNTED'
  | 'ERR_TWILIO_VERIFY_SESSION_ORDER'
  | 'ERR_TWILIO_VERIFY_SESSION_STORE'
  | 'ERR_TWILIO_VERIFY_NO_PASSPORT_SESSION'
  | 'ERR_TWILIO_VERIFY_NO_ROUTER'
  | 'ERR_TWILIO_VERIFY_MOUNT_PATH'
  | 'ERR_TWILIO_VERIFY_SHARED_PATH'
  | 'ERR_TWILIO_VERIFY_GATE_ON_ROUTER'
  | 'ERR_TWILIO_VERIFY_FILE'
  | 'ERR_TWILIO_VERIFY_OPTION'
  | 'ERR_TWILIO_VERIFY_USER_ID'
  | 'ERR_TWILIO_VERIFY_CREDENTIALS'
  | 'ERR_TWILIO_VERIFY_CONFIGURATION'
  | 'ERR_TWILIO_VERIFY_UNAVAILABLE'
  | 'ERR_TWILIO_VERIFY_LIMITER'
  | 'ERR_TWILIO_VERIFY_STORE';

/**
 * An error that neither the user nor an expected answer from Twilio explains. It reaches your app through Passport's
 * `error`, Express's `next(error)`, or a rejected promise.
 *
 * The message says what is wrong and what to change, and ends with the entry in `docs/errors.md`. Neither the message
 * nor `cause` contains credentials, codes, or full addresses.
 */
export class TwilioVerifyError extends Error {
  override readonly name: string = 'TwilioVerifyError';

  constructor(
    /** Stable code, for scripts. */
    readonly code: TwilioVerifyErrorCode,
    message: string,
    /** HTTP status for the response. */
    readonly status: number = 500,
    options?: ErrorOptions,
  ) {
    super(`${message}${/[.?!]$/.test(message) ? '' : '.'} See ${entryOf(code)}`, options);
  }
}

/**
 * Twilio couldn't be reached, or answered with its own error or with one about the configuration. Without an answer,
 * `cause` has Node's error code as `code`, such as `ECONNREFUSED`.
 */
export class TwilioApiError extends TwilioVerifyError {
  override readonly name = 'TwilioApiError';

  constructor(
    code: 'ERR_TWILIO_VERIFY_UNAVAILABLE' | 'ERR_TWILIO_VERIFY_CONFIGURATION',
    message: string,
    /** Twilio's own error code, if its answer had one. */
    readonly twilioCode: number | undefined,
    /** HTTP status of Twilio's answer, if there was one. */
    readonly twilioStatus: number | undefined,
    /** Whether Twilio may have done what the call requested: `false` only without a connection, or with a 4xx status. */
    readonly mayHaveTakenEffect: boolean,
    options?: ErrorOptions,
  ) {
    super(code, message, 503, options);
  }
}

/** Returns the code of an error's cause: Node's for a network error, such as `ECONNREFUSED`. */
export function causeCodeOf({ cause }: Error): string | undefined {
  const code: unknown = typeof cause === 'object' && cause !== null ? (cause as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
}
