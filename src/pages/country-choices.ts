import { callingCode, countries } from '../common/address.js';
import type { CountryChoice } from './models.js';
import type { PageRequest } from './page-request.js';

/** The largest country behind each calling code that several share (ITU-T E.164). */
const MAIN_COUNTRIES: Readonly<Record<string, string>> = {
  '1': 'US',
  '7': 'RU',
  '39': 'IT',
  '44': 'GB',
  '47': 'NO',
  '61': 'AU',
  '212': 'MA',
  '262': 'RE',
  '290': 'SH',
  '358': 'FI',
  '590': 'GP',
  '599': 'CW',
};

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
      isMain: MAIN_COUNTRIES[callingCode(code)] === code,
    }))
    .sort((a, b) => collator.compare(a.name, b.name));
}
