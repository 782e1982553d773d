import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { all, chain, isPromiseLike } from '../../src/maybe-promise.js';

describe('chain', () => {
  it('goes on at once with what is there', () => {
    const order: string[] = [];
    const result = chain(1, (value) => {
      order.push('next');
      return value + 1;
    });
    order.push('after');
    assert.equal(result, 2);
    assert.deepEqual(order, ['next', 'after']);
  });

  it('goes on when a promise resolves', async () => {
    const order: string[] = [];
    const result = chain(Promise.resolve(1), (value) => {
      order.push('next');
      return value + 1;
    });
    order.push('after');
    assert.equal(await result, 2);
    assert.deepEqual(order, ['after', 'next']);
  });

  it('waits for what is only like a promise', async () => {
    // biome-ignore lint/suspicious/noThenProperty: it is what this test is about
    const thenable = { then: (resolve: (value: number) => void) => resolve(1) } as PromiseLike<number>;
    assert.equal(await chain(thenable, (value) => value + 1), 2);
  });

  // biome-ignore lint/suspicious/noThenProperty: a `then` that is no function makes no promise
  for (const value of [undefined, null, 0, '', false, {}, { then: 'a text' }, () => {}]) {
    it(`takes ${typeof value === 'function' ? 'a function' : JSON.stringify(value)} for a value`, () => {
      assert.equal(
        chain(value as unknown, (given) => given === value),
        true,
      );
    });
  }

  it('throws what the next step throws, and rejects with what was rejected', async () => {
    const boom = () => {
      throw new Error('boom');
    };
    assert.throws(() => chain(1, boom), /boom/);
    await assert.rejects(async () => chain(Promise.resolve(1), boom), /boom/);
    await assert.rejects(async () => chain(Promise.reject(new Error('before')), boom), /before/);
  });
});

describe('all', () => {
  it('gives values at once where none is still to come', () => {
    assert.deepEqual(all([1, 'two', undefined]), [1, 'two', undefined]);
  });

  it('gives a promise where one is', async () => {
    const given = all([1, Promise.resolve('two')]);
    assert.ok(isPromiseLike(given));
    assert.deepEqual(await given, [1, 'two']);
    await assert.rejects(async () => all([1, Promise.reject(new Error('no'))]), /no/);
  });
});
