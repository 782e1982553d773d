import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterUnion } from 'rate-limiter-flexible';
import { limiterFailure, limiterMistake } from '../../../src/limits/limiter-error.js';
import {
  type CreateLimiter,
  createMemoryLimiter,
  type Limiter,
  type LimiterOptions,
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

  it('take accepts the duration of a single point', async () => {
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
    it(`the store refuses everything if ${name}`, async () => {
      const store = new LimiterStore(create, OPTIONS);
      await assert.rejects(store.take('a'), isUnreachable(cause));
      await assert.rejects(
        store.call((limiter) => limiter.get('a')),
        isUnreachable(cause),
      );
    });
  }

  /** A client as `RateLimiterRedis` meets it: node-redis has `pTTL`, ioredis has `pttl`. */
  const clientWith = (name: string) => ({ multi: () => undefined, [name]: () => undefined });
  const mistakes: readonly { name: string; create: (options: LimiterOptions) => unknown; says: RegExp }[] = [
    {
      name: 'returns nothing, as braces without "return" do',
      create: (options) => {
        createMemoryLimiter(options);
      },
      says: /returned undefined instead of a limiter\. Add "return": .*\{ return new RateLimiterRedis\(.*\}/,
    },
    { name: 'returns null', create: async () => null, says: /returned null instead of a limiter\. Add "return"/ },
    { name: 'returns a class', create: () => RateLimiterMemory, says: /Create one with "new": .*new RateLimiterRedis/ },
    {
      name: 'returns an object that is no limiter',
      create: () => ({ consume: () => undefined, get: () => undefined }),
      says: /without penalty\(\), reward\(\), block\(\), set\(\), delete\(\)\. Return a limiter of rate-limiter-flexible/,
    },
    {
      name: 'returns a wrapper of limiters',
      create: (options) => new RateLimiterUnion(new RateLimiterMemory(options)),
      says: /without penalty\(\), .*Return a limiter/,
    },
    {
      name: 'drops the options',
      create: () => new RateLimiterMemory({ points: 2, duration: 60 }),
      says: /ignored "keyPrefix", "points", or "duration" of its argument\. Add "\.\.\.options"/,
    },
    {
      name: 'keeps only the prefix',
      create: ({ keyPrefix }) => new RateLimiterMemory({ keyPrefix, points: 4, duration: 60 }),
      says: /Add "\.\.\.options"/,
    },
    {
      name: 'forgets useRedisPackage for node-redis',
      create: (options) => new RateLimiterRedis({ storeClient: clientWith('pTTL'), ...options }),
      says: /passed a client of the package "redis" without saying so\. Add "useRedisPackage: true"/,
    },
    {
      name: 'sets useRedisPackage for ioredis',
      create: (options) => new RateLimiterRedis({ storeClient: clientWith('pttl'), useRedisPackage: true, ...options }),
      says: /its client isn't one of the package "redis"\. Remove it: .*\({ storeClient, \.\.\.options }\)/,
    },
  ];
  for (const { name, create, says } of mistakes) {
    it(`names the mistake of a factory that ${name}`, async () => {
      const store = new LimiterStore(create as CreateLimiter, OPTIONS);
      await assert.rejects(store.take('a'), isUnreachable());
      await assert.rejects(store.take('a'), { message: says });
    });
  }

  for (const { name, storeClient, isPackage } of [
    { name: 'node-redis with useRedisPackage', storeClient: clientWith('pTTL'), isPackage: true },
    { name: 'ioredis without it', storeClient: clientWith('pttl'), isPackage: false },
  ]) {
    it(`accepts ${name}, and a prefix of the app's own`, () => {
      const keyPrefix = `app:${OPTIONS.keyPrefix}`;
      const limiter = new RateLimiterRedis({ storeClient, useRedisPackage: isPackage, ...OPTIONS, keyPrefix });
      assert.equal(limiterMistake(limiter, ['consume'], OPTIONS), undefined);
    });
  }

  for (const { name, cause, says } of [
    {
      name: 'the error code and the message',
      cause: Object.assign(new Error('connect 127.0.0.1:6379'), { code: 'ECONNREFUSED' }),
      says: /: ECONNREFUSED, connect 127\.0\.0\.1:6379\. Check/,
    },
    {
      name: 'the code of an error without a message',
      cause: aggregate('ECONNREFUSED'),
      says: /: ECONNREFUSED\. Check/,
    },
    {
      name: 'a message with the code once',
      cause: coded('ENOTFOUND', 'getaddrinfo ENOTFOUND redis'),
      says: /: getaddrinfo ENOTFOUND redis\. /,
    },
    { name: 'the first line', cause: new Error('no table\nat line 2'), says: /: no table\. Check/ },
    { name: 'no password of a URL', cause: new Error('bad redis://user:secret@host'), says: /: bad redis:\/\/host\. / },
    { name: 'the name of an error without a message', cause: new RangeError(), says: /: RangeError\. Check/ },
  ]) {
    it(`a failure of the store is reported with ${name}`, () => {
      const { message } = limiterFailure(cause);
      assert.match(message, says);
      assert.doesNotMatch(message, /secret/);
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
    it(`the store waits three seconds for ${name}, and then refuses`, async (t) => {
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

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

function aggregate(code: string): Error {
  return Object.assign(new AggregateError([coded(code, 'one'), coded(code, 'other')]), { code });
}

function silent(): Limiter {
  return new Proxy({} as Limiter, { get: (_, name) => (name === 'then' ? undefined : () => new Promise(() => {})) });
}
