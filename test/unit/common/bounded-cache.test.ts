import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BoundedCache } from '../../../src/common/bounded-cache.js';

describe('what is remembered', () => {
  it('the cache looks a key up once, even if the lookup finds nothing', () => {
    let found = 0;
    const remembered = new BoundedCache<string | undefined>(10);
    const find = () => {
      found += 1;
      return undefined;
    };
    assert.equal(remembered.get('a', find), undefined);
    assert.equal(remembered.get('a', find), undefined);
    assert.equal(found, 1);
  });

  it('a full cache drops the entries that were not used again first', () => {
    const remembered = new BoundedCache<string>(4);
    let found: string[] = [];
    const ask = (...keys: string[]) => {
      found = [];
      for (const key of keys) assert.equal(remembered.get(key, () => key + found.push(key)).slice(0, 1), key);
    };
    ask('a', 'b', 'c');
    ask('a', 'd');
    assert.deepEqual(found, ['d']);
    ask('a', 'd', 'e');
    assert.deepEqual(found, ['e'], 'these were asked for last');
    ask('b', 'c');
    assert.deepEqual(found, ['b', 'c'], 'nobody had asked for these since');
  });

  it('the cache never exceeds its maximum size, in any order of lookups', () => {
    const limit = 10;
    const remembered = new BoundedCache<string>(limit);
    for (let key = 0; key < 1_000; key += 1) remembered.get(String(key), () => 'found');
    let kept = 0;
    for (let key = 999; key >= 0; key -= 1) {
      if (remembered.get(String(key), () => 'found again') === 'found') kept += 1;
    }
    assert.ok(kept > 0 && kept <= limit, `${kept} of ${limit}`);
  });

  it('values of keys over 1,024 characters are computed each time', () => {
    const remembered = new BoundedCache<string>(10);
    for (const { length, second } of [
      { length: 1_024, second: 'first' },
      { length: 1_025, second: 'second' },
    ]) {
      const key = 'k'.repeat(length);
      remembered.get(key, () => 'first');
      assert.equal(
        remembered.get(key, () => 'second'),
        second,
      );
    }
  });

  it('the cache does not keep a lookup that failed', () => {
    const remembered = new BoundedCache<number>(2);
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
