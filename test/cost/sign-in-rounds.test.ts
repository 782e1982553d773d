import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createMemoryLimiter, type Limiter } from '../../src/limits/limiter-store.js';
import { lastCode } from '../support/steps.js';
import { startTestApp } from '../support/test-app.js';

/** Counts the rounds of calls to a store. A call is one round later than the last one that ended before it. */
class Rounds {
  private calls = 0;
  private over = 0;

  watch(limiter: Limiter): Limiter {
    return new Proxy(limiter, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => this.call(() => member.apply(target, args));
      },
    });
  }

  private async call<T>(run: () => Promise<T>): Promise<T> {
    const round = this.over + 1;
    this.calls += 1;
    // As over a network, no call ends before the others of its round have begun.
    await setImmediate();
    const result = await run();
    this.over = Math.max(this.over, round);
    return result;
  }

  /** Returns the counts since the last time. */
  take(): { readonly rounds: number; readonly calls: number } {
    const { over: rounds, calls } = this;
    this.over = 0;
    this.calls = 0;
    return { rounds, calls };
  }
}

describe('a sign-in', () => {
  it('waits for the store of the limits nine times', async () => {
    const limiterRounds = new Rounds();
    const app = await startTestApp({
      twoFactor: { createLimiter: async (options) => limiterRounds.watch(createMemoryLimiter(options)) },
    });
    const browser = await app.signedIn('ann');
    limiterRounds.take();
    await browser.get('/2fa');
    assert.deepEqual(limiterRounds.take(), { rounds: 0, calls: 0 }, 'the start page');
    await browser.post('/2fa', { method: 'sms' });
    assert.deepEqual(limiterRounds.take(), { rounds: 3, calls: 6 }, 'a code that is sent');
    await browser.get('/2fa/verify');
    assert.deepEqual(limiterRounds.take(), { rounds: 1, calls: 2 }, 'the code page');
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.deepEqual(limiterRounds.take(), { rounds: 5, calls: 12 }, 'a correct code');
  });
});
