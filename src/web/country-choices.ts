import { callingCode, countries } from '../address.js';
import type { CountryChoice } from './models.js';
import type { PageRequest } from './page-request.js';

/** The countries that a number may be registered from, by name in the page's language. */
export function countryChoices<TUser>(
  { settings, texts }: PageRequest<TUser>,
  chosen: string | undefined,
): readonly CountryChoice[] {
  const names = new Intl.DisplayNames(texts.language, { type: 'region' });
  const collator = new Intl.Collator(texts.language);
  const selected = chosen ?? settings.country;
  return countries()
    .filter((code) => settings.allowedCountries.includes(code))
    .map((code) => ({
      code,
      name: names.of(code) ?? code,
      callingCode: callingCode(code),
      isSelected: code === selected,
    }))
    .sort((a, b) => collator.compare(a.name, b.name));
}
