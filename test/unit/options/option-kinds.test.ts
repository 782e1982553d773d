import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as kinds from '../../../src/options/option-kinds.js';

const ROWS: readonly {
  readonly name: string;
  readonly kind: kinds.Kind<unknown>;
  readonly right: readonly unknown[];
  readonly wrong: readonly unknown[];
}[] = [
  { name: 'boolean', kind: kinds.boolean, right: [true, false], wrong: ['true', 0, null, undefined] },
  { name: 'filledString', kind: kinds.filledString, right: ['a', ' a '], wrong: ['', ' \t', 1, ['a'], null] },
  { name: 'callable', kind: kinds.callable, right: [() => 1, class {}], wrong: ['() => 1', {}, undefined] },
  { name: 'object', kind: kinds.object, right: [{}, []], wrong: [null, 'a', () => 1] },
  {
    name: 'userId',
    kind: kinds.userId,
    right: ['a', 0, 1.5, 10n],
    wrong: ['', Number.NaN, Number.POSITIVE_INFINITY, null, undefined, {}, true],
  },
  {
    name: 'method',
    kind: kinds.method,
    right: ['sms', 'call', 'whatsapp', 'email'],
    wrong: ['SMS', 'sna', 'auto', '', 'toString', 1],
  },
  {
    name: 'urlOrPath',
    kind: kinds.urlOrPath,
    right: ['/', '/a?b=c#d', 'https://example.com', 'http://localhost:3000/a'],
    wrong: ['', 'a', '//evil.example', '/\\evil.example', 'javascript:alert(1)', 'ftp://example.com', 1],
  },
  {
    name: 'path',
    kind: kinds.path,
    right: ['/', '/2fa', '/a/b/'],
    wrong: ['', '2fa', '//a', '/\\a', '/a?b', '/a#b', '/a b', 'https://example.com'],
  },
  {
    name: 'origin',
    kind: kinds.origin,
    right: ['https://app.example.com', 'http://localhost:3000'],
    wrong: ['https://app.example.com/', 'app.example.com', 'null', '*', 'https://APP.example.com', ''],
  },
  { name: 'country', kind: kinds.country, right: ['US', 'DE', 'XK'], wrong: ['us', 'USA', 'UK', 'ZZ', 'XX', '', 1] },
  {
    name: 'locale',
    kind: kinds.locale,
    right: ['en', 'pt-BR', 'zh-Hant-TW'],
    wrong: ['', 'english!', 'en_US', 1, ['en'], null],
  },
  {
    name: 'refusalMessage',
    kind: kinds.refusalMessage,
    right: [{ message: 'In use.' }],
    wrong: [{}, { message: '' }, { message: 1 }, 'In use.', null, false],
  },
  {
    name: 'fieldName',
    kind: kinds.fieldName,
    right: ['twilio-2fa', 'a.b:c_d', 'x'.repeat(64)],
    wrong: ['', 'a b', 'ü', 'x'.repeat(65), '__proto__', 'constructor', 'toString', 1],
  },
  {
    name: 'number',
    kind: kinds.number(1, 60, 'seconds'),
    right: [1, 1.5, 60],
    wrong: [0.9, 60.1, Number.NaN, '5', null],
  },
  {
    name: 'number without end',
    kind: kinds.number(30, Number.POSITIVE_INFINITY, 'seconds'),
    right: [30, Number.POSITIVE_INFINITY],
    wrong: [29.9, Number.NEGATIVE_INFINITY, Number.NaN],
  },
  { name: 'integer', kind: kinds.integer(4, 10), right: [4, 10], wrong: [3, 11, 4.5, '6', 6n] },
  { name: 'sid', kind: kinds.sid('VA'), right: [`VA${'0'.repeat(32)}`], wrong: ['', 'AC123', 'va123', 1] },
  {
    name: 'listOf',
    kind: kinds.listOf(kinds.method),
    right: [[], ['sms'], ['sms', 'call']],
    wrong: ['sms', ['sms', 'pigeon'], {}, null],
  },
  { name: 'listOf at least one', kind: kinds.listOf(kinds.boolean, 1), right: [[true]], wrong: [[], [1], true] },
  {
    name: 'either',
    kind: kinds.either(kinds.boolean, kinds.method),
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
    assert.equal(kinds.number(1, 60, 'seconds').expected, 'seconds, from 1 to 60');
    assert.equal(kinds.integer(4, 10).expected, 'a whole number from 4 to 10');
    assert.equal(kinds.sid('VA').expected, 'a SID that starts with "VA"');
    assert.match(kinds.listOf(kinds.method, 1).expected, /not empty, of which each is one of sms, call/);
    assert.match(kinds.either(kinds.boolean, kinds.country).expected, /true or false; or a country/);
  });
});
