import type { Method, VerifiedBy } from './methods.js';

/** Why a code is sent: to let a user in, to register a first number, or to change the number. */
export type Purpose = 'signIn' | 'register' | 'change';

/**
 * Every reason to refuse a step, with its HTTP status. The codes are stable, so API clients can rely on them. The texts
 * are under `refusal` in `views/locales`.
 */
export const REFUSAL_STATUS = {
  login_required: 401,
  verification_required: 401,
  cross_site: 403,
  bad_request: 400,
  nothing_pending: 409,
  code_malformed: 422,
  code_wrong: 422,
  code_expired: 422,
  too_many_checks: 429,
  too_many_sends: 429,
  retry_later: 429,
  locked: 429,
  busy: 429,
  method_unknown: 422,
  method_unavailable: 422,
  landline: 422,
  opted_out: 422,
  address_changed: 409,
  address_refused: 422,
  number_invalid: 422,
  number_refused: 422,
  number_rejected: 422,
  country_refused: 422,
  no_method: 403,
  address_unusable: 403,
  registration_not_allowed: 403,
  change_not_allowed: 403,
  skip_not_allowed: 403,
  refused_by_app: 403,
  recovery_codes_required: 401,
  unavailable: 503,
  recovery_unavailable: 503,
  device_unavailable: 422,
} as const;

/** A reason to refuse a step: one of {@link REFUSAL_STATUS}. */
export type RefusalCode = keyof typeof REFUSAL_STATUS;

/** The way on for a user whose number or method gets no code. */
export type Advice = 'otherMethod' | 'otherNumber' | 'support';

/** An expected "no": the user sees what to do, and nothing is broken. */
export interface Refusal {
  readonly type: 'refused';
  readonly code: RefusalCode;
  /** Until the same step can succeed, in seconds; `Infinity` when only an administrator can lift it. */
  readonly retryAfterSeconds?: number;
  /** Wrong codes that are still allowed for this verification. */
  readonly attemptsLeft?: number;
  /** Digits of a complete code, if the app set `codeLength`. */
  readonly codeLength?: number;
  /** The way on, if this number or method gets no code. */
  readonly advice?: Advice;
  /** ISO 3166-1 alpha-2: the countries that a new number may be from. */
  readonly allowedCountries?: readonly string[];
  /** Field of the request that must be a string and isn't; for `bad_request`. */
  readonly field?: string;
  /** Kind of code that the text is about, if it isn't one that was sent. */
  readonly about?: 'recovery' | 'confirmation';
  /** The message of the application's own callback, shown instead of our text. */
  readonly message?: string;
  /** The `info` with the refusal of the application's `verify` callback. */
  readonly info?: unknown;
}

/** Makes a {@link Refusal}. */
export function refuse(code: RefusalCode, details: Omit<Refusal, 'type' | 'code'> = {}): Refusal {
  return { type: 'refused', code, ...details };
}

/** A code is on its way. */
export interface Sent {
  readonly type: 'sent';
  readonly method: Method;
  /** Set if nothing was sent, because another session of the user sent this code within the resend delay. */
  readonly isJoined?: true;
}

/** A number was accepted for registration or change; no code has been sent to it yet. */
export interface NumberAccepted {
  readonly type: 'numberAccepted';
}

/** The code was correct, and the session is verified. */
export interface Approved<TUser> {
  readonly type: 'approved';
  readonly purpose: Purpose;
  readonly user: TUser;
  readonly info: CodeVerificationInfo;
}

/** The session was verified before, and nothing is pending: a second submit of the same form. */
export interface AlreadyVerified {
  readonly type: 'alreadyVerified';
}

/**
 * The code has verified a session before, in another request. This request gets neither a verification nor a cookie: the
 * browser that received the first response is signed in.
 */
export interface UsedBefore {
  readonly type: 'usedBefore';
}

/** A verification of a session, as the `verify` callback gets it and, through Passport, `req.authInfo`. */
export interface VerificationInfo {
  /** Factor that the user proved. */
  readonly by: VerifiedBy;
  /** SID of Twilio's verification; missing if the factor needs none. */
  readonly verificationSid?: string;
  /** Method that sent the code; missing if no code was sent. */
  readonly method?: Method;
  /** Purpose of the code; missing if no code was sent. */
  readonly purpose?: Purpose;
}

/** A verification of a session by a code that Twilio sent. */
export interface CodeVerificationInfo extends VerificationInfo {
  readonly verificationSid: string;
  readonly method: Method;
  readonly purpose: Purpose;
}

/** Possible outcomes of starting a verification, resending a code, or registering a number. */
export type SendOutcome = Sent | Refusal;

/** Possible outcomes of submitting a new number. */
export type NumberOutcome = Sent | NumberAccepted | Refusal;

/** Possible outcomes of checking a code. */
export type CheckOutcome<TUser> = Approved<TUser> | AlreadyVerified | UsedBefore | Refusal;

/** A recovery code was correct: it is used up, and the session is verified. */
export interface Recovered<TUser> {
  readonly type: 'recovered';
  /** Unused recovery codes. */
  readonly left: number;
  readonly user: TUser;
  readonly info: VerificationInfo;
}

/** Result of signing in with a recovery code. */
export type RecoveryOutcome<TUser> = Recovered<TUser> | AlreadyVerified | UsedBefore | Refusal;

/** New recovery codes. They work once the user has typed one of them. */
export interface CodesCreated {
  readonly type: 'created';
  readonly codes: readonly string[];
}

/** The new recovery codes work. */
export interface CodesConfirmed {
  readonly type: 'confirmed';
}
