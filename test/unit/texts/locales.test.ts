import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parse, TYPE } from '@formatjs/icu-messageformat-parser';

const FOLDER = path.join(__dirname, '..', '..', '..', 'views', 'locales');
const WANTED =
  'en es fr de it pt-BR pt nl sv da nb fi pl cs ro hu el tr uk ru ar he hi ja ko zh-Hans zh-Hant vi id th'.split(' ');

/** Texts that may be the same as in English: names, and words that a language has borrowed. */
const SAME_AS_ENGLISH: Readonly<Record<string, readonly string[]>> = {
  'method.whatsapp': ['WhatsApp'],
  'method.email': ['Email'],
  'register.countryOption': ['{country} ({code})'],
};

type Texts = Readonly<Record<string, string>>;
type Elements = ReturnType<typeof parse>;

const read = (language: string): Texts => JSON.parse(readFileSync(path.join(FOLDER, `${language}.json`), 'utf8'));
const english = read('en');
const languages = readdirSync(FOLDER).map((file) => path.basename(file, '.json'));

/** The places of a text: each name with its kind. */
function places(elements: Elements): string[] {
  const found = elements.flatMap((element): string[] => {
    switch (element.type) {
      case TYPE.argument:
        return [element.value];
      case TYPE.plural:
        return [`${element.value}, plural`, ...Object.values(element.options).flatMap(({ value }) => places(value))];
      case TYPE.literal:
      case TYPE.pound:
        return [];
      default:
        return [`unexpected ${TYPE[element.type]}`];
    }
  });
  return [...new Set(found)].sort();
}

/** The forms of a plural that a text has. */
function pluralForms(elements: Elements): string[][] {
  return elements.flatMap((element) => (element.type === TYPE.plural ? [Object.keys(element.options)] : []));
}

describe('the languages', () => {
  it('all languages are present', () => {
    assert.deepEqual([...languages].sort(), [...WANTED].sort());
  });

  for (const language of languages) {
    describe(language, () => {
      const texts = read(language);

      it(`${language} has every text, and no other`, () => {
        assert.deepEqual(Object.keys(texts), Object.keys(english));
      });

      it(`${language} records whether a native speaker has reviewed it`, () => {
        assert.match(texts._reviewed ?? '', language === 'en' ? /^source$/ : /^(no|yes, by .+)$/);
      });

      it(`${language} has the same placeholders in every text`, () => {
        for (const [key, text] of Object.entries(texts)) {
          assert.deepEqual(
            places(parse(text, { ignoreTag: true })),
            places(parse(english[key] ?? '', { ignoreTag: true })),
            key,
          );
        }
      });

      it(`${language} has the plural forms that it needs`, () => {
        const needed = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
        for (const [key, text] of Object.entries(texts)) {
          for (const forms of pluralForms(parse(text, { ignoreTag: true }))) {
            for (const category of needed) assert.ok(forms.includes(category), `${key}: no form for ${category}`);
          }
        }
      });

      it(`${language} leaves nothing in English`, () => {
        if (language === 'en') return;
        for (const [key, text] of Object.entries(texts)) {
          if (key === '_reviewed' || SAME_AS_ENGLISH[key]?.includes(text)) continue;
          assert.notEqual(text, english[key], key);
        }
      });

      it(`${language} has no straight quotes that would hide a placeholder, and no space at an end`, () => {
        for (const [key, text] of Object.entries(texts)) {
          assert.equal(text, text.trim(), key);
          assert.ok(!text.includes("'"), `${key}: use ’, since ' quotes in a message`);
        }
      });
    });
  }
});
