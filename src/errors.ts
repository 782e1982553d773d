/** Every code that a {@link TwilioVerifyError} can carry. `docs/errors.md` has an entry for each. */
export type TwilioVerifyErrorCode =
  | 'ERR_TWILIO_VERIFY_NO_SESSION'
  | 'ERR_TWILIO_VERIFY_NO_SESSION_ID'
  | 'ERR_TWILIO_VERIFY_SESSION_STORE'
  | 'ERR_TWILIO_VERIFY_NO_PASSPORT_SESSION'
  | 'ERR_TWILIO_VERIFY_NO_ROUTER'
  | 'ERR_TWILIO_VERIFY_MOUNT_PATH'
  | 'ERR_TWILIO_VERIFY_GATE_ON_ROUTER'
  | 'ERR_TWILIO_VERIFY_OPTION'
  | 'ERR_TWILIO_VERIFY_USER_ID'
  | 'ERR_TWILIO_VERIFY_CREDENTIALS'
  | 'ERR_TWILIO_VERIFY_CONFIGURATION'
  | 'ERR_TWILIO_VERIFY_UNAVAILABLE'
  | 'ERR_TWILIO_VERIFY_LIMITER';

/**
 * A fault: something that neither the user nor an expected answer of Twilio explains. It reaches the application as
 * Passport's `error`, or Express's `next(error)`.
 *
 * The message says what is wrong and what to change. Neither it nor `cause` holds credentials, codes or whole addresses.
 */
export class TwilioVerifyError extends Error {
  override readonly name = 'TwilioVerifyError';

  constructor(
    /** Stable, for programs. */
    readonly code: TwilioVerifyErrorCode,
    message: string,
    /** HTTP status that an error handler answers with. */
    readonly status: number = 500,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Twilio could not be asked, or answered with a fault of its own or of the configuration. */
export class TwilioFaultError extends TwilioVerifyError {
  constructor(
    code: 'ERR_TWILIO_VERIFY_UNAVAILABLE' | 'ERR_TWILIO_VERIFY_CONFIGURATION',
    message: string,
    /** Twilio's own error code, where its answer had one. */
    readonly twilioCode: number | undefined,
    /** HTTP status of Twilio's answer, where there was one. */
    readonly twilioStatus: number | undefined,
  ) {
    super(code, message, 503);
  }
}
