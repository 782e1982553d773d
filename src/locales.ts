import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

/** Where templates, styles and texts lie; the same from `src` and from `dist`. */
export const VIEWS_FOLDER = path.join(__dirname, '..', 'views');

/** What is used where nothing better is known, and where a language lacks a text. */
export const FALLBACK_LANGUAGE = 'en';

/** Texts by key. */
export type Messages = Readonly<Record<string, string>>;

/** Texts by language and key. */
export type Strings = Readonly<Record<string, Messages>>;

const LOCALES_FOLDER = path.join(VIEWS_FOLDER, 'locales');

/** All languages but English, as they are published: in files they would be more than half of the package. */
const PACK = path.join(__dirname, 'locales.json.br');

let unpacked: Strings | undefined;

/** The languages that the package brings, as BCP 47 tags. */
export function ownLanguages(): readonly string[] {
  return [...languagesOfFiles(), ...Object.keys(pack())];
}

/** The package's own texts in a language; `undefined` if it has none. */
export function ownMessages(language: string): Messages | undefined {
  // English is never in the pack: most applications need nothing else, and it is there to be read by people.
  const file = path.join(LOCALES_FOLDER, `${language}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : pack()[language];
}

function languagesOfFiles(): readonly string[] {
  return readdirSync(LOCALES_FOLDER).map((file) => path.basename(file, '.json'));
}

function pack(): Strings {
  unpacked ??= existsSync(PACK) ? (JSON.parse(brotliDecompressSync(readFileSync(PACK)).toString()) as Strings) : {};
  return unpacked;
}
