import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type IRateLimiterOptions, RateLimiterRedis } from 'rate-limiter-flexible';
import { createClient, type RedisClientType } from 'redis';
import { type CreateLimiter, LimiterStore } from '../../src/limits/limiter-store.js';
import { Limits } from '../../src/limits/limits.js';
import { type CountedGuess, Lockout } from '../../src/limits/lockout.js';
import { SendLimits, type SendSubject } from '../../src/limits/send-limits.js';
import { resolveLimitNumbers } from '../../src/options/limit-options.js';
import { eventually } from './support/eventually.js';
import { type RedisServer, startRedis } from './support/redis-server.js';

let server: RedisServer;
let redis: RedisClientType;
before(async () => {
  server = await startRedis();
  redis = createClient({ url: server.url });
  redis.on('error', () => undefined);
  await redis.connect();
});
after(async () => {
  redis.destroy();
  await server.stop();
});

const create: CreateLimiter = (options) =>
  new RateLimiterRedis({ storeClient: redis, useRedisPackage: true, ...options });

let made = 0;

/** A limiter of the package with a separate prefix. */
function limiterOf(options: Pick<IRateLimiterOptions, 'points' | 'duration'>): RateLimiterRedis {
  made += 1;
  return new RateLimiterRedis({ storeClient: redis, useRedisPackage: true, keyPrefix: `raw-${made}`, ...options });
}

/** Lets the time that a key has left pass. */
async function letPass(pattern: string): Promise<void> {
  const keys = await redis.keys(pattern);
  assert.equal(keys.length, 1);
  for (const key of keys) assert.equal(await redis.pExpire(key, 1), 1, `${key} is there, and was to end`);
  await eventually(async () => assert.deepEqual(await redis.keys(pattern), []));
}

function isAbout(ms: number, seconds: number): void {
  assert.ok(ms > (seconds - 60) * 1000 && ms <= seconds * 1000, `${ms} ms are about ${seconds} s`);
}

