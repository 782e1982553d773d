import type { CountryCode, NumberType } from 'libphonenumber-js/max';
import { BoundedCache } from './bounded-cache.js';
import { type Refusal, refuse } from './outcome.js';

/** A telephone number that can be sent to. */
export interface PhoneAddress {
  readonly type: 'phone';
  /** E.164, such as `+12025550123`. */
  readonly value: string;
}

/** An e-mail address that can be sent to. */
export interface EmailAddress {
  readonly type: 'email';
  readonly value: string;
}

/** Where a code goes. */
export type Address = PhoneAddress | EmailAddress;

/** Kinds of number that cost the caller or are shared by many: the tools of toll fraud. */
const REFUSED_TYPES: readonly NumberType[] = ['PREMIUM_RATE', 'SHARED_COST', 'TOLL_FREE', 'PAGER', 'VOICEMAIL'];

/** Longer than any way of writing a number; longer input is refused before it is parsed. */
const MAX_TYPED_LENGTH = 64;

/** A sign-in looks at its number seven times, at each step anew, for it may have changed. */
const lastRead = new BoundedCache<ReturnType<typeof parse>>(1_000);

// The metadata takes time and memory to load: only whoever looks at a number pays for it.
function metadata(): typeof import('libphonenumber-js/max') {
  return require('libphonenumber-js/max') as typeof import('libphonenumber-js/max');
}

/**
 * Reads a telephone number as people write it and judges it by validity and type; with `allowedCountries` also by
 * country, as a number that is being registered is.
 *
 * @param typed - The number; without `+` it is read as one of `country`.
 * @param country - ISO 3166-1 alpha-2.
 */
export function readPhoneNumber(
  typed: string,
  country: string,
  allowedCountries?: readonly string[],
): PhoneAddress | Refusal {
  if (typed.length > MAX_TYPED_LENGTH) return refuse('number_invalid');
  const read = lastRead.get(`${country} ${typed}`, () => parse(typed, country));
  if (read.type === 'refused') return read;
  if (allowedCountries && !(read.country && allowedCountries.includes(read.country))) return refuse('country_refused');
  return { type: 'phone', value: read.value };
}

interface ParsedNumber {
  readonly type: 'parsed';
  readonly value: string;
  readonly country: string | undefined;
}

function parse(typed: string, country: string): Refusal | ParsedNumber {
  const number = metadata().parsePhoneNumberFromString(typed, country as CountryCode);
  const type = number?.getType();
  // A number of no type is not a valid one. An extension cannot be dialled by Twilio: a number with one is not the number
  // that was proven.
  if (!number || type === undefined || number.ext) return refuse('number_invalid');
  if (REFUSED_TYPES.includes(type)) return refuse('number_refused');
  return { type: 'parsed', value: number.number, country: number.country };
}

/** Whether a string has the form of an e-mail address: one `@`, something on both sides, no space. */
export function isEmailAddress(value: string): boolean {
  return value.length <= 254 && /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(value);
}

/** The country of an E.164 number, where the numbering plan tells. */
export function countryOf(phoneNumber: string): string | undefined {
  return metadata().parsePhoneNumberFromString(phoneNumber)?.country;
}

/** Every country that has a calling code, as ISO 3166-1 alpha-2. */
export function countries(): readonly string[] {
  return metadata().getCountries();
}

/** The calling code of a country, such as `44`. */
export function callingCode(country: string): string {
  return metadata().getCountryCallingCode(country as CountryCode);
}

/** A number as it is read out and compared by people, such as `+1 202 555 0123`. */
export function formatPhoneNumber(phoneNumber: string): string {
  return metadata().parsePhoneNumberFromString(phoneNumber)?.formatInternational() ?? phoneNumber;
}

/**
 * What may be shown or logged of an address: `•••• 0123`, `a•••@example.com`. Enough for its owner to know it, too
 * little for anyone else.
 */
export function maskAddress(address: Address): string {
  if (address.type === 'phone') return `•••• ${address.value.slice(-4)}`;
  const at = address.value.lastIndexOf('@');
  return `${address.value.slice(0, 1)}•••${address.value.slice(at)}`;
}

/** An address as its owner is shown it, in one piece and in words. */
export interface ShownAddress {
  /** Masked, or the whole number while it is being registered; empty where nothing is to be shown. */
  readonly to: string;
  /** The last digits of a masked number, for words in place of dots: "ending in 0123"; `undefined` for all others. */
  readonly ending: string | undefined;
}

/** Enough of an address for its owner; the whole of a number that is being registered, for finding a slip in it. */
export function shownAddress(address: Address, isNew: boolean, showLastDigits: boolean): ShownAddress {
  if (!isNew && !showLastDigits) return { to: '', ending: undefined };
  if (address.type === 'email') return { to: maskAddress(address), ending: undefined };
  if (isNew) return { to: formatPhoneNumber(address.value), ending: undefined };
  return { to: maskAddress(address), ending: address.value.slice(-4) };
}
