import type { IncomingHttpHeaders } from 'node:http';
import type { Method } from './methods.js';
import type { Purpose, RefusalCode, VerificationInfo } from './outcome.js';

/** A request, as far as the core API names it: Express's fits, and so does Fastify's. */
export interface RequestLike {
  readonly headers: IncomingHttpHeaders;
}

/** A method by which a code can be sent now. */
export interface AvailableMethod {
  readonly method: Method;
  /** Where the code goes: masked, or the whole number while it is being registered. */
  readonly to: string;
}

/** A code on its way. */
export interface PendingVerification extends AvailableMethod {
  readonly purpose: Purpose;
  readonly expiresAt: Date;
  /** When the code may be sent again by the same method. */
  readonly resendAt: Date;
  /** Wrong codes that are still allowed. */
  readonly attemptsLeft: number;
}

/** Where a user stands. Without a user on the request nothing is possible, and nothing is verified. */
export interface Status {
  /** Whether this user must pass the second step. */
  readonly isRequired: boolean;
  readonly isVerified: boolean;
  /** Whether registration was left for later, for this session, and there is still no number. */
  readonly isSkipped: boolean;
  readonly canRegister: boolean;
  readonly canSkip: boolean;
  readonly canChange: boolean;
  readonly pending: PendingVerification | undefined;
}

/** An expected "no". */
export interface Refused {
  readonly type: 'refused';
  /** Stable, for programs. */
  readonly code: RefusalCode;
  /** For the person, in their language. */
  readonly message: string;
  /** HTTP status that says the same. */
  readonly status: number;
  /** Until the same step can succeed, in seconds; `Infinity` when only an administrator can lift it. */
  readonly retryAfterSeconds?: number;
  /** Wrong codes that are still allowed for this verification. */
  readonly attemptsLeft?: number;
  /** What the application's `verify` callback gave as `info` when it refused. */
  readonly info?: unknown;
}

/** What starting a verification, or sending again, comes to. */
export type StartResult = { readonly type: 'sent'; readonly pending: PendingVerification } | Refused;

/**
 * What checking a code comes to: `alreadyVerified` is a second submit of the same form. Nothing of the user is in it,
 * who is on the request: it may go to a browser as it is.
 */
export type CheckResult =
  | { readonly type: 'approved'; readonly purpose: Purpose; readonly info: VerificationInfo }
  | { readonly type: 'alreadyVerified' }
  | Refused;

/** What giving up comes to, also where nothing was pending. */
export type CancelResult = { readonly type: 'canceled' } | Refused;

/** A new number, as it was typed. */
export interface NewNumber {
  readonly phoneNumber: string;
  /** ISO 3166-1 alpha-2, for a number without `+`. @default the option `country` */
  readonly country?: string | undefined;
  /** By which method to send the code. Without one nothing is sent: `start` then sends to this number. */
  readonly method?: string | undefined;
}

/** What giving a new number comes to: without a method it is accepted, and nothing has been sent yet. */
export type NumberResult = StartResult | { readonly type: 'numberAccepted' };

/** What leaving registration for later comes to. */
export type SkipResult = { readonly type: 'skipped' } | Refused;
