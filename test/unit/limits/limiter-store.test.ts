import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type CreateLimiter,
  createMemoryLimiter,
  type Limiter,
  LimiterStore,
} from '../../../src/limits/limiter-store.js';

const OPTIONS = { keyPrefix: 'test', points: 2, duration: 60 };
const isUnreachable = (cause?: RegExp) => (error: unknown) => {
  const {
    code,
    status,
    message,
    cause: why,
  } = error as { code: string; status: number; message: string; cause: Error };
  assert.equal(code, 'ERR_TWILIO_VERIFY_LIMITER');
  assert.equal(status, 503);
  assert.match(message, /createLimiter/);
  if (cause) assert.match(String(why), cause);
  return true;
};
const failing = (error: unknown): Limiter =>
  new Proxy({} as Limiter, { get: (_, name) => (name === 'then' ? undefined : () => Promise.reject(error)) });

describe('LimiterStore', () => {
  it('takes a point, and says when there is none left', async () => {
    const store = new LimiterStore(createMemoryLimiter, OPTIONS);
    assert.deepEqual(
      [(await store.take('a')).isAllowed, (await store.take('a')).isAllowed, (await store.take('a')).isAllowed],
      [true, true, false],
    );
    assert.equal((await store.take('b')).isAllowed, true, 'another key has its own');
  });

  it('says how long the points last', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: 1_800_000_000_000 });
    const store = new LimiterStore(createMemoryLimiter, OPTIONS);
    assert.deepEqual(await store.take('a'), { isAllowed: true, msBeforeNext: 60_000, consumedPoints: 1 });
    t.mock.timers.tick(20_000);
    assert.deepEqual(await store.take('a'), { isAllowed: true, msBeforeNext: 40_000, consumedPoints: 2 });
    assert.deepEqual(await store.take('a'), { isAllowed: false, msBeforeNext: 40_000, consumedPoints: 3 });
    t.mock.timers.tick(40_000);
    assert.equal((await store.take('a')).isAllowed, true);
  });

  it('takes another duration for one point', async () => {
    const store = new LimiterStore(createMemoryLimiter, { ...OPTIONS, points: 1 });
    assert.equal((await store.take('a', 5)).msBeforeNext, 5_000);
  });

  it('makes the limiter once, when it is first used, with its options', async () => {
    const made: unknown[] = [];
    const store = new LimiterStore((options) => {
      made.push(options);
      return createMemoryLimiter(options);
    }, OPTIONS);
    assert.deepEqual(made, []);
    await Promise.all(Array.from({ length: 20 }, () => store.take('a')));
    assert.deepEqual(made, [OPTIONS]);
  });

  it('waits for a limiter that is made asynchronously', async () => {
    const create: CreateLimiter = async (options) => {
      await new Promise((resolve) => setImmediate(resolve));
      return createMemoryLimiter(options);
    };
    assert.equal((await new LimiterStore(create, OPTIONS).take('a')).isAllowed, true);
  });

  const failures: readonly { name: string; create: CreateLimiter; cause: RegExp }[] = [
    {
      name: 'its factory throws',
      create: () => {
        throw new Error('no table');
      },
      cause: /no table/,
    },
    { name: 'its factory rejects', create: () => Promise.reject(new Error('no table')), cause: /no table/ },
    { name: 'its factory gives nothing', create: () => undefined as unknown as Limiter, cause: /TypeError/ },
    {
      name: 'its store rejects with an error',
      create: () => failing(new Error('ECONNREFUSED')),
      cause: /ECONNREFUSED/,
    },
    { name: 'its store rejects with a text', create: () => failing('gone'), cause: /gone/ },
    { name: 'its store rejects with nothing', create: () => failing(undefined), cause: /undefined/ },
    {
      name: 'its store rejects with an error that looks like a result',
      create: () => failing(Object.assign(new Error('odd'), { msBeforeNext: 1, consumedPoints: 1 })),
      cause: /odd/,
    },
  ];
  for (const { name, create, cause } of failures) {
    it(`lets nothing through where ${name}`, async () => {
      const store = new LimiterStore(create, OPTIONS);
      await assert.rejects(store.take('a'), isUnreachable(cause));
      await assert.rejects(
        store.call((limiter) => limiter.get('a')),
        isUnreachable(cause),
      );
    });
  }

  it('tries a factory again that has failed: the store may be back', async () => {
    let tries = 0;
    const store = new LimiterStore((options) => {
      tries += 1;
      if (tries === 1) throw new Error('not yet');
      return createMemoryLimiter(options);
    }, OPTIONS);
    await assert.rejects(store.take('a'), isUnreachable(/not yet/));
    assert.equal((await store.take('a')).isAllowed, true);
    assert.equal(tries, 2);
  });

  for (const { name, create } of [
    { name: 'a store that does not answer', create: silent },
    { name: 'a factory that does not come to an end', create: () => new Promise<Limiter>(() => {}) },
  ]) {
    it(`waits three seconds for ${name}, and lets nothing through`, async (t) => {
      t.mock.timers.enable({ apis: ['setTimeout'] });
      let isOver = false;
      const taken = new LimiterStore(create, OPTIONS).take('a').finally(() => {
        isOver = true;
      });
      const settled = assert.rejects(taken, isUnreachable(/3000 ms/));
      t.mock.timers.tick(2_999);
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(isOver, false);
      t.mock.timers.tick(1);
      await settled;
    });
  }
});

function silent(): Limiter {
  return new Proxy({} as Limiter, { get: (_, name) => (name === 'then' ? undefined : () => new Promise(() => {})) });
}
