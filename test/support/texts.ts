import { packageFiles } from '../../src/package-files.js';
import { ShippedLocales, type Strings } from '../../src/texts/locales.js';
import { TextLibrary } from '../../src/texts/texts.js';

/** Texts of the package, with an app's own. */
export function textLibrary(strings: Strings = {}): TextLibrary {
  return new TextLibrary(strings, new ShippedLocales(packageFiles));
}

/** Texts that the tests compare pages with. */
export const ENGLISH = textLibrary().for('en');
