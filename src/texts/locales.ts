import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

/** Language for unknown locales, and for texts that a language lacks. */
export const FALLBACK_LANGUAGE = 'en';

/** Texts by key. */
export type Messages = Readonly<Record<string, string>>;

/** Texts by language and key. */
export type Strings = Readonly<Record<string, Messages>>;

/** Where the package keeps its languages. */
export interface LocaleSettings {
  readonly viewsFolder: string;
  /** A file with all languages except English; it might not exist. */
  readonly packedLocales: string;
}

/** The languages that the package ships. */
export class ShippedLocales {
  private readonly folder: string;
  private unpacked: Strings | undefined;

  constructor(private readonly settings: LocaleSettings) {
    this.folder = path.join(settings.viewsFolder, 'locales');
  }

  /** BCP 47 tags of all languages. */
  languages(): readonly string[] {
    const files = readdirSync(this.folder).map((file) => path.basename(file, '.json'));
    return [...files, ...Object.keys(this.unpack())];
  }

  /** The texts of a language; `undefined` if the package doesn't ship it. */
  messages(language: string): Messages | undefined {
    // English is always a plain file: most apps need nothing else, and people read it.
    const file = path.join(this.folder, `${language}.json`);
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : this.unpack()[language];
  }

  private unpack(): Strings {
    const { packedLocales } = this.settings;
    this.unpacked ??= existsSync(packedLocales)
      ? (JSON.parse(brotliDecompressSync(readFileSync(packedLocales)).toString()) as Strings)
      : {};
    return this.unpacked;
  }
}
