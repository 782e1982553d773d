import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { startTestApp } from '../../support/test-app.js';

describe('the pages while the limiter store is down', () => {
  it('the pages report the outage, verify no one, lose nothing, and continue when the store is back', async () => {
    let isAway = false;
    const app = await startTestApp({
      twoFactor: {
        createLimiter: (options) =>
          new Proxy(new RateLimiterMemory(options), {
            get: (limiter, name) => {
              const member: unknown = Reflect.get(limiter, name);
              if (typeof member !== 'function') return member;
              return isAway ? () => Promise.reject(new Error('store away')) : member.bind(limiter);
            },
          }),
      },
    });
    const browser = await app.signedIn('ann');
    await browser.post('/2fa', { method: 'sms' });
    const code = await app.emulator.codeFor('+12025550123');

    isAway = true;
    for (const path of ['/2fa/verify', '/2fa/resend', '/2fa']) {
      const answer = await browser.post(path, { code, method: 'call' });
      assert.deepEqual([answer.status, answer.location], [303, '/2fa/failed'], path);
    }
    const failed = await browser.get('/2fa/failed');
    assert.equal(failed.status, 200);
    assert.match(failed.text, /can’t send or check codes right now/);
    assert.notEqual((await browser.get('/account')).status, 200);

    isAway = false;
    assert.equal((await browser.post('/2fa/verify', { code })).status, 303);
    assert.equal((await browser.get('/account')).status, 200);
  });
});
