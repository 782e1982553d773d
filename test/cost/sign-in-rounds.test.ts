import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createMemoryLimiter, type Limiter } from '../../src/limits/limiter-store.js';
import type { Client } from '../support/client.js';
import { lastCode } from '../support/steps.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

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

describe('the rounds of a sign-in to the store of the limits', () => {
  const limiterRounds = new Rounds();
  let app: TestApp;
  let browser: Client;

  before(async () => {
    app = await startTestApp({
      twoFactor: { createLimiter: async (options) => limiterRounds.watch(createMemoryLimiter(options)) },
    });
    browser = await app.signedIn('ann');
    limiterRounds.take();
  });

  for (const { name, request, expected } of [
    { name: 'the start page', request: () => browser.get('/2fa'), expected: { rounds: 0, calls: 0 } },
    {
      name: 'a code that is sent',
      request: () => browser.post('/2fa', { method: 'sms' }),
      expected: { rounds: 2, calls: 6 },
    },
    { name: 'the code page', request: () => browser.get('/2fa/verify'), expected: { rounds: 1, calls: 2 } },
    {
      name: 'a correct code',
      request: () => browser.post('/2fa/verify', { code: lastCode(app) }),
      expected: { rounds: 5, calls: 12 },
    },
  ]) {
    it(`${name}: ${expected.rounds} rounds, ${expected.calls} calls`, async () => {
      await request();
      assert.deepEqual(limiterRounds.take(), expected);
    });
  }
});
