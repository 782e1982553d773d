import { BoundedCache } from '../common/bounded-cache.js';

/** Languages of Twilio Verify's messages (https://www.twilio.com/docs/verify/supported-languages). */
const SUPPORTED: ReadonlySet<string> = new Set(
  (
    'af ar ca cs da de el en en-GB es et fi fr he hi hr hu id it ja kn ko lt mr ms nb nl pl pt pt-BR ro ru sk sv te th ' +
    'tl tr uk vi zh zh-CN zh-HK'
  ).split(' '),
);

/** Languages that Twilio has under another tag than the canonical one. */
const OTHER_NAMES: Readonly<Record<string, string>> = { no: 'nb', nn: 'nb', fil: 'tl' };

/** Twilio names Chinese by region, pages by script. */
const CHINESE: Readonly<Record<string, string>> = { Hans: 'zh-CN', Hant: 'zh-HK' };

const found = new BoundedCache<string | undefined>(200);

/**
 * The `Locale` to pass to Twilio for a language; `undefined` for one that Twilio does not have, which would make it
 * refuse the call: without it, Twilio takes the language of the number's country.
 */
export function twilioLocaleOf(locale: string): string | undefined {
  return found.get(locale, () => find(locale));
}

function find(locale: string): string | undefined {
  const { baseName, language, script } = new Intl.Locale(locale);
  if (SUPPORTED.has(baseName)) return baseName;
  if (language === 'zh') return CHINESE[script ?? new Intl.Locale(locale).maximize().script ?? 'Hans'];
  const other = OTHER_NAMES[language];
  if (other) return other;
  return SUPPORTED.has(language) ? language : undefined;
}
