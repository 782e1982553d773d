import type { ShippedFiles } from '../common/shipped-files.js';

/** Language for unknown locales, and for texts that a language lacks. */
export const FALLBACK_LANGUAGE = 'en';

/** Texts by key. */
export type Messages = Readonly<Record<string, string>>;

/** Texts by language and key. */
export type Strings = Readonly<Record<string, Messages>>;

/** The languages that the package ships. */
export class ShippedLocales {
  constructor(private readonly files: () => Pick<ShippedFiles, 'english' | 'unpackLanguages'>) {}

  /** BCP 47 tags of all languages. */
  languages(): readonly string[] {
    return [FALLBACK_LANGUAGE, ...Object.keys(this.others)];
  }

  /** The texts of a language; `undefined` if the package doesn't ship it. */
  messages(language: string): Messages | undefined {
    // English needs no unpacking, and many apps need nothing else.
    return language === FALLBACK_LANGUAGE ? this.files().english : this.others[language];
  }

  private get others(): Strings {
    return this.files().unpackLanguages();
  }
}
