import type { IntlMessageFormat } from 'intl-messageformat';
import type { Messages, Strings } from './locales.js';

type Element = ReturnType<IntlMessageFormat['getAst']>[number];

/** Values of the parser's `TYPE`, which `intl-messageformat` doesn't export: text, and the `#` of a plural. */
const WITHOUT_VALUE: readonly number[] = [0, 7];

/**
 * Checks the texts of the app: one that can't be formatted would fail on the first page that shows it.
 *
 * @param english - Returns our own texts, which have all keys and all places for values.
 * @throws TypeError that names the language and the key
 */
export function checkStrings(strings: Strings, english: () => Messages): void {
  for (const [language, texts] of Object.entries(strings)) {
    for (const [key, text] of Object.entries(texts)) {
      const problem = problemOf(text, language, english()[key]);
      if (problem === undefined) continue;
      throw new TypeError(
        `TwilioVerifyStrategy: option "strings" has a wrong text for "${language}", key "${key}": ${problem}`,
      );
    }
  }
}

function problemOf(text: string, language: string, original: string | undefined): string | undefined {
  if (original === undefined) return 'views/locales/en.json has no such key';
  // The same test as in `Translation`: other texts are shown as they are.
  if (!/[{']/.test(text)) return undefined;
  try {
    const message = parse(text, language);
    const known = namesIn(parse(original, 'en').getAst());
    const unknown = namesIn(message.getAst()).find((name) => !known.includes(name));
    if (unknown !== undefined) return `there is no value {${unknown}}, but ${listOf(known)}`;
    // A text with a value of another kind, such as a date, parses, and then throws for each visitor.
    message.format(Object.fromEntries(known.map((name) => [name, 'text'])));
    return undefined;
  } catch (error) {
    return `it can't be formatted as an ICU message (${(error as Error).message})`;
  }
}

function parse(text: string, language: string): IntlMessageFormat {
  const formats = require('intl-messageformat') as typeof import('intl-messageformat');
  return new formats.IntlMessageFormat(text, language, undefined, { ignoreTag: true });
}

/** Names of the values that a text has places for, also within its plurals and selections. */
function namesIn(elements: readonly Element[]): readonly string[] {
  return elements.flatMap((element) => {
    if ('options' in element)
      return [element.value, ...Object.values(element.options).flatMap(({ value }) => namesIn(value))];
    return 'value' in element && !WITHOUT_VALUE.includes(element.type) ? [element.value] : [];
  });
}

function listOf(names: readonly string[]): string {
  return names.length > 0 ? names.map((name) => `{${name}}`).join(', ') : 'this text has none';
}
