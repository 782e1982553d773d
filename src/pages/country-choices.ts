import { describeCountries } from '../common/countries.js';
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
  const selected = chosen ?? settings.country;
  return describeCountries(settings.allowedCountries, texts.language).map((country) => ({
    ...country,
    isSelected: country.code === selected,
    isMain: MAIN_COUNTRIES[country.callingCode] === country.code,
  }));
}