describe('a limiter of rate-limiter-flexible in Redis, as the limits use it', () => {
  it('gives a key that never expires no time left, and one that is blocked the time of its block', async () => {
    const limiter = limiterOf({ points: 2, duration: 0 });
    assert.ok((await limiter.consume('key')).msBeforeNext <= 0);
    assert.ok(((await limiter.get('key'))?.msBeforeNext ?? 1) <= 0);
    await limiter.block('key', 900);
    isAbout((await limiter.get('key'))?.msBeforeNext ?? 0, 900);
  });

  it('refuses a point of a blocked key, without prolonging the block', async () => {
    const limiter = limiterOf({ points: 2, duration: 0 });
    await limiter.block('key', 900);
    await redis.expire(limiter.getKey('key'), 500);
    const refusal = await limiter.consume('key').catch((reason: unknown) => reason);
    assert.ok(!(refusal instanceof Error));
    isAbout((refusal as { msBeforeNext: number }).msBeforeNext, 500);
    isAbout((await limiter.get('key'))?.msBeforeNext ?? 0, 500);
  });

  it('forgets a blocked key when the block ends, even one that would never have expired', async () => {
    const limiter = limiterOf({ points: 2, duration: 0 });
    await limiter.consume('key', 2);
    await limiter.block('key', 900);
    await letPass(limiter.getKey('key'));
    assert.equal(await limiter.get('key'), null);
    assert.equal((await limiter.consume('key')).consumedPoints, 1);
  });

  it('sets the points of a blocked key and takes the block off', async () => {
    const limiter = limiterOf({ points: 10, duration: 0 });
    await limiter.block('key', 900);
    await limiter.set('key', 9, 0);
    const state = await limiter.get('key');
    assert.equal(state?.consumedPoints, 9);
    assert.ok(state.msBeforeNext <= 0);
    assert.equal((await limiter.consume('key')).consumedPoints, 10);
    await assert.rejects(limiter.consume('key'));
  });

  it('gives a point back and keeps the time that the key has left', async () => {
    const limiter = limiterOf({ points: 5, duration: 600 });
    await limiter.consume('key');
    await redis.expire(limiter.getKey('key'), 300);
    const after = await limiter.reward('key');
    assert.equal(after.consumedPoints, 0);
    isAbout(after.msBeforeNext, 300);
    isAbout((await limiter.get('key'))?.msBeforeNext ?? 0, 300);
  });

  it('the limiter uses the duration of a single point instead of its default', async () => {
    const limiter = limiterOf({ points: 1, duration: 600 });
    isAbout((await limiter.consume('key', 1, { customDuration: 90 })).msBeforeNext, 90);
    const refusal = await limiter.consume('key', 1, { customDuration: 3_000 }).catch((reason: unknown) => reason);
    isAbout((refusal as { msBeforeNext: number }).msBeforeNext, 90);
    await limiter.delete('key');
    isAbout((await limiter.consume('key', 1, { customDuration: 3_000 })).msBeforeNext, 3_000);
  });

  it('gives the last point to one only, however many ask at once and by whichever connection', async () => {
    const second = redis.duplicate();
    await second.connect();
    const options = { keyPrefix: 'shared', points: 10, duration: 0 };
    const limiters = [redis, second].map((client) => {
      return new LimiterStore(
        (given) => new RateLimiterRedis({ storeClient: client, useRedisPackage: true, ...given }),
        options,
      );
    });
    const taken = await Promise.all(Array.from({ length: 100 }, async (_, index) => limiters[index % 2]?.take('key')));
    second.destroy();
    const allowed = taken.filter((result) => result?.isAllowed).map((result) => result?.consumedPoints);
    assert.deepEqual(
      allowed.sort((a = 0, b = 0) => a - b),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
  });
});

describe('wrong codes counted in Redis', () => {
  /** Counters of their own, and how many guesses they allow before they lock. */
  function countersOf(numbers: Parameters<typeof resolveLimitNumbers>[0] = {}) {
    made += 1;
    const prefix = `wrong-${made}`;
    const limits = resolveLimitNumbers({ wrongCodesPerLock: 3, wrongCodesInAll: 9, ...numbers });
    const codes = new Lockout(create, prefix, limits, Date.now);
    const guess = async (): Promise<CountedGuess> => {
      const counted = await codes.count('user');
      assert.ok('left' in counted, 'the guess is allowed');
      return counted;
    };
    const lockMs = async () => {
      const counted = await codes.count('user');
      assert.ok('lockedUntil' in counted, 'the guess is not allowed');
      assert.equal(Math.sign((await codes.lockedUntil('user')) ?? 0), 1);
      return counted.lockedUntil - Date.now();
    };
    return { codes, guess, lockMs, prefix };
  }

  it('lock at the last one, twice as long each time, and then for good', async () => {
    const { codes, guess, lockMs, prefix } = countersOf();
    for (const seconds of [900, 1_800]) {
      for (const left of [2, 1, 0]) assert.equal((await guess()).left, left);
      isAbout(await lockMs(), seconds);
      isAbout(await lockMs(), seconds);
      await letPass(`${prefix}:guess:*`);
      assert.equal(await codes.lockedUntil('user'), undefined);
    }
    for (const left of [2, 1, 0]) assert.equal((await guess()).left, left);
    assert.equal(await lockMs(), Number.POSITIVE_INFINITY);
    assert.equal(await codes.lockedUntil('user'), Number.POSITIVE_INFINITY);
    await codes.clear('user');
    assert.equal(await codes.lockedUntil('user'), undefined);
    assert.equal((await guess()).left, 2);
  });

  it('wrong codes in Redis are given back, the last one with its lock', async () => {
    const { codes, guess, lockMs } = countersOf();
    await (await guess()).giveBack();
    await guess();
    await guess();
    const last = await guess();
    assert.equal(last.left, 0);
    assert.notEqual(await codes.lockedUntil('user'), undefined);
    await last.giveBack();
    assert.equal(await codes.lockedUntil('user'), undefined);
    assert.equal((await guess()).left, 0);
    isAbout(await lockMs(), 900);
  });

  it('given back while another has locked do not end the lock', async () => {
    const { guess, lockMs } = countersOf();
    const [first, second] = [await guess(), await guess()];
    await guess();
    await first.giveBack();
    await second.giveBack();
    isAbout(await lockMs(), 900);
    isAbout(await lockMs(), 900);
  });

  it('wrong codes in Redis lock even if the process that took the last one ended before the lock', async () => {
    const { codes, lockMs, prefix } = countersOf();
    const limiter = new RateLimiterRedis({
      storeClient: redis,
      useRedisPackage: true,
      keyPrefix: `${prefix}:guess`,
      points: 3,
      duration: 0,
    });
    await limiter.consume('user', 3);
    assert.equal(await codes.lockedUntil('user'), undefined);
    isAbout(await lockMs(), 900);
  });
});

describe('wrong codes given back late in Redis', () => {
  /** The counters of two processes, each with a separate connection. */
  async function twoProcesses() {
    made += 1;
    const prefix = `late-${made}`;
    const second = redis.duplicate();
    await second.connect();
    const limits = resolveLimitNumbers({ wrongCodesPerLock: 10 });
    const [one, other] = [redis, second].map((storeClient) => {
      const createOn: CreateLimiter = (options) =>
        new RateLimiterRedis({ storeClient, useRedisPackage: true, ...options });
      return new Lockout(createOn, prefix, limits, Date.now);
    });
    assert.ok(one && other);
    return { one, other, prefix, end: () => second.destroy() };
  }

  async function guesses(codes: Lockout, times: number): Promise<CountedGuess[]> {
    const counted: CountedGuess[] = [];
    for (let count = 0; count < times; count += 1) {
      const guess = await codes.count('user');
      assert.ok(guess.type === 'counted', `guess ${count + 1} is allowed`);
      counted.push(guess);
    }
    return counted;
  }

  it('leave ten guesses after a correct code in another process, and no counter below zero', async () => {
    const { one, other, prefix, end } = await twoProcesses();
    for (let round = 0; round < 3; round += 1) {
      const late = await guesses(one, 9);
      await other.clear('user');
      await Promise.all(late.slice(0, 5).map(({ giveBack }) => giveBack()));
      await guesses(other, 1);
      await Promise.all(late.slice(5).map(({ giveBack }) => giveBack()));
      assert.equal(await redis.get(`${prefix}:guess:user`), '1');
      await other.clear('user');
    }
    await guesses(one, 10);
    assert.equal((await other.count('user')).type, 'locked');
    end();
  });

  it('leave ten guesses after clears that come at any moment', async () => {
    const { one, other, prefix, end } = await twoProcesses();
    for (let round = 0; round < 20; round += 1) {
      const late = await guesses(one, 9);
      await Promise.all([...late.map(({ giveBack }) => giveBack()), other.clear('user')]);
      assert.ok(Number(await redis.get(`${prefix}:guess:user`)) >= 0);
      await one.clear('user');
    }
    end();
  });

  it('leave the count of lockouts as it is after a correct code in another process', async () => {
    const { one, other, prefix, end } = await twoProcesses();
    const last = (await guesses(one, 10)).at(-1);
    await other.clear('user');
    await last?.giveBack();
    assert.equal(await redis.get(`${prefix}:lock:user`), null);
    end();
  });

  it('leave what is left of a row whose lockout is undone in another process', async () => {
    const { one, other, end } = await twoProcesses();
    const [first, second, ...rest] = await guesses(one, 10);
    for (const process of [one, other, other]) assert.equal((await process.count('user')).type, 'locked');
    await Promise.all([first?.giveBack(), second?.giveBack()]);
    await rest.at(-1)?.giveBack();
    assert.equal(await other.left('user'), 3);
    end();
  });
});

describe('sends counted in Redis', () => {
  function countersOf(numbers: Parameters<typeof resolveLimitNumbers>[0] = {}) {
    made += 1;
    const prefix = `send-${made}`;
    return { sends: new SendLimits(create, prefix, resolveLimitNumbers(numbers)), prefix };
  }

  const subject: SendSubject = { user: 'u', address: 'a', repeat: 'r', isSignIn: true, subnets: undefined };
  const other: SendSubject = { ...subject, repeat: 'another method' };

  it('hold the same one for the time of the schedule, and no other', async () => {
    const { sends, prefix } = countersOf();
    assert.ok('giveBack' in (await sends.count(subject, [90, 200])));
    isAbout(await sends.delayMs(subject), 90);
    const held = await sends.count(subject, [90, 200]);
    assert.ok('heldBy' in held && held.heldBy === 'delay');
    isAbout(held.retryAfterMs, 90);
    assert.ok('giveBack' in (await sends.count(other, [90, 200])));
    await letPass(`${prefix}:pause:r`);
    assert.ok('giveBack' in (await sends.count(subject, [90, 200])));
    isAbout(await sends.delayMs(subject), 200);
  });

  it('refused sends count nowhere', async () => {
    const { sends } = countersOf({ sendsPerUser: [{ points: 2, durationSeconds: 600 }] });
    assert.ok('giveBack' in (await sends.count(subject, [180])));
    for (const _ of Array(5)) assert.ok('heldBy' in (await sends.count(subject, [180])));
    assert.ok('giveBack' in (await sends.count(other, [180])), 'the second of two');
    const held = await sends.count({ ...subject, repeat: 'a third method' }, [180]);
    assert.ok('heldBy' in held && held.heldBy === 'limit');
    isAbout(held.retryAfterMs, 600);
  });

  it('sends in Redis are given back with their delay', async () => {
    const { sends } = countersOf({ sendsPerUser: [{ points: 1, durationSeconds: 600 }] });
    const counted = await sends.count(subject, [180]);
    assert.ok('giveBack' in counted);
    await counted.giveBack();
    assert.equal(await sends.delayMs(subject), 0);
    assert.ok('giveBack' in (await sends.count(subject, [180])));
    assert.ok('heldBy' in (await sends.count(other, [180])));
  });

  it('given back after a correct code, or after their period, leave the next ones as they are', async () => {
    const { sends, prefix } = countersOf({ sendsPerUser: [{ points: 2, durationSeconds: 600 }], sendsPerAddress: [] });
    const counter = `${prefix}:user:600:u`;
    const clear = () => sends.clear({ user: 'u', address: 'a', repeats: ['r'], schedule: [60], isSignIn: true });
    for (const { end, endsIn } of [
      // No one signs in within the second in which the code was sent.
      { end: clear, endsIn: 601 },
      // The next period ends ten minutes later than the one that the test cuts short.
      { end: () => letPass(counter), endsIn: 1_200 },
    ]) {
      const late = await sends.count(subject, [0]);
      assert.ok('giveBack' in late);
      await end();
      assert.ok('giveBack' in (await sends.count(subject, [180])));
      await redis.expire(counter, endsIn);
      await late.giveBack();
      assert.equal(await redis.get(counter), '1');
      isAbout(await sends.delayMs(subject), 180);
      await clear();
      assert.equal(await sends.delayMs(subject), 0);
    }
  });

  it('sends in Redis wait a second if the schedule has half of one: Redis rounds up', async () => {
    const { sends, prefix } = countersOf();
    assert.ok('giveBack' in (await sends.count(subject, [0.5])));
    assert.notEqual(await redis.pTTL(`${prefix}:pause:r`), -1, 'the pause has an end');
  });

  it('count per /64, and ten times as often per /48', async () => {
    const { sends } = countersOf({ sendsPerIp: [{ points: 2, durationSeconds: 600 }] });
    let sent = 0;
    for (let index = 0; index < 33; index += 1) {
      const subnets = { subscriber: `s-${Math.floor(index / 3)}`, site: 'site' };
      const key = String(index);
      const counted = await sends.count({ user: key, address: key, repeat: key, isSignIn: false, subnets }, [0]);
      if (counted.type === 'counted') sent += 1;
    }
    assert.equal(sent, 20);
  });
});

describe('a scope in Redis', () => {
  const hashKey = Buffer.from('key');

  /** The limits of a strategy, as each process creates them. */
  const limitsOf = (name: string, limitScope: string | undefined) =>
    new Limits({
      ...{ name, limitScope, hashKey, createLimiter: create, isProduction: true, clock: Date.now },
      limits: resolveLimitNumbers({ wrongCodesPerLock: 3 }),
    });

  it('two strategies with one scope share the guesses of a user', async () => {
    const [one, other] = [limitsOf('one', 'shared-scope'), limitsOf('other', 'shared-scope')];
    for (const limits of [one, other, one]) assert.equal((await limits.countGuess('ann')).type, 'counted');
    for (const limits of [one, other]) assert.equal((await limits.countGuess('ann')).type, 'locked');
    await other.clearWrongCodes('ann');
    assert.equal(await one.lockedUntil('ann'), undefined);
    assert.deepEqual(await redis.keys('one:*'), []);
  });

  it('two scopes, and two names without a scope, count separately', async () => {
    const all = [limitsOf('one', 'scope-a'), limitsOf('one', 'scope-b'), limitsOf('name-a', undefined)];
    for (const limits of [...all, limitsOf('name-b', undefined)]) assert.equal(await limits.guessesLeft('ben'), 3);
    for (const limits of all) await limits.countGuess('ben');
    assert.deepEqual(await Promise.all(all.map((limits) => limits.guessesLeft('ben'))), [2, 2, 2]);
    assert.equal(await limitsOf('name-b', undefined).guessesLeft('ben'), 3);
    assert.equal(await limitsOf('name-a', undefined).guessesLeft('ben'), 2, 'the name is the scope in a store');
  });
});
