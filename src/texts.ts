import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { IntlMessageFormat } from 'intl-messageformat';
import type Negotiator from 'negotiator';
import type { Refusal } from './outcome.js';

/** Where templates, styles and texts lie; the same from `src` and from `dist`. */
export const VIEWS_FOLDER = path.join(__dirname, '..', 'views');

const LOCALES_FOLDER = path.join(VIEWS_FOLDER, 'locales');

/** What is used where nothing better is known, and where a language lacks a text. */
const FALLBACK_LANGUAGE = 'en';

/** Values that a text has places for. */
export type TextValues = Readonly<Record<string, string | number>>;

/** All texts in one language. */
export interface Texts {
  /** BCP 47, of the texts. */
  readonly language: string;
  readonly direction: 'ltr' | 'rtl';
  /** The text of a key. @throws Error for a key that does not exist: a mistake in a template */
  text(key: string, values?: TextValues): string;
  /** What a person is told about a refusal. */
  refusal(refusal: Refusal): string;
  /** A length of time in words, such as "3 minutes": in seconds below a minute and a half, else rounded up. */
  duration(seconds: number): string;
}

const loaded = new Map<string, Texts>();
let available: readonly string[] | undefined;

/** The languages that there are texts in. */
export function languages(): readonly string[] {
  available ??= readdirSync(LOCALES_FOLDER).map((file) => path.basename(file, '.json'));
  return available;
}

/** The best of our languages for a header `Accept-Language`. */
export function negotiateLanguage(acceptLanguage: string | undefined): string {
  const PreferredLanguages = require('negotiator') as typeof Negotiator;
  const wanted = new PreferredLanguages({ headers: { 'accept-language': acceptLanguage } }).languages();
  for (const tag of wanted) {
    const match = matchLanguage(tag);
    if (match) return match;
  }
  return FALLBACK_LANGUAGE;
}

/** The texts in the language that is nearest to a locale. */
export function textsFor(locale: string): Texts {
  const language = matchLanguage(locale) ?? FALLBACK_LANGUAGE;
  const texts = loaded.get(language) ?? load(language);
  loaded.set(language, texts);
  return texts;
}

/** By the whole tag, else by language and script (zh-TW is written as zh-Hant is), else by language. */
function matchLanguage(tag: string): string | undefined {
  if (!isLocale(tag)) return undefined;
  const wanted = new Intl.Locale(tag);
  const candidates = languages().map((language) => new Intl.Locale(language));
  const sameLanguage = candidates.filter(({ language }) => language === wanted.language);
  const best =
    sameLanguage.find((candidate) => candidate.baseName === wanted.baseName) ??
    sameLanguage.find(
      (candidate) => candidate.region === undefined && candidate.maximize().script === wanted.maximize().script,
    ) ??
    (wanted.language === 'zh' ? undefined : sameLanguage[0]);
  return best?.baseName;
}

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

function load(language: string): Texts {
  const { IntlMessageFormat } = require('intl-messageformat') as typeof import('intl-messageformat');
  const messages = readMessages(language);
  const fallback = language === FALLBACK_LANGUAGE ? messages : readMessages(FALLBACK_LANGUAGE);
  const formats = new Map<string, IntlMessageFormat>();

  const text = (key: string, values: TextValues = {}): string => {
    let format = formats.get(key);
    if (!format) {
      const message = messages[key] ?? fallback[key];
      if (message === undefined)
        throw new Error(`There is no text "${key}" in views/locales/${FALLBACK_LANGUAGE}.json.`);
      format = new IntlMessageFormat(message, language, undefined, { ignoreTag: true });
      formats.set(key, format);
    }
    return String(format.format(values));
  };
  const duration = (seconds: number): string => {
    const [value, unit] = inLargestUnit(seconds);
    return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(value);
  };
  const refusal = ({ code, retryAfterSeconds, attemptsLeft, message }: Refusal): string => {
    if (message !== undefined) return message;
    const why = text(`refusal.${code}`, { attemptsLeft: attemptsLeft ?? 0 });
    if (retryAfterSeconds === undefined) return why;
    const wait = Number.isFinite(retryAfterSeconds)
      ? text('wait', { wait: duration(retryAfterSeconds) })
      : text('wait.unlock');
    return `${why} ${wait}`;
  };
  return { language, direction: directionOf(language), text, refusal, duration };
}

function readMessages(language: string): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(path.join(LOCALES_FOLDER, `${language}.json`), 'utf8'));
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
