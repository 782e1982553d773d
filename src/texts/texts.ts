import type Negotiator from 'negotiator';
import { BoundedCache } from '../common/bounded-cache.js';
import type { Refusal } from '../common/outcome.js';
import { checkStrings } from './check-strings.js';
import { FALLBACK_LANGUAGE, type Messages, type ShippedLocales, type Strings } from './locales.js';
import { type TextValues, Translation } from './translation.js';

/** Headers and tags whose language is kept: it takes about twenty objects of `Intl` to find it. */
const REMEMBERED = 200;

/** Countries that a text names. With more, it points to the list of the form instead. */
const MAX_COUNTRIES = 12;

/** All texts in one language. */
export interface Texts {
  /** BCP 47, of the texts. */
  readonly language: string;
  readonly direction: 'ltr' | 'rtl';
  /**
   * The text of a key, whole in one language: in the nearest one that has it.
   *
   * @throws Error for a key that does not exist: a mistake in a template
   */
  text(key: string, values?: TextValues): string;
  /** The same for a page: a value stays in one piece, and in its own direction. */
  typeset(key: string, values?: TextValues): string;
  /** Returns the message for a refusal. */
  refusal(refusal: Refusal): string;
  /** A length of time in words, such as "3 minutes": in seconds below a minute and a half, otherwise rounded up. */
  duration(seconds: number): string;
}

/** Other tags of our languages. */
const ALIASES: Readonly<Record<string, string>> = { no: 'nb', nn: 'nb' };

/** All languages: ours, with the additions and overrides of the application. */
export class TextLibrary {
  private readonly texts = new BoundedCache<Texts>(REMEMBERED);
  private readonly translations = new BoundedCache<Translation>(REMEMBERED);
  private readonly negotiated = new BoundedCache<string>(REMEMBERED);
  private readonly matched = new BoundedCache<string | undefined>(REMEMBERED);
  private available: readonly Intl.Locale[] | undefined;

  /** @throws TypeError for a key that no page has, and for a text that can't be formatted */
  constructor(
    private readonly strings: Strings,
    private readonly shipped: ShippedLocales,
  ) {
    checkStrings(strings, () => this.english);
  }

  /** The texts in the language that is nearest to a locale. */
  for(locale: string): Texts {
    const language = this.match(locale) ?? FALLBACK_LANGUAGE;
    return this.texts.get(language, () => this.makeTexts(language));
  }

  /** The best of our languages for a header `Accept-Language`. */
  negotiate(acceptLanguage = ''): string {
    return this.negotiated.get(acceptLanguage, () => this.best(acceptLanguage));
  }

  private best(acceptLanguage: string): string {
    const PreferredLanguages = require('negotiator') as typeof Negotiator;
    const wanted = new PreferredLanguages({ headers: { 'accept-language': acceptLanguage } }).languages();
    for (const tag of wanted) {
      const match = this.match(tag);
      if (match) return match;
    }
    return FALLBACK_LANGUAGE;
  }

  private match(tag: string): string | undefined {
    return this.matched.get(tag, () => this.nearest(tag));
  }

  /** By the whole tag, then by language and script (zh-TW is written as zh-Hant is), then by language. */
  private nearest(tag: string, languages = this.languages()): string | undefined {
    if (!isLocale(tag)) return undefined;
    const given = new Intl.Locale(tag);
    const wanted = new Intl.Locale(given, { language: ALIASES[given.language] ?? given.language });
    const sameLanguage = languages.filter(({ language }) => language === wanted.language);
    const best =
      sameLanguage.find(({ baseName }) => baseName === wanted.baseName) ??
      sameLanguage.find((found) => found.region === undefined && scriptOf(found) === scriptOf(wanted)) ??
      sameLanguage.find((found) => scriptOf(found) === scriptOf(wanted));
    return best?.baseName;
  }

  private languages(): readonly Intl.Locale[] {
    const tags = () => [...new Set([...Object.keys(this.strings), ...this.shipped.languages()])];
    this.available ??= tags().map((tag) => new Intl.Locale(tag));
    return this.available;
  }

