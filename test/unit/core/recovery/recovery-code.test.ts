import assert from 'node:assert/strict';
import { scryptSync } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  createRecoveryCodes,
  findRecoveryCode,
  readRecoveryCode,
  withoutCode,
} from '../../../../src/core/recovery/recovery-code.js';

const NOW = 1_800_000_000_000;
const CODE = '7Q2MXK9D0B4T1WHE';

describe('createRecoveryCodes', () => {
  it('a set has as many codes as asked for, in four groups of Crockford base32', async () => {
    const { codes, set } = await createRecoveryCodes(10, NOW);
    assert.equal(codes.length, 10);
    for (const code of codes) assert.match(code, /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
    assert.equal(new Set(codes).size, 10);
    assert.equal(set.hashes.length, 10);
    assert.equal(set.createdAt, NOW);
  });

  it('a set holds scrypt hashes with its own salt of 16 bytes, and its cost', async () => {
    const { codes, set } = await createRecoveryCodes(2, NOW);
    assert.deepEqual(set.cost, { N: 4096, r: 8, p: 1 });
    const salt = Buffer.from(set.salt, 'base64url');
    assert.equal(salt.length, 16);
    const hashes = codes.map((code) =>
      scryptSync(code.replaceAll('-', ''), salt, 32, { N: 4096, r: 8, p: 1 }).toString('base64url'),
    );
    assert.deepEqual(set.hashes, hashes);
    assert.notEqual((await createRecoveryCodes(1, NOW)).set.salt, set.salt);
  });

  it('a set holds no code in clear', async () => {
    const { codes, set } = await createRecoveryCodes(5, NOW);
    const stored = JSON.stringify(set);
    for (const code of codes) {
      assert.ok(!stored.includes(code));
      assert.ok(!stored.includes(code.replaceAll('-', '')));
    }
  });

  it('every character is used, and each about equally often', async () => {
    const counts = new Map<string, number>();
    for (let round = 0; round < 4; round += 1) {
      const { codes } = await createRecoveryCodes(50, NOW);
      for (const character of codes.join('').replaceAll('-', '')) {
        counts.set(character, (counts.get(character) ?? 0) + 1);
      }
    }
    assert.equal(counts.size, 32);
    // 100 are expected of each; less than 50 comes once in millions of runs.
    for (const [character, count] of counts) assert.ok(count > 50, `${character}: ${count}`);
  });
});

describe('readRecoveryCode', () => {
  const same = [
    { name: 'in groups', typed: '7Q2M-XK9D-0B4T-1WHE' },
    { name: 'without separators', typed: '7Q2MXK9D0B4T1WHE' },
    { name: 'in lower case', typed: '7q2m-xk9d-0b4t-1whe' },
    { name: 'with spaces and a line break', typed: ' 7Q2M XK9D\n0B4T 1WHE ' },
    { name: 'with O for zero', typed: '7Q2M-XK9D-OB4T-1WHE' },
    { name: 'with I for one', typed: '7Q2M-XK9D-0B4T-IWHE' },
    { name: 'with L for one', typed: '7q2m-xk9d-ob4t-lwhe' },
    { name: 'with the Turkish capital İ for one', typed: '7Q2M-XK9D-0B4T-İWHE' },
    { name: 'with the Turkish dotless ı for one', typed: '7q2m-xk9d-0b4t-ıwhe' },
    { name: 'with long dashes', typed: '7Q2M–XK9D—0B4T‑1WHE' },
    { name: 'with dots', typed: '7Q2M.XK9D.0B4T.1WHE.' },
    { name: 'in full width', typed: '７Ｑ２Ｍ－ＸＫ９Ｄ－０Ｂ４Ｔ－１ＷＨＥ' },
    { name: 'with marks of writing direction and soft hyphens', typed: '\u200e7Q2M\u00adXK9D\u200b0B4T1WHE\u2069' },
  ];
  for (const { name, typed } of same) {
    it(`a code is read ${name}`, () => assert.equal(readRecoveryCode(typed), CODE));
  }

  const malformed = [
    { name: 'empty text', typed: '' },
    { name: 'a code by SMS', typed: '123456' },
    { name: 'a character too few', typed: CODE.slice(1) },
    { name: 'a character too many', typed: `${CODE}0` },
    { name: 'the letter U', typed: CODE.replace('7', 'U') },
    { name: 'another alphabet', typed: CODE.replace('7', 'Ж') },
    { name: 'two codes', typed: `${CODE} ${CODE}` },
    { name: 'a null character', typed: `${CODE.slice(1)}\0` },
  ];
  for (const { name, typed } of malformed) {
    it(`${name} is not a recovery code`, () => assert.equal(readRecoveryCode(typed), undefined));
  }
});

describe('findRecoveryCode', () => {
  it('each code is found at its place, and no other code is', async () => {
    const { codes, set } = await createRecoveryCodes(3, NOW);
    for (const [index, code] of codes.entries()) {
      assert.equal(await findRecoveryCode(set, readRecoveryCode(code) ?? ''), index);
    }
    assert.equal(await findRecoveryCode(set, CODE), undefined);
  });

  it('a code that was taken out is not found, and the others are', async () => {
    const { codes, set } = await createRecoveryCodes(3, NOW);
    const rest = withoutCode(set, 1);
    assert.equal(rest.hashes.length, 2);
    const find = (index: number) => findRecoveryCode(rest, readRecoveryCode(codes[index] ?? '') ?? '');
    assert.deepEqual([await find(0), await find(1), await find(2)], [0, undefined, 1]);
  });

  it('a code of another set is not found', async () => {
    const [one, other] = [await createRecoveryCodes(1, NOW), await createRecoveryCodes(1, NOW)];
    assert.equal(await findRecoveryCode(other.set, readRecoveryCode(one.codes[0] ?? '') ?? ''), undefined);
  });

  it('a set with another cost is read with that cost', async () => {
    const salt = Buffer.alloc(16, 7);
    const cost = { N: 2 ** 15, r: 8, p: 2 };
    const hash = scryptSync(CODE, salt, 32, { ...cost, maxmem: 2 ** 27 }).toString('base64url');
    const set = { salt: salt.toString('base64url'), cost, hashes: [hash], createdAt: NOW };
    assert.equal(await findRecoveryCode(set, CODE), 0);
  });

  it('a hash of another length is not equal, and no error', async () => {
    const { codes, set } = await createRecoveryCodes(1, NOW);
    const short = { ...set, hashes: set.hashes.map((hash) => hash.slice(0, 16)) };
    assert.equal(await findRecoveryCode(short, readRecoveryCode(codes[0] ?? '') ?? ''), undefined);
  });
});
