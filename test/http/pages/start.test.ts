import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { assertRefuses, hasForm, readable } from '../../support/page.js';
import { lastCode } from '../../support/steps.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

describe('GET / (start.html)', () => {
  let app: TestApp;
  before(async () => {
    const aged: object = { maxAgeSeconds: 30 };
    app = await startTestApp({
      routes: (express, passport) =>
        express.get('/vault', passport.authenticate('twilio-2fa', aged), (_req, res) => void res.send('the vault')),
    });
  });

  it('the start page offers the methods, and shows only the end of the number', async () => {
    const { status, text } = await (await app.signedIn('ann')).get('/2fa');
    assert.equal(status, 200);
    assert.ok(hasForm(text, '/2fa'));
    for (const method of ['sms', 'call', 'whatsapp']) assert.match(text, new RegExp(`name="method" value="${method}"`));
    assert.match(readable(text), /0123/);
    assert.doesNotMatch(text, /202.?555/);
  });

  it('the start page redirects a user who has no number to the registration', async () => {
    const { status, location } = await (await app.signedIn('ben')).get('/2fa');
    assert.deepEqual([status, location], [303, '/2fa/register']);
  });

  it('the start page requires a primary user', async () => {
    const { status, text } = await app.client().get('/2fa');
    assert.equal(status, 401);
    assertRefuses(text, 'login_required');
    assert.equal(hasForm(text, '/2fa'), false);
  });

  it('the start page redirects a verified user, unless a route asked for a more recent verification', async (t) => {
    const browser = await app.verified('ann');
    assert.equal((await browser.get('/2fa')).location, '/2fa/success');
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    t.mock.timers.tick(31_000);
    assert.equal((await browser.get('/2fa')).location, '/2fa/success');
    assert.equal((await browser.get('/vault')).location, '/2fa');
    const { status, text } = await browser.get('/2fa');
    assert.equal(status, 200);
    assert.ok(hasForm(text, '/2fa'));
  });
});

describe('POST /', () => {
  for (const { method, channel } of [
    { method: 'sms', channel: 'sms' },
    { method: 'call', channel: 'call' },
    { method: 'whatsapp', channel: 'whatsapp' },
  ]) {
    it(`the form sends by the method "${method}" and redirects to the code page`, async () => {
      const app = await startTestApp();
      const { status, location } = await (await app.signedIn('ann')).post('/2fa', { method });
      assert.deepEqual([status, location], [303, '/2fa/verify']);
      assert.deepEqual(
        app.emulator.messages().map((message) => [message.to, message.channel]),
        [['+12025550123', channel]],
      );
    });
  }

  for (const { name, form } of [
    { name: 'no method', form: {} },
    { name: 'an empty one', form: { method: '' } },
    { name: 'an unknown one', form: { method: 'pigeon' } },
    { name: 'one that is not allowed', form: { method: 'email' } },
    { name: "one of every object's", form: { method: 'constructor' } },
  ]) {
    it(`the start page shows the form again for ${name}: 422, and nothing is sent`, async () => {
      const app = await startTestApp();
      const { status, text } = await (await app.signedIn('eve')).post('/2fa', form);
      assert.equal(status, 422);
      assertRefuses(text, 'method_unknown');
      assert.ok(hasForm(text, '/2fa'));
      assert.deepEqual(app.emulator.requests(), []);
    });
  }

  for (const { name, phone, method, code } of [
    { name: 'a landline', phone: '+19075550205', method: 'sms', code: 'landline' },
    { name: 'a channel that is switched off', phone: '+19075550224', method: 'whatsapp', code: 'method_unavailable' },
    { name: 'two starts at once', phone: '+19075550212', method: 'sms', code: 'busy' },
  ] as const) {
    it(`the start page shows the form again for ${name}, and another method works at once`, async () => {
      const app = await startTestApp({ twoFactor: { phoneNumber: () => phone } });
      const browser = await app.signedIn('ann');
      const { status, text } = await browser.post('/2fa', { method });
      assert.equal(status, code === 'busy' ? 429 : 422);
      assertRefuses(text, code);
      assert.ok(hasForm(text, '/2fa'));
      if (code === 'busy') return;
      assert.equal((await browser.post('/2fa', { method: 'call' })).location, '/2fa/verify');
    });
  }

  it('a send cancels the code that went to another recipient first', async () => {
    let phone = '+12025550101';
    const app = await startTestApp({ twoFactor: { phoneNumber: () => phone } });
    const browser = await app.signedIn('ann');
    await browser.post('/2fa', { method: 'sms' });
    const oldSid = app.emulator.messages().at(-1)?.verificationSid;
    phone = '+12025550102';
    await browser.post('/2fa', { method: 'sms' });
    assert.deepEqual(
      app.emulator.requests().map(({ path }) => path.split('/').at(-1)),
      ['Verifications', oldSid, 'Verifications'],
    );
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
  });
});
