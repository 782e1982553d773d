import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { LimitOptions } from '../../../src/limits/limit-numbers.js';
import { type CreateLimiter, createMemoryLimiter, type LimiterOptions } from '../../../src/limits/limiter-store.js';
import { type CountedGuess, Lockout } from '../../../src/limits/lockout.js';
import { resolveLimitNumbers } from '../../../src/options/limit-options.js';

const START = 1_800_000_000_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const codes = (numbers: LimitOptions = {}, create: CreateLimiter = createMemoryLimiter) =>
  new Lockout(create, 'test', resolveLimitNumbers(numbers), () => Date.now());

const isCounted = (guess: CountedGuess | { type: 'locked'; lockedUntil: number }): guess is CountedGuess =>
  'left' in guess;

/** Counts wrong codes, all of which must be allowed. */
async function guess(wrongCodes: Lockout, times: number): Promise<number[]> {
  const left: number[] = [];
  for (let count = 0; count < times; count += 1) {
    const counted = await wrongCodes.count('ann');
    assert.ok(isCounted(counted), `guess ${count + 1} is not allowed`);
    left.push(counted.left);
  }
  return left;
}

async function counted(wrongCodes: Lockout): Promise<CountedGuess> {
  const result = await wrongCodes.count('ann');
  assert.ok(isCounted(result));
  return result;
}

/** A store in memory in which one call for the guesses in a row takes as long as over a slow network. */
const slow = (step: 'penalty' | 'set') => (options: LimiterOptions) => {
  const limiter = createMemoryLimiter(options);
  if (!options.keyPrefix.endsWith(':guess')) return limiter;
  const original = limiter[step].bind(limiter) as (...args: unknown[]) => Promise<never>;
  const late = async (...args: unknown[]) => {
    await setImmediate();
    return original(...args);
  };
  return Object.assign(limiter, { [step]: late });
};

