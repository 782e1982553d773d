import type { IntlMessageFormat } from 'intl-messageformat';
import type Negotiator from 'negotiator';
import { BoundedCache } from '../common/bounded-cache.js';
import type { Refusal } from '../common/outcome.js';
import { FALLBACK_LANGUAGE, type Messages, type ShippedLocales, type Strings } from './locales.js';

/** Headers and tags whose language is kept: it takes some twenty objects of `Intl` to find it. */
const REMEMBERED = 200;

/** Texts with their values, of one language, that are kept: most say the same to everybody. */
const REMEMBERED_TEXTS = 1_000;

/** Values that a text has places for. */
export type TextValues = Readonly<Record<string, string | number>>;

/** All texts in one language. */
export interface Texts {
  /** BCP 47, of the texts. */
  readonly language: string;
  readonly direction: 'ltr' | 'rtl';
  /** The text of a key. @throws Error for a key that does not exist: a mistake in a template */
  text(key: string, values?: TextValues): string;
  /** The same for a page: a value stays in one piece, and in its own direction. */
  typeset(key: string, values?: TextValues): string;
  /** What a person is told about a refusal. */
  refusal(refusal: Refusal): string;
  /** A length of time in words, such as "3 minutes": in seconds below a minute and a half, else rounded up. */
  duration(seconds: number): string;
}

/** Tags under which a language of ours goes as well. */
const ALIASES: Readonly<Record<string, string>> = { no: 'nb', nn: 'nb' };

/** All languages: ours, with what the application adds and overrides. */
export class TextLibrary {
  private readonly texts = new BoundedCache<Texts>(REMEMBERED);
  private readonly negotiated = new BoundedCache<string>(REMEMBERED);
  private readonly matched = new BoundedCache<string | undefined>(REMEMBERED);
  private available: readonly Intl.Locale[] | undefined;

  /** @throws TypeError for a key that no page has */
  constructor(
    private readonly strings: Strings,
    private readonly shipped: ShippedLocales,
  ) {
    const keys = Object.values(strings).flatMap((texts) => Object.keys(texts));
    const unknown = keys.length > 0 ? keys.find((key) => !(key in this.english)) : undefined;
    if (unknown !== undefined) {
      throw new TypeError(
        `TwilioVerifyStrategy: option "strings" has a key "${unknown}", which views/locales/en.json has not`,
      );
    }
  }

  /** The texts in the language that is nearest to a locale. */
  for(locale: string): Texts {
    const language = this.match(locale) ?? FALLBACK_LANGUAGE;
    return this.texts.get(language, () => makeTexts(language, this.messages(language)));
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

  /** By the whole tag, else by language and script (zh-TW is written as zh-Hant is), else by language. */
  private nearest(tag: string): string | undefined {
    if (!isLocale(tag)) return undefined;
    const given = new Intl.Locale(tag);
    const wanted = new Intl.Locale(given, { language: ALIASES[given.language] ?? given.language });
    const sameLanguage = this.languages().filter(({ language }) => language === wanted.language);
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

  private messages(language: string): Messages {
    const given = Object.entries(this.strings).find(([tag]) => new Intl.Locale(tag).baseName === language)?.[1];
    return { ...this.english, ...this.shipped.messages(language), ...given };
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

function makeTexts(language: string, messages: Messages): Texts {
  const { IntlMessageFormat } = require('intl-messageformat') as typeof import('intl-messageformat');
  const direction = directionOf(language);
  const formats = new Map<string, Pick<IntlMessageFormat, 'format'>>();
  const durations = new BoundedCache<string>(REMEMBERED);
  const typesetTexts = new BoundedCache<string>(REMEMBERED_TEXTS);

  const text = (key: string, values: TextValues = {}): string => {
    let format = formats.get(key);
    if (!format) {
      const message = messages[key];
      if (message === undefined)
        throw new Error(`There is no text "${key}" in views/locales/${FALLBACK_LANGUAGE}.json.`);
      const isPlain = !/[{']/.test(message);
      format = isPlain
        ? { format: () => message }
        : new IntlMessageFormat(message, language, undefined, { ignoreTag: true });
      formats.set(key, format);
    }
    return String(format.format(values));
  };
  const typeset = (key: string, values?: TextValues): string => {
    if (!values) return text(key);
    const pieces = () => Object.entries(values).map(([name, value]) => [name, inOnePiece(value, direction)]);
    return typesetTexts.get(key + JSON.stringify(values), () => text(key, Object.fromEntries(pieces())));
  };
  const duration = (seconds: number): string => {
    const [value, unit] = inLargestUnit(seconds);
    return durations.get(`${value} ${unit}`, () =>
      new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(value),
    );
  };
  const refusal = ({ code, retryAfterSeconds, attemptsLeft, message }: Refusal): string => {
    if (message !== undefined) return message;
    const why = text(`refusal.${code}`, { attemptsLeft: attemptsLeft ?? 0 });
    if (retryAfterSeconds === undefined) return why;
    const wait = Number.isFinite(retryAfterSeconds)
      ? text('wait', { wait: duration(retryAfterSeconds) })
      : text('wait.unlock');
    // Chinese and Japanese write sentences without a space between them.
    return why.endsWith('。') ? why + wait : `${why} ${wait}`;
  };
  return { language, direction, text, typeset, refusal, duration };
}

/**
 * The groups of a phone number on one line, and in text from right to left not turned around. Unicode has characters for
 * both; with `<bdi>` a text would not be a text any more, to be escaped as such.
 */
function inOnePiece(value: string | number, direction: Texts['direction']): string | number {
  if (typeof value === 'number') return value;
  const unbroken = value.replace(/(?<=\d) (?=\d)/g, '\u00a0');
  return direction === 'rtl' ? `\u2068${unbroken}\u2069` : unbroken;
}

function inLargestUnit(seconds: number): [value: number, unit: 'second' | 'minute' | 'hour'] {
  if (seconds < 90) return [Math.ceil(seconds), 'second'];
  if (seconds < 90 * 60) return [Math.ceil(seconds / 60), 'minute'];
  return [Math.ceil(seconds / 3600), 'hour'];
}

/** Scripts written from right to left that our languages use. */
function directionOf(language: string): 'ltr' | 'rtl' {
  return ['Arab', 'Hebr'].includes(new Intl.Locale(language).maximize().script ?? '') ? 'rtl' : 'ltr';
}
