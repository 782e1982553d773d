import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkStrings } from '../../../src/texts/check-strings.js';

const ENGLISH = {
  plain: 'Hello',
  sent: 'We sent a code to {to}.',
  hint: 'The code has {length, plural, one {# digit} other {# digits}} and expires in {expiresIn}.',
};
const check = (key: string, text: string, language = 'de') =>
  checkStrings({ [language]: { [key]: text } }, () => ENGLISH);

describe('texts of the app', () => {
  for (const { name, key, text } of [
    { name: 'without values', key: 'plain', text: 'Hallo' },
    { name: 'with the value', key: 'sent', text: 'An {to}.' },
    { name: 'that leave a value out', key: 'sent', text: 'Gesendet.' },
    { name: 'with markup', key: 'sent', text: '<b>{to}</b> <br>' },
    { name: 'with quotes', key: 'sent', text: "It''s at {to}, '{'really'}'" },
    { name: 'with a closing brace, which is shown as it is', key: 'plain', text: 'Hallo :}' },
    { name: 'with a plural', key: 'hint', text: '{length, plural, one {eine Ziffer} other {# Ziffern, {expiresIn}}}' },
    { name: 'with a number', key: 'hint', text: '{length, number}' },
    { name: 'with a selection', key: 'sent', text: '{to, select, other {{to}}}' },
  ]) {
    it(`${name} are accepted`, () => assert.doesNotThrow(() => check(key, text)));
  }

  for (const { name, key, text, problem } of [
    { name: 'with an unknown key', key: 'plian', text: 'Hallo', problem: /no such key/ },
    { name: 'with an open brace', key: 'sent', text: 'An {to', problem: /ICU message/ },
    {
      name: 'with a plural that lacks "other"',
      key: 'hint',
      text: '{length, plural, one {#}}',
      problem: /ICU message/,
    },
    { name: 'with an unknown form', key: 'hint', text: '{length, plurral, other {#}}', problem: /ICU message/ },
    { name: 'with a misspelled value', key: 'sent', text: 'An {too}.', problem: /no value \{too\}, but \{to\}/ },
    {
      name: 'with a misspelled value in a branch',
      key: 'hint',
      text: '{length, plural, one {{expires}} other {#}}',
      problem: /no value \{expires\}, but \{length\}, \{expiresIn\}/,
    },
    {
      name: 'with a value where there is none',
      key: 'plain',
      text: '{to}',
      problem: /no value \{to\}, but this text has none/,
    },
    { name: 'with a text as a date', key: 'sent', text: '{to, date}', problem: /ICU message/ },
  ]) {
    it(`${name} throw a TypeError that names language and key`, () => {
      assert.throws(
        () => check(key, text),
        (error: Error) =>
          error instanceof TypeError &&
          error.message.includes(`option "strings" has a wrong text for "de", key "${key}": `) &&
          problem.test(error.message),
      );
    });
  }

  it('texts without places for values load no parser', () => {
    const loaded = () => Object.keys(require.cache).some((file) => file.includes('intl-messageformat/index'));
    const before = loaded();
    check('plain', 'Hallo');
    assert.equal(loaded(), before);
  });
});
