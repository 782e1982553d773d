import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Remembered } from '../../src/remembered.js';

describe('what is remembered', () => {
  it('is found once, even if nothing was found', () => {
    let found = 0;
    const remembered = new Remembered<string | undefined>(10);
    const find = () => {
      found += 1;
      return undefined;
    };
    assert.equal(remembered.get('a', find), undefined);
    assert.equal(remembered.get('a', find), undefined);
    assert.equal(found, 1);
  });

  it('is forgotten, the oldest first, when there is too much', () => {
    const remembered = new Remembered<number>(2);
    for (const key of ['a', 'b', 'c']) remembered.get(key, () => 1);
    assert.equal(
      remembered.get('c', () => 2),
      1,
    );
    assert.equal(
      remembered.get('b', () => 2),
      1,
    );
    assert.equal(
      remembered.get('a', () => 2),
      2,
    );
  });

  it('is not kept if it could not be found', () => {
    const remembered = new Remembered<number>(2);
    assert.throws(() =>
      remembered.get('a', () => {
        throw new Error('no');
      }),
    );
    assert.equal(
      remembered.get('a', () => 3),
      3,
    );
  });
});
