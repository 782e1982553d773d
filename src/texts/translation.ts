import type { IntlMessageFormat } from 'intl-messageformat';
import { FormattedTexts, type Words } from './formatted-texts.js';
import type { Messages } from './locales.js';

/** Branches of {@link FormattedTexts}: about as many durations. */
const REMEMBERED_DURATIONS = 200;

/** Most texts are the same for everyone. The countries of the form for a number take 750. */
const REMEMBERED_TEXTS = 1_000;

/** A value that each language writes in its own way. */
export type LocalizedValue =
  /** A length of time in words, such as "3 minutes". */
  | { readonly seconds: number }
  /** Names of countries, as a list. ISO 3166-1 alpha-2. */
  | { readonly countries: readonly string[] }
  /** A day in UTC, such as "November 28, 2026". Epoch milliseconds. */
  | { readonly date: number };

/** Values that a text has places for. */
export type TextValues = Readonly<Record<string, string | number | LocalizedValue>>;

/** Messages of one language, with the values as that language writes them. */
export class Translation {
  private readonly formats = new Map<string, Pick<IntlMessageFormat, 'format'>>();
  private readonly durations = new FormattedTexts(REMEMBERED_DURATIONS);
  private readonly texts = new FormattedTexts(REMEMBERED_TEXTS);
  private readonly typesetTexts = new FormattedTexts(REMEMBERED_TEXTS);
  readonly direction: 'ltr' | 'rtl';

  constructor(
    /** BCP 47. */
    readonly language: string,
    private readonly messages: Messages,
  ) {
    this.direction = directionOf(language);
  }

  has(key: string): boolean {
    return this.messages[key] !== undefined;
  }

  /** The text of a key, which must exist. */
  text(key: string, values?: TextValues): string {
    if (!values) return this.format(key, {});
    const words = this.wordsOf(values);
    return this.texts.get(key, words, () => this.format(key, words));
  }

  /** The same for a page: a value stays in one piece, and in its own direction. */
  typeset(key: string, values: TextValues): string {
    const words = this.wordsOf(values);
    return this.typesetTexts.get(key, words, () => this.format(key, this.inOnePiece(words)));
  }

  /** A length of time in words: in seconds below 90 seconds, rounded up to minutes or hours above. */
  duration(seconds: number): string {
    const [value, unit] = inLargestUnit(seconds);
    return this.durations.get(unit, { value }, () =>
      new Intl.NumberFormat(this.language, { style: 'unit', unit, unitDisplay: 'long' }).format(value),
    );
  }

  /** As written, because the seconds of a wait differ from page to page, and its words rarely do. */
  private wordsOf(values: TextValues): Words {
    const words: Record<string, string | number> = {};
    for (const name in values) {
      const value = values[name] ?? '';
      words[name] = typeof value === 'number' ? value : this.write(value);
    }
    return words;
  }

  /**
   * The groups of a phone number on one line, and in text from right to left not turned around. Unicode has characters
   * for both; with `<bdi>`, a text would be markup, and could no longer be escaped as text.
   */
  private inOnePiece(words: Words): Words {
    const whole = (word: string | number) => {
      if (typeof word === 'number') return word;
      const unbroken = word.replace(/(?<=\d) (?=\d)/g, '\u00a0');
      return this.direction === 'rtl' ? `\u2068${unbroken}\u2069` : unbroken;
    };
    return Object.fromEntries(Object.entries(words).map(([name, word]) => [name, whole(word)]));
  }

  private format(key: string, words: Words): string {
    let format = this.formats.get(key);
    if (!format) {
      format = this.parse(this.messages[key] ?? '');
      this.formats.set(key, format);
    }
    return String(format.format(words));
  }

  private write(value: string | LocalizedValue): string {
    if (typeof value === 'string') return value;
    if ('date' in value) return this.date(value.date);
    return 'seconds' in value ? this.duration(value.seconds) : this.countries(value.countries);
  }

  private date(time: number): string {
    return new Intl.DateTimeFormat(this.language, { dateStyle: 'long', timeZone: 'UTC' }).format(time);
  }

  private countries(codes: readonly string[]): string {
    const names = new Intl.DisplayNames(this.language, { type: 'region' });
    const sorted = codes.map((code) => names.of(code) ?? code).sort(new Intl.Collator(this.language).compare);
    return new Intl.ListFormat(this.language, { type: 'conjunction' }).format(sorted);
  }

  private parse(message: string): Pick<IntlMessageFormat, 'format'> {
    const isPlain = !/[{']/.test(message);
    if (isPlain) return { format: () => message };
    const { IntlMessageFormat } = require('intl-messageformat') as typeof import('intl-messageformat');
    return new IntlMessageFormat(message, this.language, undefined, { ignoreTag: true });
  }
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
