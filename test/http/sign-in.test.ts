import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { startTestApp, type TestApp } from '../support/test-app.js';

describe('a sign-in', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp();
  });

  it('a sign-in leads from the protected route through the method and the code to the requested page', async () => {
    const browser = await app.signedIn('ann');
    assert.equal((await browser.get('/account?tab=2')).location, '/2fa');
    assert.match((await browser.get('/2fa')).text, /name="method" value="sms"/);
    assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
    assert.match((await browser.get('/2fa/verify')).text, /autocomplete="one-time-code"/);
    const code = await app.emulator.codeFor('+12025550123');
    const answer = await browser.post('/2fa/verify', { code });
    assert.equal(answer.status, 303);
    assert.equal(answer.location, '/account?tab=2');
    assert.equal((await browser.get('/account?tab=2')).text, 'account of ann');
  });

  it('a sign-in makes two calls to Twilio, and a request to a protected route makes none', async () => {
    const count = async () => {
      const response = await fetch(`${app.emulator.url}/emulator/requests`);
      return ((await response.json()) as unknown[]).length;
    };
    app.users.set('cat', { id: 'cat', phone: '+12025550124' });
    const before = await count();
    const browser = await app.verified('cat');
    assert.equal((await count()) - before, 2);
    await browser.get('/account');
    assert.equal((await count()) - before, 2);
  });
});
