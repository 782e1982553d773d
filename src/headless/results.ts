import type { IncomingHttpHeaders } from 'node:http';
import type { Country } from '../common/countries.js';
import type { Method, VerifiedBy } from '../common/methods.js';
import type {
  CodesConfirmed,
  CodesCreated,
  CodeVerificationInfo,
  Purpose,
  RefusalCode,
  VerificationInfo,
} from '../common/outcome.js';
import type { OwnDevice } from '../core/account/security-settings.js';

/** The parts of a request that the headless API names. Requests of Express and Fastify fit. */
export interface RequestLike {
  readonly headers: IncomingHttpHeaders;
}

/** A method that can send a code now. */
export interface AvailableMethod {
  readonly method: Method;
  /** Recipient: masked, or the full number while it is being registered. */
  readonly to: string;
}

/** A code that was sent. */
export interface PendingVerification extends AvailableMethod {
  readonly purpose: Purpose;
  readonly expiresAt: Date;
  /** When the same method can send the code again. */
  readonly resendAt: Date;
  /** Wrong codes left. */
  readonly attemptsLeft: number;
  /**
   * Set if another session of the user got this code a short time ago: `start` sent nothing, and this session checks
   * it.
   */
  readonly isJoined?: true;
}

/** The verification of a session. */
export interface VerificationStatus {
  readonly isVerified: boolean;
  /** Factor that verified this session; missing if it isn't verified. */
  readonly by?: VerifiedBy;
  /** When this session was verified; missing if it isn't. */
  readonly at?: Date;
}

/** Choices in a form for a new number. */
export interface NewNumberChoices {
  /** Methods that can send its code. */
  readonly methods: readonly Method[];
  /** Countries that it can be from, by name in the user's language. */
  readonly countries: readonly Country[];
  /** ISO 3166-1 alpha-2, for a number without `+`. */
  readonly country: string;
}

/** The state of a user. Without a user on the request, nothing is possible and nothing is verified. */
export interface Status {
  /** Whether this user must verify. */
  readonly isRequired: boolean;
  readonly isVerified: boolean;
  /** Whether registration was skipped for this session, and there is still no number. */
  readonly isSkipped: boolean;
  readonly canRegister: boolean;
  readonly canSkip: boolean;
  readonly canChange: boolean;
  /** Choices for a form, if the user can register or change a number. */
  readonly newNumber: NewNumberChoices | undefined;
  readonly pending: PendingVerification | undefined;
}

/** A refusal. */
export interface Refused {
  readonly type: 'refused';
  /** Stable code, for scripts. */
  readonly code: RefusalCode;
  /** Text for the user, in their language. */
  readonly message: string;
  /** Matching HTTP status. */
  readonly status: number;
  /** Seconds until the same step can succeed; `Infinity` if only an administrator can allow it. */
  readonly retryAfterSeconds?: number;
  /** Wrong codes left for this verification. */
  readonly attemptsLeft?: number;
  /** Digits of a complete code, if the option `codeLength` is set. */
  readonly codeLength?: number;
  /** The field that must be a string and isn't, for `bad_request`. */
  readonly field?: string;
  /** The `info` with the refusal of the app's `verify` callback. */
  readonly info?: unknown;
}

/** Result of sending a code. */
export type SendResult = { readonly type: 'sent'; readonly pending: PendingVerification } | Refused;

/** Result of starting a verification. `alreadyVerified`: a remembered device sent the request, so no code was sent. */
export type StartResult = SendResult | { readonly type: 'alreadyVerified' };

/** Options of `check()`. */
export interface CheckOptions {
  /**
   * Whether to remember the device: after a sign-in, sets a cookie, and this device isn't asked for a code again for
   * `rememberDevice.days`. A registration or a change remembers none. @default false
   */
  readonly rememberDevice?: boolean;
}

/** Options of `verification()`. */
export interface VerificationOptions {
  /** Maximum age in seconds, at least 30. @default the option `maxAgeSeconds` */
  readonly maxAgeSeconds?: number;
}

/**
 * Result of checking a code. `alreadyVerified` is a second submit of the same form. It contains nothing of the user, so
 * you can send it to a browser as it is.
 */
export type CheckResult =
  | { readonly type: 'approved'; readonly purpose: Purpose; readonly info: CodeVerificationInfo }
  | { readonly type: 'alreadyVerified' }
  | Refused;

/** Result of checking a recovery code. `left` is the number of unused codes. */
export type RecoveryResult =
  | { readonly type: 'approved'; readonly left: number; readonly info: VerificationInfo }
  | { readonly type: 'alreadyVerified' }
  | Refused;

/** Result of creating recovery codes. Show the codes once, and don't log or store them. */
export type CreateCodesResult = CodesCreated | Refused;

/** Result of activating recovery codes. */
export type ConfirmCodesResult = CodesConfirmed | Refused;

/** Result of canceling, even if nothing was pending. */
export type CancelResult = { readonly type: 'canceled' } | Refused;

/** A new number, as the user typed it. */
export interface NewNumber {
  readonly phoneNumber: string;
  /** ISO 3166-1 alpha-2, for a number without `+`. @default the option `country` */
  readonly country?: string | undefined;
  /** Method that sends the code. Without one, nothing is sent until you call `start`. */
  readonly method?: string | undefined;
}

/** Result of submitting a new number. `numberAccepted`: without a method, nothing was sent yet. */
export type NumberResult = SendResult | { readonly type: 'numberAccepted' };

/** Result of skipping registration. */
export type SkipResult = { readonly type: 'skipped' } | Refused;

/** Result of ending the user's other sessions. */
export type EndOtherSessionsResult = { readonly type: 'otherSessionsEnded' } | Refused;

/** A user's factors, with masked addresses. */
export interface OwnFactors {
  readonly type: 'factors';
  readonly phoneNumber: string | undefined;
  readonly email: string | undefined;
  /** Methods that can send a code, in the order of `allowedMethods`. */
  readonly methods: readonly Method[];
  readonly preferredMethod: Method | undefined;
  /** Unused recovery codes. */
  readonly recoveryCodesLeft: number;
  /** Remembered devices; the newest first. */
  readonly devices: readonly OwnDevice[];
}

/** Result of reading a user's factors. */
export type FactorsResult = OwnFactors | Refused;

/** Result of forgetting devices, even if there were none. */
export type ForgetResult = { readonly type: 'forgotten' } | Refused;

/** Result of keeping the method that a user prefers. */
export type PreferenceResult = { readonly type: 'preferenceSaved' } | Refused;
