import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FormattedTexts, type Words } from '../../../src/texts/formatted-texts.js';

/** Texts, and how often one was formatted. */
function counted(limit = 100) {
  const texts = new FormattedTexts(limit);
  let formatted = 0;
  const get = (key: string, words: Words) =>
    texts.get(key, words, () => {
      formatted += 1;
      return `${key} ${JSON.stringify(words)}`;
    });
  return { get, count: () => formatted };
}

describe('FormattedTexts', () => {
  it('formats a text once for the same words', () => {
    const { get, count } = counted();
    const words = () => ({ to: '+12025550123', length: 6 });
    assert.equal(get('sent', words()), get('sent', words()));
    assert.equal(count(), 1);
  });

  it('keeps a text without words', () => {
    const { get, count } = counted();
    assert.equal(get('title', {}), get('title', {}));
    assert.equal(count(), 1);
  });

  const others: readonly { name: string; key: string; words: Words }[] = [
    { name: 'another key', key: 'b', words: { a: '1', b: '2' } },
    { name: 'another word', key: 'a', words: { a: '1', b: '3' } },
    { name: 'another name', key: 'a', words: { a: '1', c: '2' } },
    { name: 'a number instead of its digits', key: 'a', words: { a: 1, b: '2' } },
    { name: 'fewer words', key: 'a', words: { a: '1' } },
    { name: 'no words', key: 'a', words: {} },
    { name: 'more words', key: 'a', words: { a: '1', b: '2', c: '3' } },
    { name: 'words that a separator would join', key: 'a', words: { a: '1\0b\x002' } },
    { name: 'a name of an object', key: 'constructor', words: { toString: 'x' } },
  ];
  for (const { name, key, words } of others) {
    it(`formats a text for ${name}`, () => {
      const { get, count } = counted();
      const first = get('a', { a: '1', b: '2' });
      assert.notEqual(get(key, words), first);
      assert.equal(count(), 2);
      assert.equal(get('a', { a: '1', b: '2' }), first);
      assert.equal(count(), 2);
    });
  }

  it('the tree is emptied at its limit', () => {
    const { get, count } = counted(30);
    for (let round = 0; round < 2; round += 1) for (let word = 0; word < 100; word += 1) get('a', { word });
    assert.equal(count(), 200);
    get('a', { word: 99 });
    assert.equal(count(), 200, 'the newest text is kept');
  });

  it('does not keep a long word', () => {
    const { get, count } = counted();
    const words = { to: 'x'.repeat(513) };
    assert.equal(get('a', words), get('a', words));
    assert.equal(count(), 2);
  });
});
