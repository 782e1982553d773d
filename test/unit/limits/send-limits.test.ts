import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { LimitOptions } from '../../../src/limits/limit-numbers.js';
import { type CreateLimiter, createMemoryLimiter } from '../../../src/limits/limiter-store.js';
import { type CountedSend, type HeldSend, SendLimits, type SendSubject } from '../../../src/limits/send-limits.js';
import { resolveLimitNumbers } from '../../../src/options/limit-options.js';

const START = 1_800_000_000_000;
const NO_PAUSE = [0];
const MINUTE = 60_000;

const limits = (numbers: LimitOptions = {}, create: CreateLimiter = createMemoryLimiter) =>
  new SendLimits(create, 'test', resolveLimitNumbers(numbers));

let others = 0;

/** A send that shares only the given fields with other sends. */
function subject(details: Partial<SendSubject> = {}): SendSubject {
  others += 1;
  return {
    user: `user-${others}`,
    address: `address-${others}`,
    repeat: `repeat-${others}`,
    isSignIn: true,
    subnets: undefined,
    ...details,
  };
}

type Result = CountedSend | HeldSend;

const isHeld = (result: Result): result is HeldSend => result.type === 'held';

async function counted(result: Promise<Result>): Promise<CountedSend> {
  const send = await result;
  assert.ok(send.type === 'counted', `held by ${isHeld(send) ? send.heldBy : ''}`);
  return send;
}

/** How many sends are allowed until one is held. */
async function allowed(sends: SendLimits, next: () => SendSubject, most = 40): Promise<number> {
  for (let count = 0; count < most; count += 1) if (isHeld(await sends.count(next(), NO_PAUSE))) return count;
  return most;
}

