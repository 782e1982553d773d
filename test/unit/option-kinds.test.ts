import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as kinds from '../../src/option-kinds.js';

const ROWS: readonly {
  readonly name: string;
  readonly kind: kinds.Kind<unknown>;
  readonly right: readonly unknown[];
  readonly wrong: readonly unknown[];
}[] = [
  { name: 'aBoolean', kind: kinds.aBoolean, right: [true, false], wrong: ['true', 0, null, undefined] },
  { name: 'aString', kind: kinds.aString, right: ['a', ' a '], wrong: ['', ' \t', 1, ['a'], null] },
  { name: 'aFunction', kind: kinds.aFunction, right: [() => 1, class {}], wrong: ['() => 1', {}, undefined] },
  { name: 'anObject', kind: kinds.anObject, right: [{}, []], wrong: [null, 'a', () => 1] },
  {
    name: 'aUserId',
    kind: kinds.aUserId,
    right: ['a', 0, 1.5, 10n],
    wrong: ['', Number.NaN, Number.POSITIVE_INFINITY, null, undefined, {}, true],
  },
  {
    name: 'aMethod',
    kind: kinds.aMethod,
    right: ['sms', 'call', 'whatsapp', 'email'],
    wrong: ['SMS', 'sna', 'auto', '', 'toString', 1],
  },
  {
    name: 'anUrlOrPath',
    kind: kinds.anUrlOrPath,
    right: ['/', '/a?b=c#d', 'https://example.com', 'http://localhost:3000/a'],
    wrong: ['', 'a', '//evil.example', '/\\evil.example', 'javascript:alert(1)', 'ftp://example.com', 1],
  },
  {
    name: 'aPath',
    kind: kinds.aPath,
    right: ['/', '/2fa', '/a/b/'],
    wrong: ['', '2fa', '//a', '/\\a', '/a?b', '/a#b', '/a b', 'https://example.com'],
  },
  {
    name: 'anOrigin',
    kind: kinds.anOrigin,
    right: ['https://app.example.com', 'http://localhost:3000'],
    wrong: ['https://app.example.com/', 'app.example.com', 'null', '*', 'https://APP.example.com', ''],
  },
  { name: 'aCountry', kind: kinds.aCountry, right: ['US', 'DE', 'XK'], wrong: ['us', 'USA', 'UK', 'ZZ', 'XX', '', 1] },
  {
    name: 'aLocale',
    kind: kinds.aLocale,
    right: ['en', 'pt-BR', 'zh-Hant-TW'],
    wrong: ['', 'english!', 'en_US', 1, ['en'], null],
  },
  {
    name: 'aRefusalMessage',
    kind: kinds.aRefusalMessage,
    right: [{ message: 'In use.' }],
    wrong: [{}, { message: '' }, { message: 1 }, 'In use.', null, false],
  },
  {
    name: 'aName',
    kind: kinds.aName,
    right: ['twilio-2fa', 'a.b:c_d', 'x'.repeat(64)],
    wrong: ['', 'a b', 'ü', 'x'.repeat(65), '__proto__', 'constructor', 'toString', 1],
  },
  {
    name: 'aNumber',
    kind: kinds.aNumber(1, 60, 'seconds'),
    right: [1, 1.5, 60],
    wrong: [0.9, 60.1, Number.NaN, '5', null],
  },
  {
    name: 'aNumber without end',
    kind: kinds.aNumber(30, Number.POSITIVE_INFINITY, 'seconds'),
    right: [30, Number.POSITIVE_INFINITY],
    wrong: [29.9, Number.NEGATIVE_INFINITY, Number.NaN],
  },
  { name: 'anInteger', kind: kinds.anInteger(4, 10), right: [4, 10], wrong: [3, 11, 4.5, '6', 6n] },
  { name: 'aSid', kind: kinds.aSid('VA'), right: [`VA${'0'.repeat(32)}`], wrong: ['', 'AC123', 'va123', 1] },
  {
    name: 'aListOf',
    kind: kinds.aListOf(kinds.aMethod),
    right: [[], ['sms'], ['sms', 'call']],
    wrong: ['sms', ['sms', 'pigeon'], {}, null],
  },
  { name: 'aListOf at least one', kind: kinds.aListOf(kinds.aBoolean, 1), right: [[true]], wrong: [[], [1], true] },
  {
    name: 'either',
    kind: kinds.either(kinds.aBoolean, kinds.aMethod),
    right: [true, 'sms'],
    wrong: ['pigeon', 1, undefined],
  },
];

describe('the kinds of options', () => {
  for (const { name, kind, right, wrong } of ROWS) {
    it(`${name} takes what is right`, () => {
      for (const value of right) assert.equal(kind.is(value), true, String(value));
    });

    it(`${name} refuses what is wrong`, () => {
      for (const value of wrong) assert.equal(kind.is(value), false, String(value));
    });
  }

  it('say in words what they take', () => {
    assert.equal(kinds.aNumber(1, 60, 'seconds').expected, 'seconds, from 1 to 60');
    assert.equal(kinds.anInteger(4, 10).expected, 'a whole number from 4 to 10');
    assert.equal(kinds.aSid('VA').expected, 'a SID that starts with "VA"');
    assert.match(kinds.aListOf(kinds.aMethod, 1).expected, /not empty, of which each is one of sms, call/);
    assert.match(kinds.either(kinds.aBoolean, kinds.aCountry).expected, /true or false; or a country/);
  });
});
