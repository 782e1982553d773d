import type { IncomingHttpHeaders } from 'node:http';
import { type Refusal, refuse } from '../common/outcome.js';

/** Longest text of each kind that a request can bring, in UTF-16 code units. */
const MAX_LENGTHS = {
  code: 256,
  phoneNumber: 64,
  country: 2,
  method: 16,
  label: 64,
  id: 64,
  accept: 256,
  acceptLanguage: 256,
  userAgent: 256,
  referer: 2048,
  device: 128,
} as const;

/** A kind of text that a request brings. */
export type TextKind = keyof typeof MAX_LENGTHS;

/**
 * Returns a value of a request if it's a string within its bound and without NUL, and `undefined` otherwise.
 *
 * Call it before anything else touches the value: Unicode normalization takes quadratic time, and caches keep their keys.
 */
export function boundedText(value: unknown, kind: TextKind): string | undefined {
  const isBounded = typeof value === 'string' && value.length <= MAX_LENGTHS[kind] && !value.includes('\0');
  return isBounded ? value : undefined;
}

/** Refuses a value that isn't a {@link boundedText}. The refusal names the field if the value isn't a string. */
export function refuseText(value: unknown, field: string): Refusal {
  return refuse('bad_request', typeof value === 'string' ? {} : { field });
}

/** Returns `Accept-Language`, cut to its bound; empty if there is none. */
export function acceptLanguageOf({ headers }: { readonly headers: IncomingHttpHeaders }): string {
  return boundedList(headers['accept-language'], 'acceptLanguage');
}

/** Returns `Accept`, cut to its bound; empty if there is none. */
export function acceptOf({ headers }: { readonly headers: IncomingHttpHeaders }): string {
  return boundedList(headers.accept, 'accept');
}

/** Returns `User-Agent`, cut to its bound; empty if there is none. */
export function userAgentOf({ headers }: { readonly headers: IncomingHttpHeaders }): string {
  return (headers['user-agent'] ?? '').slice(0, MAX_LENGTHS.userAgent);
}

/** Cuts a list after its last entry within the bound. Browsers put the entries that they prefer first. */
function boundedList(list = '', kind: TextKind): string {
  return boundedText(list, kind) ?? list.slice(0, Math.max(0, list.lastIndexOf(',', MAX_LENGTHS[kind])));
}
