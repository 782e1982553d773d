import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import type { CreateLimiter, LimiterOptions } from 'passport-twilio-verify';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { assertRefuses, assertSays } from '../../support/page.js';
import { withCode, wrongCode } from '../../support/steps.js';
import { startTestApp, type TestOptions } from '../../support/test-app.js';

before(() => mock.timers.enable({ apis: ['Date'], now: Date.now() }));
after(() => mock.timers.reset());

const start = (twoFactor: TestOptions) => startTestApp({ twoFactor });

describe('option "limits"', () => {
  it('limits sets the number of wrong codes before a lockout, and its duration', async () => {
    const app = await start({ limits: { wrongCodesPerLock: 2, lockSeconds: 120 } });
    const browser = await withCode(app, 'ann');
    assert.equal((await browser.post('/2fa/verify', { code: wrongCode(app) })).location, '/2fa/verify');
    assert.equal((await browser.post('/2fa/verify', { code: wrongCode(app) })).location, '/2fa/failed');
    const { text, headers } = await browser.get('/2fa/failed');
    assertRefuses(text, 'locked');
    assertSays(text, 'wait', { wait: '2 minutes' });
    assert.equal(headers['retry-after'], '120');
    mock.timers.tick(120_000);
    assert.equal((await browser.post('/2fa', { method: 'call' })).location, '/2fa/verify');
  });

  it('limits sets the number of codes that are sent to a user', async () => {
    const app = await start({ retryTimeSeconds: 0, limits: { sendsPerUser: [{ points: 2, durationSeconds: 60 }] } });
    const browser = await withCode(app, 'ann');
    await browser.post('/2fa/resend');
    assert.equal((await browser.post('/2fa/resend')).location, '/2fa/failed');
    assertRefuses((await browser.get('/2fa/failed')).text, 'too_many_sends');
    assert.equal(app.emulator.messages().length, 2);
    mock.timers.tick(60_000);
    assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
  });
});

describe('option "createLimiter"', () => {
  it('createLimiter makes every limiter under its own key, and can be async', async () => {
    const asked: LimiterOptions[] = [];
    const createLimiter: CreateLimiter = async (options) => {
      asked.push(options);
      return new RateLimiterMemory(options);
    };
    const app = await start({ createLimiter });
    const browser = await withCode(app, 'ann');
    await browser.post('/2fa/verify', { code: wrongCode(app) });
    const prefixes = asked.map(({ keyPrefix }) => keyPrefix);
    assert.ok(prefixes.length > 4);
    assert.equal(new Set(prefixes).size, prefixes.length);
  });

  it('createLimiter opens no protected route while its store is unreachable', async () => {
    const app = await start({
      createLimiter: async () => {
        throw new Error('no connection');
      },
    });
    const browser = await app.signedIn('ann');
    assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/failed');
    assertRefuses((await browser.get('/2fa/failed')).text, 'unavailable');
    assert.deepEqual(app.emulator.messages(), []);
  });
});
