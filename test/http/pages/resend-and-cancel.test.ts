import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertDoesNotSay, assertSays } from '../../support/page.js';
import { lastCode, withCode } from '../../support/steps.js';
import { startTestApp } from '../../support/test-app.js';

describe('POST /resend', () => {
  it('a resend sends the same code again, and the code page reports it once', async () => {
    const app = await startTestApp({ twoFactor: { retryTimeSeconds: 0 } });
    const browser = await withCode(app, 'ann');
    const { status, location } = await browser.post('/2fa/resend');
    assert.deepEqual([status, location], [303, '/2fa/verify']);
    const [first, second] = app.emulator.messages();
    assert.ok(first && second);
    assert.deepEqual([second.code, second.verificationSid], [first.code, first.verificationSid]);
    assertSays((await browser.get('/2fa/verify')).text, 'notice.code_sent_again');
    assertDoesNotSay((await browser.get('/2fa/verify')).text, 'notice.code_sent_again');
    assert.equal((await browser.post('/2fa/verify', { code: first.code })).location, '/2fa/success');
  });

  it('a resend uses the chosen method', async () => {
    const app = await startTestApp({ twoFactor: { retryTimeSeconds: 0 } });
    const browser = await withCode(app, 'ann', 'call');
    await browser.post('/2fa/resend', { method: 'sms' });
    assert.deepEqual(
      app.emulator.messages().map(({ channel }) => channel),
      ['call', 'call'],
    );
  });

  it('a resend sends nothing before retryTimeSeconds has passed', async () => {
    const app = await startTestApp();
    const browser = await withCode(app, 'ann');
    assert.equal((await browser.post('/2fa/resend')).location, '/2fa/verify');
    assert.equal(app.emulator.messages().length, 1);
    assertDoesNotSay((await browser.get('/2fa/verify')).text, 'notice.code_sent_again');
  });

  it('a resend redirects to the start if nothing is pending', async () => {
    const app = await startTestApp();
    for (const browser of [await app.signedIn('ann'), await app.verified('ann')]) {
      const calls = app.emulator.requests().length;
      const { status, location } = await browser.post('/2fa/resend');
      assert.deepEqual([status, location], [303, '/2fa']);
      assert.equal(app.emulator.requests().length, calls);
    }
  });
});

describe('POST /cancel', () => {
  it('a cancel redirects to the start, and the code becomes invalid at Twilio, too', async () => {
    const app = await startTestApp();
    const browser = await withCode(app, 'ann');
    const sid = app.emulator.messages().at(-1)?.verificationSid;
    const { status, location } = await browser.post('/2fa/cancel');
    assert.deepEqual([status, location], [303, '/2fa']);
    assert.ok(app.emulator.requests().at(-1)?.path.endsWith(`/Verifications/${sid}`));
    assert.equal((await browser.get('/2fa/verify')).location, '/2fa');
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa');
    assert.equal((await browser.get('/account')).location, '/2fa');
  });

  it('a send after a cancel creates a new code', async () => {
    const app = await startTestApp();
    const browser = await withCode(app, 'ann');
    await browser.post('/2fa/cancel');
    await browser.post('/2fa', { method: 'call' });
    const [first, second] = app.emulator.messages();
    assert.notEqual(second?.verificationSid, first?.verificationSid);
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
  });

  it('a cancel does nothing if nothing is pending', async () => {
    const app = await startTestApp();
    const { status, location } = await (await app.signedIn('ann')).post('/2fa/cancel');
    assert.deepEqual([status, location], [303, '/2fa']);
    assert.deepEqual(app.emulator.requests(), []);
  });

  it('a cancel succeeds even if Twilio is unavailable', async () => {
    const app = await startTestApp();
    const browser = await withCode(app, 'ann');
    app.emulator.fail({ call: 'update', drop: true });
    assert.equal((await browser.post('/2fa/cancel')).location, '/2fa');
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa');
    assert.equal((await browser.get('/account')).location, '/2fa');
  });

  it('a cancel of a change leaves the user verified with the old number', async () => {
    const app = await startTestApp();
    const browser = await app.verified('ann');
    await browser.post('/2fa/change', { phoneNumber: '+12025550177', method: 'sms' });
    await browser.post('/2fa/cancel');
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
    assert.equal(app.users.get('ann')?.phone, '+12025550123');
    assert.equal((await browser.get('/account')).status, 200);
  });
});
