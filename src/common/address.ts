import type { CountryCode, NumberType } from 'libphonenumber-js/max';
import { BoundedCache } from './bounded-cache.js';
import { withPlainDigits } from './digits.js';
import { type Refusal, refuse } from './outcome.js';

/** A phone number that can receive codes. */
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

/** Destination of a code. */
export type Address = PhoneAddress | EmailAddress;

/** An address that is set, but that no code can go to. It is not an absent one: its owner has a second factor. */
export interface UnusableAddress {
  readonly type: 'unusable';
  /** As the app stores it: never for a log or a page. */
  readonly stored: string;
}

/** The address in the app's data: none, one that codes can go to, or one that is set but unusable. */
export type StoredAddress<TAddress extends Address = Address> = { readonly type: 'none' } | TAddress | UnusableAddress;

/** Number types that can be registered. Premium-rate and shared numbers serve toll fraud; anyone can rent the others. */
const REGISTRATION_TYPES: readonly NumberType[] = ['MOBILE', 'FIXED_LINE_OR_MOBILE', 'FIXED_LINE'];

/** Number types that a sign-in can use if the app has stored such a number. */
const SIGN_IN_TYPES: readonly NumberType[] = [...REGISTRATION_TYPES, 'VOIP', 'UAN'];

/** Longer than any way of writing a number; longer input is refused before it is parsed. */
const MAX_TYPED_LENGTH = 64;

/** A sign-in reads its number seven times: it may have changed between two steps. */
const lastParsed = new BoundedCache<ParsedNumber | undefined>(1_000);

// The metadata takes time and memory to load, so load it with the first number.
function metadata(): typeof import('libphonenumber-js/max') {
  return require('libphonenumber-js/max') as typeof import('libphonenumber-js/max');
}

/**
 * Parses a phone number as people write it, and checks its validity and type. With `allowedCountries`, as for a
 * registration, it checks the country too.
 *
 * @param typed - The number; without `+` it is read as one of `country`.
 * @param country - ISO 3166-1 alpha-2.
 */
export function readPhoneNumber(
  typed: string,
  country: string,
  allowedCountries?: readonly string[],
): PhoneAddress | Refusal {
  const parsed = parse(typed, country);
  if (!parsed) return refuse('number_invalid');
  const { numberType, value } = parsed;
  if (!REGISTRATION_TYPES.includes(numberType)) return refuse('number_refused');
  if (allowedCountries && !isFromAny(value, allowedCountries)) {
    return refuse('country_refused', { allowedCountries });
  }
  return { type: 'phone', value };
}

/**
 * Reads the phone number that the app has stored. Twilio knows numbers better than bundled metadata, so a number in
 * international form is usable unless the metadata knows it as one of a refused type.
 *
 * @param country - ISO 3166-1 alpha-2, for a number without `+`.
 */
export function readStoredPhoneNumber(stored: string | undefined, country: string): StoredAddress<PhoneAddress> {
  if (!stored) return { type: 'none' };
  // Parsed without its separators too: they can keep the parser from recognizing a premium-rate number.
  const parsed = parse(stored, country) ?? parse(withoutSeparators(stored), country);
  if (parsed && SIGN_IN_TYPES.includes(parsed.numberType)) return { type: 'phone', value: parsed.value };
  const compact = withoutSeparators(stored);
  if (!parsed && /^\+[1-9]\d{6,14}$/.test(compact)) return { type: 'phone', value: compact };
  return { type: 'unusable', stored };
}

function withoutSeparators(stored: string): string {
  return stored.length > MAX_TYPED_LENGTH ? '' : stored.replace(/[\s.()[\]\p{Pd}]/gu, '');
}

/** Reads the email address that the app has stored. */
export function readStoredEmail(stored: string | undefined): StoredAddress<EmailAddress> {
  if (!stored) return { type: 'none' };
  const value = stored.trim();
  return isEmailAddress(value) ? { type: 'email', value } : { type: 'unusable', stored };
}

interface ParsedNumber {
  readonly value: string;
  readonly numberType: NumberType;
}

/** Parses a valid number; `undefined` for any other text. */
function parse(typed: string, country: string): ParsedNumber | undefined {
  if (typed.length > MAX_TYPED_LENGTH) return undefined;
  return lastParsed.get(`${country} ${typed}`, () => {
    const number = metadata().parsePhoneNumberFromString(withPlainDigits(typed), country as CountryCode);
    const numberType = number?.getType();
    // A number without a type isn't valid. Twilio can't dial an extension, so the user would prove another number.
    if (!number || numberType === undefined || number.ext) return undefined;
    return { value: number.number, numberType };
  });
}

/** Whether a valid number can be from one of these countries. Some share numbers, such as Finland and Åland. */
function isFromAny(phoneNumber: string, countries: readonly string[]): boolean {
  const number = metadata().parsePhoneNumberFromString(phoneNumber);
  if (!number) return false;
  return countries.some((country) => {
    if (callingCode(country) !== number.countryCallingCode) return false;
    // The library's getPossibleCountries compares lengths only, so Jamaican numbers pass as US numbers.
    number.country = country as CountryCode;
    return number.isValid();
  });
}

/** Whether a string has the form of an e-mail address: one `@`, something on both sides, no space. */
export function isEmailAddress(value: string): boolean {
  return value.length <= 254 && /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(value);
}

/** The first of these countries that an E.164 number can be from, its own before those that share its numbers. */
export function countryOf(phoneNumber: string, candidates: readonly string[]): string | undefined {
  const own = metadata().parsePhoneNumberFromString(phoneNumber)?.country;
  if (own !== undefined && candidates.includes(own)) return own;
  return candidates.find((country) => isFromAny(phoneNumber, [country]));
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
 * Masks an address so that it can be shown or logged: `•••• 0123`, `a•••@example.com`. That is enough for its owner to
 * recognize it, and too little for anyone else.
 */
export function maskAddress(address: Address): string {
  // A number that can't be parsed can be any text, and its last characters can be the whole of it.
  if (address.type === 'phone' && !/^\+\d{7,}$/.test(address.value)) return '••••';
  if (address.type === 'phone') return `•••• ${address.value.slice(-4)}`;
  const at = address.value.lastIndexOf('@');
  return `${address.value.slice(0, 1)}•••${address.value.slice(at)}`;
}

/** An address as its owner is shown it, in one piece and in words. */
export interface ShownAddress {
  /** Masked, or the whole number while it is being registered; empty where nothing is to be shown. */
  readonly to: string;
  /** The last digits of a masked number, for words instead of dots: "ending in 0123". `undefined` for all others. */
  readonly ending: string | undefined;
}

/** Enough of an address for its owner; the whole of a number that is being registered, for finding a slip in it. */
export function shownAddress(address: Address, isNew: boolean, showLastDigits: boolean): ShownAddress {
  if (!isNew && !showLastDigits) return { to: '', ending: undefined };
  if (address.type === 'email') return { to: maskAddress(address), ending: undefined };
  if (isNew) return { to: formatPhoneNumber(address.value), ending: undefined };
  return { to: maskAddress(address), ending: address.value.slice(-4) };
}

/** Masks a stored address, for its user and for administrators; `undefined` for none. */
export function maskStored(address: StoredAddress, type: Address['type']): string | undefined {
  switch (address.type) {
    case 'none':
      return undefined;
    case 'unusable':
      // It can be any text, so its end could be the whole of it.
      return maskAddress({ type: 'phone', value: '' });
    default:
      return maskAddress({ type, value: address.value });
  }
}
