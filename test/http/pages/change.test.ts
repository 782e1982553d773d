import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { urlencoded } from 'express';
import { assertRefuses, assertSays, hasForm, readable, typedIn } from '../../support/page.js';
import { lastCode, wrongCode } from '../../support/steps.js';
import { startTestApp } from '../../support/test-app.js';

const NUMBER = '+12025550177';
const OLD = '+12025550123';

describe('GET /change (change.html)', () => {
  it('the change page has the form for a new number, for a user verified in the last 5 minutes', async () => {
    const { status, text } = await (await (await startTestApp()).verified('ann')).get('/2fa/change');
    assert.equal(status, 200);
    assert.ok(hasForm(text, '/2fa/change'));
    assert.equal(typedIn(text, 'phoneNumber'), '');
  });

  for (const { name, twoFactor, says } of [
    { name: 'shows the last digits of the current number only', twoFactor: {}, says: true },
    { name: 'shows no digits where "showLastDigits" is false', twoFactor: { showLastDigits: false }, says: false },
  ]) {
    it(name, async () => {
      const browser = await (await startTestApp({ twoFactor })).verified('ann');
      const text = readable((await browser.get('/2fa/change')).text);
      assert.equal(text.includes('Your current number ends in 0123.'), says);
      assert.equal(text.includes('0123'), says);
      assert.doesNotMatch(text, /202.?555/);
    });
  }

  it('other users need a code to the present number first, and then return to the change page', async () => {
    const app = await startTestApp();
    const browser = await app.signedIn('ann');
    const { status, location } = await browser.get('/2fa/change');
    assert.deepEqual([status, location], [303, '/2fa']);
    await browser.post('/2fa', { method: 'sms' });
    assert.equal(app.emulator.messages().at(-1)?.to, OLD);
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/change');
    assert.equal((await browser.get('/2fa/change')).status, 200);
  });
});

describe('POST /change', () => {
  it('a change sends a code to the new number, and stores it only after a right code', async () => {
    const app = await startTestApp();
    const browser = await app.verified('ann');
    const sent = await browser.post('/2fa/change', { phoneNumber: NUMBER, method: 'call' });
    assert.deepEqual([sent.status, sent.location], [303, '/2fa/verify']);
    const message = app.emulator.messages().at(-1);
    assert.deepEqual([message?.to, message?.channel], [NUMBER, 'call']);
    assert.match(readable((await browser.get('/2fa/verify')).text), /\+1 202 555 0177/);
    assert.equal((await browser.post('/2fa/verify', { code: wrongCode(app) })).location, '/2fa/verify');
    assert.equal(app.users.get('ann')?.phone, OLD);
    const { status, location } = await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.deepEqual([status, location], [303, '/2fa/success']);
    assert.equal(app.users.get('ann')?.phone, NUMBER);
    assertSays((await browser.get('/2fa/success')).text, 'notice.number_changed');
    assert.equal((await browser.get('/account')).text, 'account of ann');
  });

  it('a change without a method leads to the start, which then sends to the new number', async () => {
    const app = await startTestApp();
    const browser = await app.verified('ann');
    const taken = await browser.post('/2fa/change', { phoneNumber: NUMBER });
    assert.deepEqual([taken.status, taken.location], [303, '/2fa']);
    assert.match(readable((await browser.get('/2fa')).text), /\+1 202 555 0177/);
    await browser.post('/2fa', { method: 'sms' });
    assert.equal(app.emulator.messages().at(-1)?.to, NUMBER);
  });

  it('an invalid number shows the form again with the typed value: 422', async () => {
    const app = await startTestApp();
    const browser = await app.verified('ann');
    const { status, text } = await browser.post('/2fa/change', { phoneNumber: '202 555 01', method: 'sms' });
    assert.equal(status, 422);
    assertRefuses(text, 'number_invalid');
    assert.equal(typedIn(text, 'phoneNumber'), '202 555 01');
    assert.equal(app.emulator.messages().length, 1);
  });

  it('a change can be finished on the pages only: its code opens no route', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const aged: object = { maxAgeSeconds: 30 };
    const app = await startTestApp({
      routes: (express, passport) =>
        express.post(
          '/vault',
          urlencoded({ extended: false }),
          passport.authenticate('twilio-2fa', aged),
          (_req, res) => void res.send('the vault'),
        ),
    });
    const browser = await app.verified('ann');
    t.mock.timers.tick(31_000);
    await browser.post('/2fa/change', { phoneNumber: NUMBER, method: 'sms' });
    const code = lastCode(app);
    assert.equal((await browser.post('/vault', { code })).location, '/2fa');
    assert.equal(app.users.get('ann')?.phone, OLD);
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa/success');
    assert.equal(app.users.get('ann')?.phone, NUMBER);
  });

  it('a change cannot be finished by a user who is no longer verified', async () => {
    const app = await startTestApp();
    const browser = await app.verified('ann');
    await browser.post('/2fa/change', { phoneNumber: NUMBER, method: 'sms' });
    await browser.post('/login/ann');
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.equal(app.users.get('ann')?.phone, OLD);
    assert.equal((await browser.get('/account')).location, '/2fa');
  });

  it('a change keeps the age of the verification: it proves the new phone, not the user again', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const app = await startTestApp({ twoFactor: { maxAgeSeconds: 240 } });
    const browser = await app.verified('ann');
    t.mock.timers.tick(200_000);
    await browser.post('/2fa/change', { phoneNumber: NUMBER, method: 'sms' });
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.equal(app.users.get('ann')?.phone, NUMBER);
    t.mock.timers.tick(40_000);
    assert.equal((await browser.get('/account')).location, '/2fa');
  });
});
