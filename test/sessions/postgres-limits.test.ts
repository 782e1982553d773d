import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Pool } from 'pg';
import { Lockout } from '../../src/limits/lockout.js';
import { SendLimits, type SendSubject } from '../../src/limits/send-limits.js';
import { resolveLimitNumbers } from '../../src/options/limit-options.js';
import { openPool } from './support/pool.js';
import { limitsInPostgres } from './support/postgres-limiter.js';
import { type PostgresServer, startPostgres } from './support/postgres-server.js';

const NOW = 1_800_000_000_000;

let server: PostgresServer;
/** Two processes have a pool each. */
let pools: readonly [Pool, Pool];
before(async () => {
  server = await startPostgres();
  pools = [openPool(server.url), openPool(server.url)];
});
after(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await server.stop();
});

let made = 0;
beforeEach(() => {
  made += 1;
});

describe('wrong codes counted in Postgres', () => {
  /** The counters of two processes. */
  function counters() {
    const numbers = resolveLimitNumbers({ wrongCodesPerLock: 3, wrongCodesInAll: 9 });
    const of = (pool: Pool) => new Lockout(limitsInPostgres(pool), `wrong-${made}`, numbers, Date.now);
    return [of(pools[0]), of(pools[1])] as const;
  }

  it('lock everywhere at the last one, twice as long each time, and then for good', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: NOW });
    const [one, other] = counters();
    for (const seconds of [900, 1_800]) {
      for (const [codes, left] of [
        [one, 2],
        [other, 1],
        [one, 0],
      ] as const) {
        const counted = await codes.count('user');
        assert.equal('left' in counted && counted.left, left);
      }
      for (const codes of [one, other]) {
        assert.deepEqual(await codes.count('user'), { type: 'locked', lockedUntil: Date.now() + seconds * 1_000 });
      }
      t.mock.timers.tick(seconds * 1_000);
      assert.equal(await other.lockedUntil('user'), undefined);
    }
    for (const codes of [one, other, one]) assert.ok('left' in (await codes.count('user')));
    assert.equal(await other.lockedUntil('user'), Number.POSITIVE_INFINITY);
    await other.clear('user');
    assert.equal(await one.lockedUntil('user'), undefined);
  });

  it('wrong codes in Postgres are given back, the last one with its lock', async () => {
    const [one, other] = counters();
    await one.count('user');
    await other.count('user');
    const last = await one.count('user');
    assert.ok('giveBack' in last);
    assert.notEqual(await other.lockedUntil('user'), undefined);
    await last.giveBack();
    assert.equal(await other.lockedUntil('user'), undefined);
    const again = await other.count('user');
    assert.equal('left' in again && again.left, 0);
  });

  it('given back after a correct code or a lockout leave the next row of guesses as it is', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: NOW });
    const [one, other] = counters();
    for (const end of [
      () => other.clear('user'),
      async () => {
        await other.count('user');
        t.mock.timers.tick(900_000);
      },
    ]) {
      const late = [await one.count('user'), await one.count('user')];
      await end();
      await other.count('user');
      for (const guess of late) if ('giveBack' in guess) await guess.giveBack();
      assert.equal(await one.left('user'), 2);
      await other.clear('user');
    }
  });

  it('allow exactly as many as the limit says, however many come at once, while the table is being made', async () => {
    await pools[0].query('drop table if exists two_factor_limits');
    const both = counters();
    const counted = await Promise.all(Array.from({ length: 30 }, (_, index) => both[index % 2 ? 1 : 0].count('user')));
    assert.equal(counted.filter((guess) => 'left' in guess).length, 3);
  });
});

describe('sends counted in Postgres', () => {
  const subject: SendSubject = { user: 'u', address: 'a', repeat: 'r', isSignIn: true, subnets: undefined };

  it('sends in Postgres follow the schedule, and too many are refused, in every process', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: NOW });
    const of = (pool: Pool) => new SendLimits(limitsInPostgres(pool), `send-${made}`, resolveLimitNumbers({}));
    const [one, other] = [of(pools[0]), of(pools[1])];
    assert.ok('giveBack' in (await one.count(subject, [90, 120])));
    assert.deepEqual(await other.count(subject, [90, 120]), { type: 'held', heldBy: 'delay', retryAfterMs: 90_000 });
    t.mock.timers.tick(90_000);
    assert.ok('giveBack' in (await other.count(subject, [90, 120])));
    assert.equal(await one.delayMs(subject), 120_000);
    for (const repeat of ['a', 'b', 'c']) assert.ok('giveBack' in (await one.count({ ...subject, repeat }, [90])));
    assert.deepEqual(await other.count({ ...subject, repeat: 'd' }, [90]), {
      type: 'held',
      heldBy: 'limit',
      retryAfterMs: 510_000,
    });
  });

  it('given back after a correct code, or after their period, leave the next ones as they are', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: NOW });
    const numbers = resolveLimitNumbers({ sendsPerUser: [{ points: 1, durationSeconds: 600 }], sendsPerAddress: [] });
    const [one, other] = pools.map((pool) => new SendLimits(limitsInPostgres(pool), `late-${made}`, numbers));
    assert.ok(one && other);
    const clear = () => other.clear({ user: 'u', address: 'a', repeats: ['r'], schedule: [90], isSignIn: true });
    for (const end of [
      () => {
        t.mock.timers.tick(1_000);
        return clear();
      },
      async () => t.mock.timers.tick(600_000),
    ]) {
      const late = await one.count(subject, [90]);
      assert.ok('giveBack' in late);
      await end();
      assert.ok('giveBack' in (await other.count(subject, [90])));
      await late.giveBack();
      assert.equal(await other.delayMs(subject), 90_000);
      assert.equal((await other.count({ ...subject, repeat: 's' }, [90])).type, 'held');
      await clear();
    }
  });
});
