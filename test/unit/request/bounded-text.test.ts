import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acceptLanguageOf, acceptOf, boundedText, type TextKind } from '../../../src/request/bounded-text.js';

const BOUNDS = {
  code: 256,
  phoneNumber: 64,
  country: 2,
  method: 16,
  label: 64,
  id: 64,
  accept: 256,
  acceptLanguage: 256,
  userAgent: 256,
  referer: 2048,
  device: 128,
} as const satisfies Record<TextKind, number>;

describe('boundedText', () => {
  for (const [kind, bound] of Object.entries(BOUNDS) as [TextKind, number][]) {
    it(`boundedText accepts a ${kind} of ${bound} characters, and not one more`, () => {
      const longest = 'a'.repeat(bound);
      assert.equal(boundedText(longest, kind), longest);
      assert.equal(boundedText(`${longest}a`, kind), undefined);
    });
  }

  it('boundedText accepts an empty text', () => assert.equal(boundedText('', 'country'), ''));

  for (const { name, value } of [
    { name: 'nothing', value: undefined },
    { name: 'null', value: null },
    { name: 'a number', value: 12 },
    { name: 'a list', value: ['12'] },
    { name: 'an object with a length', value: { length: 1, includes: () => false } },
    { name: 'a String object', value: new String('12') },
    { name: 'a text with NUL', value: '1\0' },
  ]) {
    it(`boundedText rejects ${name}`, () => assert.equal(boundedText(value, 'code'), undefined));
  }
});

const PREFERENCES = 'de-CH,de;q=0.9,';

for (const { name, header, read } of [
  { name: 'acceptLanguageOf', header: 'accept-language', read: acceptLanguageOf },
  { name: 'acceptOf', header: 'accept', read: acceptOf },
] as const) {
  describe(name, () => {
    for (const { title, given, expected } of [
      { title: 'returns an empty text without the header', given: undefined, expected: '' },
      { title: 'returns the whole header within the bound', given: 'a'.repeat(256), expected: 'a'.repeat(256) },
      { title: 'returns an empty text for one entry over the bound', given: 'a'.repeat(257), expected: '' },
      {
        title: 'drops the entry that crosses the bound',
        given: `${PREFERENCES}${'a'.repeat(300)}`,
        expected: PREFERENCES.slice(0, -1),
      },
      {
        title: 'keeps an entry that ends at the bound',
        given: `${'a'.repeat(256)},b`,
        expected: 'a'.repeat(256),
      },
    ]) {
      it(`${name} ${title}`, () => assert.equal(read({ headers: { [header]: given } }), expected));
    }
  });
}
