import { callingCode } from './address.js';

/** A country that phone numbers can be from. */
export interface Country {
  /** ISO 3166-1 alpha-2. */
  readonly code: string;
  readonly name: string;
  /** Without `+`. */
  readonly callingCode: string;
}

/** Describes countries in a language, sorted by name. */
export function describeCountries(codes: readonly string[], language: string): readonly Country[] {
  const names = new Intl.DisplayNames(language, { type: 'region' });
  const collator = new Intl.Collator(language);
  return [...new Set(codes)]
    .map((code) => ({ code, name: names.of(code) ?? code, callingCode: callingCode(code) }))
    .sort((a, b) => collator.compare(a.name, b.name));
}
