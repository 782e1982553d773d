import { callingCode, countries } from './address.js';

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

/** The European Union's code for Greece, which Unicode doesn't know as an alias. */
const ALIASES: Readonly<Record<string, string>> = { EL: 'GR' };

/** Returns the code of the country that a text names: in lower case, by an old or customary code, or in English. */
export function meantCountry(given: string): string | undefined {
  const typed = given.trim().toUpperCase();
  const known = countries();
  const names = new Intl.DisplayNames('en', { type: 'region' });
  return known.find(
    (code) => [typed, ALIASES[typed], unaliased(typed)].includes(code) || names.of(code)?.toUpperCase() === typed,
  );
}

/** Unicode's name of a region that has several: `UK` is `GB`. */
function unaliased(code: string): string | undefined {
  return /^[A-Z]{2}$/.test(code) ? new Intl.Locale(`und-${code}`).region : undefined;
}