describe('Lockout', () => {
  beforeEach(() => mock.timers.enable({ apis: ['Date'], now: START }));
  afterEach(() => mock.timers.reset());

  it('the lockout allows exactly ten wrong codes in a row, and returns how many are left', async () => {
    const wrongCodes = codes();
    assert.deepEqual(await guess(wrongCodes, 10), [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    assert.deepEqual(await wrongCodes.count('ann'), { type: 'locked', lockedUntil: START + 15 * MINUTE });
    assert.deepEqual(await wrongCodes.count('ann'), { type: 'locked', lockedUntil: START + 15 * MINUTE });
  });

  it('allows exactly ten of two hundred at once', async () => {
    const wrongCodes = codes();
    const results = await Promise.all(Array.from({ length: 200 }, () => wrongCodes.count('ann')));
    assert.equal(results.filter(isCounted).length, 10);
    const ends = results.flatMap((result) => ('lockedUntil' in result ? [result.lockedUntil] : []));
    assert.deepEqual([...new Set(ends)], [START + 15 * MINUTE]);
    mock.timers.tick(15 * MINUTE);
    assert.equal((await guess(wrongCodes, 1))[0], 9, 'two hundred lock as long as ten');
  });

  it('keeps a lock while guesses from before it are given back', async () => {
    const wrongCodes = codes();
    const before = [await counted(wrongCodes), await counted(wrongCodes), await counted(wrongCodes)];
    await guess(wrongCodes, 7);
    for (const { giveBack } of before) await giveBack();
    assert.equal(await wrongCodes.lockedUntil('ann'), START + 15 * MINUTE);
    assert.deepEqual(await wrongCodes.count('ann'), { type: 'locked', lockedUntil: START + 15 * MINUTE });
  });

  it('left counts down to 0, and stays there while the lock lasts', async () => {
    const wrongCodes = codes();
    assert.equal(await wrongCodes.left('ann'), 10);
    await guess(wrongCodes, 9);
    assert.equal(await wrongCodes.left('ann'), 1);
    await guess(wrongCodes, 1);
    await wrongCodes.count('ann');
    assert.equal(await wrongCodes.left('ann'), 0);
  });

  it('counts each user alone', async () => {
    const wrongCodes = codes();
    await guess(wrongCodes, 10);
    assert.ok(isCounted(await wrongCodes.count('ben')));
  });

  it('the lockout uses the configured numbers', async () => {
    const wrongCodes = codes({ wrongCodesPerLock: 3, lockSeconds: 60 });
    assert.deepEqual(await guess(wrongCodes, 3), [2, 1, 0]);
    assert.deepEqual(await wrongCodes.count('ann'), { type: 'locked', lockedUntil: START + MINUTE });
  });

  it('the tenth wrong code locks, before an eleventh is tried', async () => {
    const wrongCodes = codes();
    await guess(wrongCodes, 9);
    assert.equal(await wrongCodes.lockedUntil('ann'), undefined);
    await guess(wrongCodes, 1);
    assert.equal(await wrongCodes.lockedUntil('ann'), START + 15 * MINUTE);
  });

  it('attempts during a lockout do not extend it', async () => {
    const wrongCodes = codes();
    await guess(wrongCodes, 10);
    mock.timers.tick(14 * MINUTE);
    for (let tries = 0; tries < 50; tries += 1) {
      assert.deepEqual(await wrongCodes.count('ann'), { type: 'locked', lockedUntil: START + 15 * MINUTE });
    }
    mock.timers.tick(MINUTE);
    assert.deepEqual(await guess(wrongCodes, 1), [9]);
  });

  it('doubles each lock, up to a day, and after a hundred codes only clear helps', async () => {
    const wrongCodes = codes();
    const hours = [0.25, 0.5, 1, 2, 4, 8, 16, 24, 24];
    for (const length of hours) {
      await guess(wrongCodes, 10);
      const end = Date.now() + length * HOUR;
      assert.equal(await wrongCodes.lockedUntil('ann'), end);
      mock.timers.tick(length * HOUR - 1);
      assert.deepEqual(await wrongCodes.count('ann'), { type: 'locked', lockedUntil: end });
      mock.timers.tick(1);
    }
    await guess(wrongCodes, 10);
    assert.equal(await wrongCodes.lockedUntil('ann'), Number.POSITIVE_INFINITY);
    mock.timers.tick(10 * 365 * 24 * HOUR);
    assert.deepEqual(await wrongCodes.count('ann'), { type: 'locked', lockedUntil: Number.POSITIVE_INFINITY });
    await wrongCodes.clear('ann');
    assert.equal(await wrongCodes.lockedUntil('ann'), undefined);
    await guess(wrongCodes, 10);
    assert.equal(
      await wrongCodes.lockedUntil('ann'),
      Date.now() + 15 * MINUTE,
      'it starts with the first length again',
    );
  });

  it('does not forget wrong codes by itself', async () => {
    const wrongCodes = codes();
    await guess(wrongCodes, 9);
    mock.timers.tick(365 * 24 * HOUR);
    assert.deepEqual(await guess(wrongCodes, 1), [0]);
    assert.ok(await wrongCodes.lockedUntil('ann'));
  });

  it('forgets them at a right code', async () => {
    const wrongCodes = codes();
    await guess(wrongCodes, 9);
    await wrongCodes.clear('ann');
    assert.equal((await guess(wrongCodes, 10)).at(0), 9);
  });

  it('clears what was never counted', async () => {
    await codes().clear('nobody');
  });

  for (const seconds of [86_400, 2_592_000, 31_536_000]) {
    it(`keeps a lock of ${seconds / 86_400} days, as far as it may be set so`, async () => {
      let wrongCodes: Lockout;
      try {
        wrongCodes = codes({ lockSeconds: seconds, maxLockSeconds: seconds });
      } catch {
        return; // Refused at construction, so no lock can end too early.
      }
      await guess(wrongCodes, 10);
      // Node's timers cannot wait longer than 24.8 days, and fire at once for a longer delay.
      await setTimeout(5);
      assert.equal(await wrongCodes.lockedUntil('ann'), START + seconds * 1000);
      assert.ok(!isCounted(await wrongCodes.count('ann')));
    });
  }

  describe('a guess that Twilio did not check', () => {
    it('a guess that Twilio did not check is given back', async () => {
      const wrongCodes = codes();
      await guess(wrongCodes, 5);
      const { giveBack } = await counted(wrongCodes);
      await giveBack();
      assert.deepEqual(await guess(wrongCodes, 5), [4, 3, 2, 1, 0]);
    });

    it('a tenth guess that Twilio did not check is given back too: the lock ends, and does not count', async () => {
      const wrongCodes = codes();
      await guess(wrongCodes, 9);
      const { giveBack } = await counted(wrongCodes);
      assert.ok(await wrongCodes.lockedUntil('ann'));
      await giveBack();
      assert.equal(await wrongCodes.lockedUntil('ann'), undefined);
      assert.deepEqual(await guess(wrongCodes, 1), [0]);
      assert.equal(await wrongCodes.lockedUntil('ann'), START + 15 * MINUTE, 'the first length, not the second');
    });

    it('the lock has ended as soon as the tenth is given back, however slow the store is', async () => {
      const wrongCodes = codes({}, slow('set'));
      await guess(wrongCodes, 9);
      await (await counted(wrongCodes)).giveBack();
      assert.equal(await wrongCodes.left('ann'), 1);
    });

    it('leaves one guess if it was the tenth and others were refused during its lock', async () => {
      const wrongCodes = codes();
      await guess(wrongCodes, 9);
      const { giveBack } = await counted(wrongCodes);
      for (let refused = 0; refused < 3; refused += 1) assert.ok(!isCounted(await wrongCodes.count('ann')));
      await giveBack();
      assert.equal(await wrongCodes.left('ann'), 1);
      assert.deepEqual(await guess(wrongCodes, 1), [0]);
      assert.deepEqual(await wrongCodes.count('ann'), { type: 'locked', lockedUntil: START + 15 * MINUTE });
    });

    it('leaves the lock to the tenth, if it was another one', async () => {
      const wrongCodes = codes();
      const early = await counted(wrongCodes);
      await guess(wrongCodes, 9);
      await early.giveBack();
      assert.equal(await wrongCodes.lockedUntil('ann'), START + 15 * MINUTE);
      assert.ok(!isCounted(await wrongCodes.count('ann')));
    });

    it('leaves the lock even if many others are given back', async () => {
      const wrongCodes = codes();
      const early = await Promise.all(Array.from({ length: 9 }, () => counted(wrongCodes)));
      await guess(wrongCodes, 1);
      await Promise.all(early.map(({ giveBack }) => giveBack()));
      for (let tries = 0; tries < 20; tries += 1) {
        assert.deepEqual(await wrongCodes.count('ann'), { type: 'locked', lockedUntil: START + 15 * MINUTE });
      }
    });

    it('leaves nothing behind where all ten are given back, the last one first', async () => {
      const wrongCodes = codes();
      const guesses: CountedGuess[] = [];
      for (let count = 0; count < 10; count += 1) guesses.push(await counted(wrongCodes));
      for (const { giveBack } of guesses.toReversed()) await giveBack();
      assert.equal(await wrongCodes.lockedUntil('ann'), undefined);
      assert.deepEqual(await guess(wrongCodes, 1), [9]);
    });
  });

  describe('a guess that is given back late', () => {
    for (const { name, end } of [
      { name: 'a correct code', end: (wrongCodes: Lockout) => wrongCodes.clear('ann') },
      {
        name: 'a lockout',
        end: async (wrongCodes: Lockout) => {
          await guess(wrongCodes, 1);
          mock.timers.tick(15 * MINUTE);
        },
      },
    ]) {
      it(`gives nothing back to the row of guesses that begins after ${name}`, async () => {
        const wrongCodes = codes();
        const late: CountedGuess[] = [];
        for (let count = 0; count < 9; count += 1) late.push(await counted(wrongCodes));
        await end(wrongCodes);
        for (const { giveBack } of late.splice(0, 6)) await giveBack();
        assert.deepEqual(await guess(wrongCodes, 4), [9, 8, 7, 6]);
        for (const { giveBack } of late) await giveBack();
        assert.deepEqual(await guess(wrongCodes, 6), [5, 4, 3, 2, 1, 0]);
        assert.ok(!isCounted(await wrongCodes.count('ann')));
      });
    }

    it('takes back no lockout that a correct code has cleared', async () => {
      const wrongCodes = codes();
      await guess(wrongCodes, 9);
      const last = await counted(wrongCodes);
      await wrongCodes.clear('ann');
      await last.giveBack();
      assert.equal(await wrongCodes.left('ann'), 10);
      for (const length of [15, 30]) {
        await guess(wrongCodes, 10);
        assert.equal(await wrongCodes.lockedUntil('ann'), Date.now() + length * MINUTE);
        mock.timers.tick(length * MINUTE);
      }
    });

    it('takes back no later lockout', async () => {
      const wrongCodes = codes();
      await guess(wrongCodes, 9);
      const last = await counted(wrongCodes);
      mock.timers.tick(15 * MINUTE);
      await guess(wrongCodes, 10);
      const end = Date.now() + 30 * MINUTE;
      await last.giveBack();
      assert.deepEqual(await wrongCodes.count('ann'), { type: 'locked', lockedUntil: end });
    });

    it('takes back the count of a lockout that has ended, and no guess of the row after it', async () => {
      const wrongCodes = codes();
      await guess(wrongCodes, 9);
      const last = await counted(wrongCodes);
      mock.timers.tick(15 * MINUTE);
      await guess(wrongCodes, 4);
      await last.giveBack();
      assert.deepEqual(await guess(wrongCodes, 6), [5, 4, 3, 2, 1, 0]);
      assert.equal(await wrongCodes.lockedUntil('ann'), Date.now() + 15 * MINUTE);
    });

    it('leaves no counter below zero, even where the store has lost its keys', async () => {
      const wrongCodes = codes({}, (options) => {
        const limiter = createMemoryLimiter(options);
        lost.push(() => limiter.delete('ann'));
        return limiter;
      });
      const lost: (() => Promise<boolean>)[] = [];
      const { giveBack } = await counted(wrongCodes);
      for (const lose of lost) await lose();
      await giveBack();
      assert.deepEqual(await guess(wrongCodes, 1), [9]);
    });

    it('leaves no counter below zero where the clear comes between two looks at it', async () => {
      const steps: ((name: string) => Promise<void>)[] = [];
      const wrongCodes = codes({}, async (options) => {
        const limiter = slow('penalty')(options);
        const reward = limiter.reward.bind(limiter);
        return Object.assign(limiter, {
          reward: async (key: string) => {
            for (const step of steps.splice(0)) await step(key);
            return reward(key);
          },
        });
      });
      const late = await counted(wrongCodes);
      steps.push(async () => {
        await wrongCodes.clear('ann');
        assert.deepEqual(await guess(wrongCodes, 3), [9, 8, 7]);
      });
      await late.giveBack();
      assert.deepEqual(await guess(wrongCodes, 1), [6]);
    });
  });

  it('an undone lockout leaves what is left of its row, with guesses refused and given back during it', async () => {
    for (const { refused, back } of [
      { refused: 0, back: 3 },
      { refused: 3, back: 0 },
      { refused: 3, back: 3 },
      { refused: 20, back: 9 },
    ]) {
      const wrongCodes = codes();
      const early: CountedGuess[] = [];
      for (let count = 0; count < 9; count += 1) early.push(await counted(wrongCodes));
      const last = await counted(wrongCodes);
      for (let count = 0; count < refused; count += 1) assert.ok(!isCounted(await wrongCodes.count('ann')));
      for (const { giveBack } of early.splice(0, back)) await giveBack();
      await last.giveBack();
      assert.equal(await wrongCodes.left('ann'), 1 + back, `${refused} refused, ${back} given back`);
      for (const { giveBack } of early) await giveBack();
      assert.equal(await wrongCodes.left('ann'), 10, 'the rest, given back after it');
    }
  });

  it('guesses given back during a lockout count once, even if several lockouts are undone', async () => {
    const wrongCodes = codes();
    const early: CountedGuess[] = [];
    for (let count = 0; count < 9; count += 1) early.push(await counted(wrongCodes));
    const last = await counted(wrongCodes);
    await early[2]?.giveBack();
    await last.giveBack();
    assert.equal(await wrongCodes.left('ann'), 2, 'eight were wrong');
    assert.deepEqual(await guess(wrongCodes, 1), [1]);
    await (await counted(wrongCodes)).giveBack();
    assert.equal(await wrongCodes.left('ann'), 1, 'nine were wrong');
    assert.deepEqual(await guess(wrongCodes, 1), [0]);
    assert.ok(!isCounted(await wrongCodes.count('ann')));
  });

  it('no more guesses are allowed in all than wrongCodesInAll', async () => {
    for (const wrongCodesPerLock of [7, 30, 100]) {
      const wrongCodes = codes({ wrongCodesPerLock });
      let allowed = 0;
      for (let lock = 0; lock < 20; lock += 1) {
        while (isCounted(await wrongCodes.count('ann'))) allowed += 1;
        mock.timers.tick(24 * HOUR);
      }
      assert.ok(allowed <= 100 && allowed > 100 - wrongCodesPerLock, `${allowed} with ${wrongCodesPerLock} per lock`);
    }
  });

  it('a lockout after more guesses than are allowed in all is a TypeError', () => {
    assert.throws(() => resolveLimitNumbers({ wrongCodesPerLock: 101 }), {
      name: 'TypeError',
      message: /"limits\.wrongCodesPerLock" is 101, and "limits\.wrongCodesInAll" is 100\. Set/,
    });
  });

  describe('a process that ended between the tenth wrong code and its lock', () => {
    for (const step of ['penalty', 'block'] as const) {
      it(`the next wrong code locks if the process ended at "${step}"`, async () => {
        let isDead = false;
        const create: CreateLimiter = async (options) => {
          const limiter = await createMemoryLimiter(options);
          const original = limiter[step].bind(limiter) as (...args: unknown[]) => Promise<never>;
          const once = async (...args: unknown[]) => {
            if (isDead) return original(...args);
            isDead = true;
            throw new Error('the process was ended');
          };
          return Object.assign(limiter, { [step]: once });
        };
        const wrongCodes = codes({}, create);
        await guess(wrongCodes, 9);
        await assert.rejects(wrongCodes.count('ann'), { code: 'ERR_TWILIO_VERIFY_LIMITER' });
        assert.deepEqual(await wrongCodes.count('ann'), { type: 'locked', lockedUntil: START + 15 * MINUTE });
        assert.equal(await wrongCodes.lockedUntil('ann'), START + 15 * MINUTE);
        mock.timers.tick(15 * MINUTE);
        assert.deepEqual(await guess(wrongCodes, 1), [9]);
      });
    }
  });

  it('the lockout allows nothing if its store is unreachable', async () => {
    const wrongCodes = codes({}, () => Promise.reject(new Error('away')));
    for (const ask of [wrongCodes.count('ann'), wrongCodes.lockedUntil('ann'), wrongCodes.clear('ann')]) {
      await assert.rejects(ask, { code: 'ERR_TWILIO_VERIFY_LIMITER' });
    }
  });
});