  private makeTexts(language: string): Texts {
    const shipped = this.shipped.languages().map((tag) => new Intl.Locale(tag));
    // Texts that `de-CH` lacks come from German, and those that German lacks from English.
    const lacking = new Set([this.nearest(language, shipped) ?? FALLBACK_LANGUAGE, FALLBACK_LANGUAGE]);
    lacking.delete(language);
    return makeTexts(
      this.translation(language),
      [...lacking].map((tag) => this.translation(tag)),
    );
  }

  private translation(language: string): Translation {
    return this.translations.get(language, () => new Translation(language, this.messages(language)));
  }

  private messages(language: string): Messages {
    const given = Object.entries(this.strings).find(([tag]) => new Intl.Locale(tag).baseName === language)?.[1];
    return { ...this.shipped.messages(language), ...given };
  }

  private get english(): Messages {
    return this.shipped.messages(FALLBACK_LANGUAGE) ?? {};
  }
}

function scriptOf(locale: Intl.Locale): string | undefined {
  return locale.maximize().script;
}

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

/** @param lacking - Where texts come from that the language lacks, nearest first. */
function makeTexts(own: Translation, lacking: readonly Translation[]): Texts {
  const { language, direction } = own;
  const translations = [own, ...lacking];

  /** The nearest language that has all of these texts, so that what is read as one is in one language. */
  const translationWithAll = (keys: readonly string[]): Translation => {
    const found = translations.find((translation) => keys.every((key) => translation.has(key)));
    if (found) return found;
    throw new Error(`There is no text "${keys.join('", "')}" in views/locales/${FALLBACK_LANGUAGE}.json.`);
  };
  const translationWith = (key: string): Translation => (own.has(key) ? own : translationWithAll([key]));
  /** Most texts of a page have no values. */
  const plain = new Map<string, string>();
  const plainText = (key: string): string => {
    const known = plain.get(key);
    if (known !== undefined) return known;
    const found = translationWith(key).text(key);
    plain.set(key, found);
    return found;
  };
  const text = (key: string, values?: TextValues): string =>
    values ? translationWith(key).text(key, values) : plainText(key);
  const typeset = (key: string, values?: TextValues): string =>
    values ? translationWith(key).typeset(key, values) : plainText(key);
  const refusal = (refused: Refusal): string => {
    if (refused.message !== undefined) return refused.message;
    if (refused.field !== undefined) return text('badRequest.notString', { field: refused.field });
    const sentences = sentencesOf(refused);
    const translation = translationWithAll(sentences.map(([key]) => key));
    // Chinese and Japanese write sentences without a space between them.
    return sentences
      .map(([key, values]) => translation.text(key, values))
      .reduce((why, advice) => (why.endsWith('。') ? why + advice : `${why} ${advice}`));
  };
  const duration = (seconds: number) => own.duration(seconds);
  return { language, direction, text, typeset, refusal, duration };
}

/** The reason for a refusal, and the way on. */
function sentencesOf(refused: Refusal) {
  const { code, about, retryAfterSeconds, attemptsLeft = 0, codeLength, advice, allowedCountries } = refused;
  // At a sign-in there is no number to correct.
  const isStored = code === 'number_invalid' && advice !== undefined && advice !== 'otherNumber';
  const why: [key: string, values?: TextValues] =
    codeLength === undefined
      ? [isStored ? 'refusal.address_refused' : `refusal.${code}${about ? `.${about}` : ''}`, { attemptsLeft }]
      : [`refusal.${code}.length`, { length: codeLength }];
  const sentences = [why];
  if (allowedCountries) sentences.push(countriesAdvice(allowedCountries));
  // The text about an invalid number says what to enter.
  else if (advice && !(code === 'number_invalid' && !isStored)) sentences.push([`advice.${advice}`]);
  if (retryAfterSeconds === Number.POSITIVE_INFINITY) sentences.push(['advice.support']);
  else if (retryAfterSeconds !== undefined) sentences.push(['wait', { wait: { seconds: retryAfterSeconds } }]);
  return sentences;
}

function countriesAdvice(countries: readonly string[]): [key: string, values?: TextValues] {
  return countries.length > MAX_COUNTRIES
    ? ['advice.otherCountry']
    : ['advice.countries', { countries: { countries } }];
}
