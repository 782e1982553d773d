import { hash } from 'node:crypto';
import type { Address } from '../common/address.js';
import { BoundedCache } from '../common/bounded-cache.js';
import type { Method, VerifiedBy } from '../common/methods.js';
import type { Advice, Purpose, Refusal, RefusalCode } from '../common/outcome.js';

/** A verification that waits for its code, or a new phone number that waits for its method. */
export interface Pending {
  readonly purpose: Purpose;
  /** Digest of the user's ID. */
  readonly user: string;
  /** E.164; the new number of a registration or change. A sign-in stores no address. */
  readonly to?: string;
  /** The code that was sent; missing while a new number waits for its method. */
  readonly sent?: SentCode;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** End of a change in epoch milliseconds, even if codes were sent again. */
  readonly deadline?: number;
}

/** A code that was sent. */
export interface SentCode {
  /** Twilio's SID; missing for a joined code until an answer of Twilio's names it. */
  readonly sid?: string;
  /**
   * Set if another session of the user sent this code: this session checks it by its recipient. A random text, which
   * salts the fingerprint while there's no SID.
   */
  readonly joined?: string;
  readonly method: Method;
  /** Fingerprint of the recipient: see {@link fingerprint}. */
  readonly to: string;
  /** Wrong codes so far. */
  readonly wrong: number;
}

/** The verification of a session. */
export interface SessionVerification {
  readonly by: VerifiedBy;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Whether the user must get recovery codes before the verification counts. */
  readonly needsCodes?: true;
  /** Digests of the user's ID and the session ID: invalid for another user or in another session. */
  readonly binding: string;
  /** Digest of the option `securityStamp` at that time; missing if it was `undefined`. */
  readonly stamp?: string;
  /** Until then, the next request takes over its stamp: this session stored a number. Epoch milliseconds. */
  readonly newStampUntil?: number;
  /** Time of a change of the number in this session, in epoch milliseconds, if it offers to end the others. */
  readonly changedAt?: number;
  /** URL that the user went to next: a second submit of the same form goes there too. */
  readonly wentTo?: string;
}

/** The page that sent the user to verify. */
export interface ReturnTo {
  /** Missing if there's none to go back to, for example after a form whose page is unknown. */
  readonly path?: string;
  /** Maximum age of the verification there, in seconds. */
  readonly age?: number;
}

/** A message for the next page. */
export type Notice =
  | 'code_sent_again'
  | 'number_registered'
  | 'number_changed'
  | 'address_changed'
  | 'recovery_codes_created'
  | 'other_sessions_ended'
  | 'device_forgotten'
  | 'devices_forgotten'
  | 'preference_saved';

/** Why the failed page is shown. */
export interface Failure {
  readonly code: RefusalCode;
  /** Epoch milliseconds; `null` if only an administrator can end the lockout. */
  readonly retryAt?: number | null;
  readonly advice?: Advice;
  /** Text from the app's `verify` callback. */
  readonly message?: string;
}

/** Why a code was refused: the code page shows it once. */
export interface CodeError {
  readonly code: RefusalCode;
  readonly about?: NonNullable<Refusal['about']>;
  /** Digits of a complete code, if the app set `codeLength`. */
  readonly codeLength?: number;
  readonly attemptsLeft?: number;
  /** Set if the user asked to remember the device. */
  readonly remembers?: true;
}

/** Why only a click sends the next code: the last one was canceled, or the last send was refused. */
export type ManualReason = 'canceled' | 'refused';

/** The problem with the last code. The next code clears it. */
export interface Trouble {
  failure?: Failure;
  error?: CodeError;
  /** Set if only a click sends the next code. */
  manual?: ManualReason;
}

/** The strategy's entry in `req.session`, under its name. */
export interface SessionRecord extends Trouble {
  pending?: Pending;
  verified?: SessionVerification;
  /** Binding of a session that skipped registration, with the stamp in its middle, if there is one. */
  skipped?: string;
  /** Digest of the user whose device cookie was refused: it isn't read again until the next sign-in. */
  noDevice?: string;
  notices?: Notice[];
  returnTo?: ReturnTo;
}

/** Removes the pending verification, and the error that its page would show. */
export function forgetPending(record: SessionRecord): void {
  delete record.pending;
  delete record.error;
}

/** Removes what the next code makes irrelevant. */
export function forgetTrouble(record: SessionRecord): void {
  delete record.failure;
  delete record.error;
  delete record.manual;
}

/** Removes what a verification ends. */
export function forgetProgress(record: SessionRecord): void {
  forgetPending(record);
  forgetTrouble(record);
  delete record.skipped;
  delete record.noDevice;
}

/** The record of a strategy in a session; `undefined` if there is none. */
export function recordIn(session: Readonly<Record<string, unknown>>, name: string): SessionRecord | undefined {
  const record = session[name];
  return typeof record === 'object' && record !== null ? (record as SessionRecord) : undefined;
}

/** Maximum size of a record as JSON, without its paths: they have a separate limit. */
const MAX_BYTES = 400;

/**
 * Eighteen bits of an address. Two addresses share a fingerprint once in 262,144, and the recipient in Twilio's answer is
 * compared as well. Someone who steals the session store learns almost nothing from it.
 */
export function fingerprint(address: Address, salt: string): string {
  const text = `to\0${salt}\0${address.value}`;
  return fingerprints.get(text, () => digest(text, 3));
}

/** Few, because a fingerprint is usually read again right after its send. The keys contain recipients. */
const fingerprints = new BoundedCache<string>(200);
const owners = new BoundedCache<string>(1_000);

/** Digest of a user's ID. Records identify their users by it. */
export function ownerOf(userId: string): string {
  return owners.get(userId, () => digest(`user\0${userId}`, 8));
}

/** Owners of the data that a session keeps: more than one if someone else signed in to the same session. */
export function ownersOf(kept: unknown): readonly string[] {
  const { pending, verified, skipped } = (kept ?? {}) as SessionRecord;
  const owners: string[] = [];
  for (const found of [pending?.user, verified?.binding, skipped] as unknown[]) {
    if (typeof found === 'string') owners.push(found.includes('.') ? found.slice(0, found.indexOf('.')) : found);
  }
  return owners;
}

/** Drops the app's own message if the record is too large with it. */
export function shorten(record: SessionRecord): void {
  if (record.failure?.message === undefined || bytesWithoutPaths(record) <= MAX_BYTES) return;
  const { message: _, ...failure } = record.failure;
  record.failure = failure;
}

/** Length as JSON, which is how stores keep it. */
function bytesWithoutPaths(record: SessionRecord): number {
  return Buffer.byteLength(JSON.stringify(record, (key, value) => (isPath(key) ? undefined : value)));
}

function isPath(key: string): boolean {
  return key === 'returnTo' || key === 'wentTo';
}

/** The first characters of a hash, in base64url: 6 bits each. */
export function digest(text: string, length: number): string {
  return hash('sha256', text, 'base64url').slice(0, length);
}

/** Records a verification, and that the user returns to the protected page, if they came from one. */
export function recordVerified(record: SessionRecord, verified: SessionVerification): void {
  const wentTo = record.returnTo?.path;
  record.verified = wentTo === undefined ? verified : { ...verified, wentTo };
  delete record.returnTo;
}

/** Records that the user has the recovery codes that the verification waited for. */
export function recordCodes(record: SessionRecord): void {
  if (!record.verified) return;
  const { needsCodes: _, ...verified } = record.verified;
  recordVerified(record, verified);
}