describe('SendLimits', () => {
  beforeEach(() => mock.timers.enable({ apis: ['Date'], now: START }));
  afterEach(() => mock.timers.reset());

  it('five sends in ten minutes are allowed per user, to any recipients', async () => {
    const sends = limits();
    assert.equal(await allowed(sends, () => subject({ user: 'ann' })), 5);
    mock.timers.tick(4 * MINUTE);
    assert.deepEqual(await sends.count(subject({ user: 'ann' }), NO_PAUSE), {
      type: 'held',
      heldBy: 'limit',
      retryAfterMs: 6 * MINUTE,
    });
    mock.timers.tick(6 * MINUTE);
    assert.equal(await allowed(sends, () => subject({ user: 'ann' })), 5);
  });

  it('five sends in ten minutes are allowed per recipient, by any users', async () => {
    const sends = limits();
    assert.equal(await allowed(sends, () => subject({ address: 'a' })), 5);
    assert.equal(await allowed(sends, () => subject({ address: 'b' })), 5);
  });

  it('allows twenty sends a day per user', async () => {
    const sends = limits();
    for (let round = 0; round < 4; round += 1) {
      assert.equal(await allowed(sends, () => subject({ user: 'ann' })), 5);
      mock.timers.tick(10 * MINUTE);
    }
    assert.equal(await allowed(sends, () => subject({ user: 'ann' })), 0);
    const held = await sends.count(subject({ user: 'ann' }), NO_PAUSE);
    assert.ok(isHeld(held) && held.heldBy === 'limit');
    assert.equal(held.retryAfterMs, 24 * 60 * MINUTE - 40 * MINUTE, 'the longest of all waits');
  });

  it('allows exactly five of a hundred at once', async () => {
    const sends = limits();
    const results = await Promise.all(
      Array.from({ length: 100 }, () => sends.count(subject({ user: 'ann' }), NO_PAUSE)),
    );
    assert.equal(results.filter((result) => !isHeld(result)).length, 5);
  });

  it('sign-ins and registrations to one recipient count separately: no user locks another’s number', async () => {
    const sends = limits();
    assert.equal(await allowed(sends, () => subject({ address: 'a', isSignIn: false })), 5);
    assert.equal(await allowed(sends, () => subject({ address: 'a', isSignIn: true })), 5);
  });

  it('thirty registrations an hour are allowed per subscriber, and no sign-in counts there', async () => {
    const sends = limits();
    const next = (subscriber: string) => () => subject({ isSignIn: false, subnets: { subscriber } });
    assert.equal(await allowed(sends, next('a')), 30);
    assert.equal(await allowed(sends, next('b')), 30);
    assert.equal(await allowed(sends, () => subject()), 40);
    mock.timers.tick(60 * MINUTE);
    assert.equal(await allowed(sends, next('a')), 30);
  });

  it('a site is allowed ten times as many registrations as each of its subscribers', async () => {
    const sends = limits({ sendsPerIp: [{ points: 2, durationSeconds: 60 }] });
    const next = (subscriber: string, site: string) => () =>
      subject({ isSignIn: false, subnets: { subscriber, site } });
    for (let index = 0; index < 10; index += 1) assert.equal(await allowed(sends, next(`s-${index}`, 'site')), 2);
    assert.equal(await allowed(sends, next('s-10', 'site')), 0);
    assert.equal(await allowed(sends, next('s-11', 'another site')), 2);
    mock.timers.tick(MINUTE);
    assert.equal(await allowed(sends, next('s-10', 'site')), 2);
  });

  it('the send limits use the configured numbers', async () => {
    const sends = limits({ sendsPerUser: [{ points: 2, durationSeconds: 60 }], sendsPerAddress: [] });
    assert.equal(await allowed(sends, () => subject({ user: 'ann', address: 'a' })), 2);
    mock.timers.tick(MINUTE);
    assert.equal(await allowed(sends, () => subject({ user: 'ann', address: 'a' })), 2);
  });

  describe('the pause between two sends', () => {
    const same = { user: 'ann', address: 'a', repeat: 'r' };

    it('holds the same code, and no other', async () => {
      const sends = limits();
      await counted(sends.count(subject(same), [180]));
      assert.equal(await sends.delayMs(subject(same)), 180_000);
      mock.timers.tick(60_000);
      assert.deepEqual(await sends.count(subject(same), [180]), {
        type: 'held',
        heldBy: 'delay',
        retryAfterMs: 120_000,
      });
      await counted(sends.count(subject({ ...same, repeat: 'by another method' }), [180]));
      mock.timers.tick(120_000);
      assert.equal(await sends.delayMs(subject(same)), 0);
      await counted(sends.count(subject(same), [180]));
    });

    it('the delay grows by the schedule, and the last entry repeats', async () => {
      const sends = limits({ sendsPerUser: [], sendsPerAddress: [] });
      for (const seconds of [30, 40, 60, 60, 60]) {
        await counted(sends.count(subject(same), [30, 40, 60]));
        assert.equal(await sends.delayMs(subject(same)), seconds * 1000);
        mock.timers.tick(seconds * 1000 - 1);
        assert.ok(isHeld(await sends.count(subject(same), [30, 40, 60])));
        mock.timers.tick(1);
      }
    });

    it('a schedule starts again ten minutes after its first send', async () => {
      for (const { afterMs, delayMs } of [
        { afterMs: 10 * MINUTE - 1, delayMs: 90_000 },
        { afterMs: 10 * MINUTE, delayMs: 30_000 },
      ]) {
        // The memory store deletes expired keys with a timer.
        mock.timers.reset();
        mock.timers.enable({ apis: ['Date', 'setTimeout'], now: START });
        const sends = limits();
        await counted(sends.count(subject(same), [30, 90]));
        mock.timers.tick(afterMs);
        await counted(sends.count(subject(same), [30, 90]));
        assert.equal(await sends.delayMs(subject(same)), delayMs, `after ${afterMs} ms`);
      }
    });

    it('a send that is refused because of the delay counts nothing', async () => {
      const sends = limits();
      await counted(sends.count(subject(same), [180]));
      for (let tries = 0; tries < 20; tries += 1) assert.ok(isHeld(await sends.count(subject(same), [180])));
      mock.timers.tick(180_000);
      for (let count = 0; count < 4; count += 1) await counted(sends.count(subject(same), NO_PAUSE));
      assert.ok(isHeld(await sends.count(subject(same), NO_PAUSE)), 'the sixth');
    });

    it('the reported reason is the limit, not the delay, if the limit lasts longer', async () => {
      const sends = limits();
      for (let count = 0; count < 5; count += 1)
        await counted(sends.count(subject({ ...same, repeat: 'x' }), NO_PAUSE));
      const held = await sends.count(subject(same), [180]);
      assert.deepEqual(held, { type: 'held', heldBy: 'limit', retryAfterMs: 10 * MINUTE });
      assert.equal(await sends.delayMs(subject(same)), 0, 'and nothing was sent, so there is no pause');
    });

    it('a schedule of 0 seconds causes no delay', async () => {
      const sends = limits();
      await counted(sends.count(subject(same), NO_PAUSE));
      assert.equal(await sends.delayMs(subject(same)), 0);
    });
  });

  it('a send that could not be counted causes no delay', async () => {
    const failing: { prefix: string } = { prefix: 'test:user' };
    const sends = limits({}, (options) => {
      const limiter = createMemoryLimiter(options);
      const consume = limiter.consume.bind(limiter);
      limiter.consume = (...args) =>
        options.keyPrefix.startsWith(failing.prefix) ? Promise.reject(new Error('down')) : consume(...args);
      return limiter;
    });
    const same = { user: 'ann', address: 'a', repeat: 'r' };
    await assert.rejects(sends.count(subject(same), [180]), { code: 'ERR_TWILIO_VERIFY_LIMITER' });
    // The delay ends after the answer.
    await setImmediate();
    assert.equal(await sends.delayMs(subject(same)), 0);
    failing.prefix = 'nothing';
    await counted(sends.count(subject(same), [180]));
  });

  describe('a send that did not happen', () => {
    const same = { user: 'ann', address: 'a', repeat: 'r' };

    it('a send that did not reach Twilio is given back in every limit, and without a delay', async () => {
      const sends = limits();
      for (let tries = 0; tries < 20; tries += 1) {
        const { giveBack } = await counted(sends.count(subject(same), [180]));
        await giveBack();
      }
      assert.equal(await sends.delayMs(subject(same)), 0);
      assert.equal(await allowed(sends, () => subject(same)), 5);
    });

    it('ends the pause only where Twilio refused it: it counts', async () => {
      const sends = limits();
      const { endDelay } = await counted(sends.count(subject(same), [180]));
      await endDelay();
      assert.equal(await sends.delayMs(subject(same)), 0);
      assert.equal(await allowed(sends, () => subject(same)), 4);
    });
  });

  describe('a correct code', () => {
    const ann = { user: 'ann', address: 'a', repeat: 'ann-sms' };
    const repeats = ['ann-sms', 'ann-call'];
    const clear = (sends: SendLimits, { isSignIn = true, schedule = [180] } = {}) =>
      sends.clear({ user: 'ann', address: 'a', repeats, schedule, isSignIn });

    it('clears the counts of an hour or less, so every sign-in in ten minutes gets its code', async () => {
      const sends = limits();
      for (let count = 0; count < 20; count += 1) {
        await counted(sends.count(subject(ann), [180]));
        await clear(sends);
      }
    });

    it('clears a count of an hour, and not one of a second more', async () => {
      for (const { durationSeconds, left } of [
        { durationSeconds: 3_600, left: 2 },
        { durationSeconds: 3_601, left: 0 },
      ]) {
        const rates = [{ points: 2, durationSeconds }];
        for (const numbers of [
          { sendsPerUser: rates, sendsPerAddress: [] },
          { sendsPerUser: [], sendsPerAddress: rates },
        ]) {
          const sends = limits(numbers);
          assert.equal(await allowed(sends, () => subject(ann)), 2);
          await clear(sends);
          assert.equal(await allowed(sends, () => subject(ann)), left, JSON.stringify(numbers));
        }
      }
    });

    it('keeps the counts of a day: twenty sign-ins, each with one code', async () => {
      const sends = limits();
      for (let count = 0; count < 20; count += 1) {
        await counted(sends.count(subject(ann), NO_PAUSE));
        await clear(sends);
        mock.timers.tick(15 * MINUTE);
      }
      const held = await sends.count(subject(ann), NO_PAUSE);
      assert.ok(isHeld(held) && held.heldBy === 'limit');
    });

    it('ends the resend delays of all methods, and no delay of another user', async () => {
      const sends = limits();
      await counted(sends.count(subject(ann), [180]));
      await counted(sends.count(subject({ ...ann, repeat: 'ann-call' }), [180]));
      await counted(sends.count(subject({ ...ann, user: 'eve', repeat: 'eve-sms' }), [180]));
      await clear(sends);
      for (const repeat of repeats) assert.equal(await sends.delayMs({ repeat }), 0);
      assert.equal(await sends.delayMs({ repeat: 'eve-sms' }), 180_000);
    });

    it('restarts a schedule that grows', async () => {
      const sends = limits();
      for (const seconds of [30, 90]) {
        await counted(sends.count(subject(ann), [30, 90]));
        assert.equal(await sends.delayMs(subject(ann)), seconds * 1000);
        mock.timers.tick(seconds * 1000);
      }
      await clear(sends, { schedule: [30, 90] });
      await counted(sends.count(subject(ann), [30, 90]));
      assert.equal(await sends.delayMs(subject(ann)), 30_000);
    });

    it('keeps the count of another user who shares the address', async () => {
      const sends = limits({ sendsPerAddress: [] });
      assert.equal(await allowed(sends, () => subject({ ...ann, user: 'eve' })), 5);
      await clear(sends);
      assert.equal(await allowed(sends, () => subject({ ...ann, user: 'eve' })), 0);
    });

    for (const isSignIn of [true, false]) {
      it(`keeps the count of registrations per address after a ${isSignIn ? 'sign-in' : 'registration'}`, async () => {
        const sends = limits();
        assert.equal(await allowed(sends, () => subject({ address: 'a', isSignIn: false })), 5);
        await clear(sends, { isSignIn });
        assert.equal(await allowed(sends, () => subject({ address: 'a', isSignIn: false })), 0);
      });
    }

    it('keeps the count of sign-ins per address after a registration', async () => {
      const sends = limits();
      assert.equal(await allowed(sends, () => subject({ address: 'a' })), 5);
      await clear(sends, { isSignIn: false });
      assert.equal(await allowed(sends, () => subject({ address: 'a' })), 0);
    });
  });

  describe('a send that is given back late', () => {
    const ann = { user: 'ann', address: 'a', repeat: 'ann-sms' };
    const clear = (sends: SendLimits) => {
      // A code doesn't arrive, and isn't typed, within the same hundredth of a second.
      mock.timers.tick(10);
      return sends.clear({ user: 'ann', address: 'a', repeats: ['ann-sms'], schedule: [60], isSignIn: true });
    };

    it('gives nothing back to counters that a correct code has cleared', async () => {
      const sends = limits();
      const late = [];
      for (let count = 0; count < 5; count += 1) late.push(await counted(sends.count(subject(ann), NO_PAUSE)));
      await clear(sends);
      for (const { giveBack } of late) await giveBack();
      assert.equal(await allowed(sends, () => subject(ann)), 5);
    });

    it('gives nothing back to counters that were cleared and are in use again', async () => {
      const sends = limits();
      const late = await Promise.all([1, 2, 3].map(() => counted(sends.count(subject(ann), NO_PAUSE))));
      await clear(sends);
      assert.equal(await allowed(sends, () => subject(ann)), 5);
      await Promise.all(late.map(({ giveBack }) => giveBack()));
      assert.equal(await allowed(sends, () => subject(ann)), 0);
    });

    it('gives nothing back to an address that another user with it has cleared', async () => {
      const sends = limits();
      const late = await counted(sends.count(subject({ ...ann, user: 'eve' }), NO_PAUSE));
      await clear(sends);
      assert.equal(await allowed(sends, () => subject(ann)), 5);
      await late.giveBack();
      assert.equal(await allowed(sends, () => subject({ address: 'a' })), 0);
    });

    it('a late send is given back to the counters of a day that a correct code keeps', async () => {
      const day = [{ points: 3, durationSeconds: 86_400 }];
      const sends = limits({ sendsPerUser: day, sendsPerAddress: day });
      const late = await counted(sends.count(subject(ann), NO_PAUSE));
      await clear(sends);
      await late.giveBack();
      assert.equal(await allowed(sends, () => subject(ann)), 3);
    });

    it('gives nothing back to counters that have expired, used again or not', async () => {
      for (const used of [0, 5]) {
        const sends = limits({ sendsPerUser: [{ points: 5, durationSeconds: 600 }], sendsPerAddress: [] });
        const late = await Promise.all([1, 2, 3].map(() => counted(sends.count(subject(ann), NO_PAUSE))));
        mock.timers.tick(10 * MINUTE);
        for (let count = 0; count < used; count += 1) await counted(sends.count(subject(ann), NO_PAUSE));
        await Promise.all(late.map(({ giveBack }) => giveBack()));
        assert.equal(await allowed(sends, () => subject(ann)), 5 - used);
      }
    });

    for (const end of ['giveBack', 'endDelay'] as const) {
      it(`${end} keeps the delay of a later send`, async () => {
        const sends = limits();
        const late = await counted(sends.count(subject(ann), [60]));
        mock.timers.tick(MINUTE);
        await counted(sends.count(subject(ann), [60]));
        await late[end]();
        assert.equal(await sends.delayMs(subject(ann)), MINUTE);

        const later = await counted(sends.count(subject({ ...ann, repeat: 'ann-call' }), [60]));
        mock.timers.tick(10);
        await sends.clear({ user: 'ann', address: 'a', repeats: ['ann-call'], schedule: [60], isSignIn: true });
        await counted(sends.count(subject({ ...ann, repeat: 'ann-call' }), [60]));
        await later[end]();
        assert.equal(await sends.delayMs({ repeat: 'ann-call' }), MINUTE);
      });
    }

    it('counts no refused send in the limit that refused it', async () => {
      const sends = limits();
      const sent = [];
      for (let count = 0; count < 5; count += 1) sent.push(await counted(sends.count(subject(ann), NO_PAUSE)));
      for (let refused = 0; refused < 3; refused += 1) assert.ok(isHeld(await sends.count(subject(ann), NO_PAUSE)));
      await sent[0]?.giveBack();
      assert.equal(await allowed(sends, () => subject(ann)), 1);
    });
  });

  it('the send limits allow nothing if their store is unreachable', async () => {
    const sends = limits({}, () => Promise.reject(new Error('away')));
    await assert.rejects(sends.count(subject(), NO_PAUSE), { code: 'ERR_TWILIO_VERIFY_LIMITER' });
    await assert.rejects(sends.delayMs(subject()), { code: 'ERR_TWILIO_VERIFY_LIMITER' });
  });
});
