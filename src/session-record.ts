import { hash } from 'node:crypto';
import type { Address } from './address.js';
import type { Method } from './methods.js';
import type { Purpose, RefusalCode } from './outcome.js';

/** A verification that waits for its code, or a number that waits for its method. */
export interface Pending {
  readonly purpose: Purpose;
  /** Whose it is. */
  readonly user: string;
  /** E.164, of a number that is being registered or changed. A sign-in holds no address. */
  readonly to?: string;
  /** What has been sent; missing while a new number waits for its method. */
  readonly sent?: SentCode;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** What is kept of a code that was sent. */
export interface SentCode {
  readonly sid: string;
  readonly method: Method;
  /** Tells whether the address is still the same, and too little to find it: see {@link fingerprint}. */
  readonly to: string;
  /** Wrong codes so far. */
  readonly wrong: number;
}

/** That the session has passed the second step. */
export interface Mark {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Digests of the user's id and of the session's: worth nothing to another user or in another session. */
  readonly binding: string;
  /** Where the user went: a second submit of the same form goes there too. */
  readonly wentTo?: string;
}

/** The page at which the gate stopped the user. */
export interface ReturnTo {
  readonly path: string;
  /** How young the verification must be there, in seconds. */
  readonly age?: number;
}

/** Something to tell on the next page. */
export type Notice = 'code_sent_again' | 'number_registered' | 'number_changed' | 'address_changed';

/** Why the failed page is shown. */
export interface Failure {
  readonly code: RefusalCode;
  /** Epoch milliseconds; `null` for "not before an administrator unlocks". */
  readonly retryAt?: number | null;
  /** What the application's `verify` callback said. */
  readonly message?: string;
}

/** What stands in `req.session` under the strategy's name. */
export interface SessionRecord {
  pending?: Pending;
  verified?: Mark;
  /** Binding of a session in which registration was skipped. */
  skipped?: string;
  notices?: Notice[];
  returnTo?: ReturnTo;
  failure?: Failure;
}

/** What a record may take, as JSON. A way back that is too long for it is forgotten. */
const MAX_BYTES = 400;

/** The same of a record that holds nothing but a mark. */
export const MAX_VERIFIED_BYTES = 220;

/**
 * Eighteen bits of an address. Another address has another fingerprint but for one in 262,144, and what Twilio says of
 * the address is compared as well; a thief of the session store learns next to nothing from it.
 */
export function fingerprint(address: Address, sid: string): string {
  return digest(`to\0${sid}\0${address.value}`, 3);
}

/**
 * The way of the last verification goes first: it serves a second submit only. An application's own words that are too
 * long give way to ours.
 */
export function shorten(record: SessionRecord): void {
  if (bytesOf(record) <= MAX_BYTES) return;
  if (record.verified) record.verified = { at: record.verified.at, binding: record.verified.binding };
  if (bytesOf(record) > MAX_BYTES) delete record.returnTo;
  if (bytesOf(record) > MAX_BYTES && record.failure) record.failure = withoutMessage(record.failure);
}

function withoutMessage({ message, ...failure }: Failure): Failure {
  return failure;
}

/** Length as JSON, which is what stores keep. */
export function bytesOf(record: SessionRecord): number {
  return Buffer.byteLength(JSON.stringify(record));
}

/** The first characters of a hash, in base64url: 6 bits each. */
export function digest(text: string, length: number): string {
  return hash('sha256', text, 'base64url').slice(0, length);
}
