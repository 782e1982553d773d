import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import { after, describe, it } from 'node:test';
import { startVerifyEmulator } from 'passport-twilio-verify/emulator';
import { assertRefuses } from '../../support/page.js';
import { withCode, wrongCode } from '../../support/steps.js';
import { startTestApp } from '../../support/test-app.js';

describe('option "baseUrl"', () => {
  it('calls go to baseUrl, with or without a slash at the end', async () => {
    const other = await startVerifyEmulator();
    after(() => other.stop());
    const app = await startTestApp({ twoFactor: { baseUrl: `${other.url}/` } });
    await (await app.signedIn('ann')).post('/2fa', { method: 'sms' });
    assert.equal(app.emulator.requests().length, 0);
    assert.deepEqual(
      other.requests().map(({ method, path }) => `${method} ${path}`),
      [`POST /v2/Services/${app.emulator.serviceSid}/Verifications`],
    );
  });
});

describe('option "timeoutSeconds"', () => {
  it('timeoutSeconds ends a call that Twilio answers too late', async () => {
    const app = await startTestApp({ twoFactor: { timeoutSeconds: 1 } });
    app.emulator.fail({ call: 'create', delayMs: 5_000 });
    const browser = await app.signedIn('ann');
    assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/failed');
    assertRefuses((await browser.get('/2fa/failed')).text, 'unavailable');
  });

  it('timeoutSeconds ends a check, too, which does not count as a wrong code', async () => {
    const app = await startTestApp({ twoFactor: { timeoutSeconds: 1 } });
    const browser = await withCode(app, 'ann');
    app.emulator.fail({ call: 'check', delayMs: 5_000 });
    assert.equal((await browser.post('/2fa/verify', { code: wrongCode(app) })).location, '/2fa/failed');
    const code = await app.emulator.codeFor('+12025550123');
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa/success');
  });

  it('timeoutSeconds ends a call to a server that never answers', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    after(() => void silent.close());
    silent.unref();
    const baseUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const app = await startTestApp({ twoFactor: { timeoutSeconds: 1, baseUrl } });
    const startedAt = performance.now();
    assert.equal((await (await app.signedIn('ann')).post('/2fa', { method: 'sms' })).location, '/2fa/failed');
    assert.ok(performance.now() - startedAt < 5_000);
  });

  it('timeoutSeconds allows a slow answer that comes in time', async () => {
    const app = await startTestApp({ twoFactor: { timeoutSeconds: 3 } });
    app.emulator.fail({ call: 'create', delayMs: 1_200 });
    assert.equal((await (await app.signedIn('ann')).post('/2fa', { method: 'sms' })).location, '/2fa/verify');
  });
});
