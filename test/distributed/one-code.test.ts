import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { FIFTY_USERS } from './support/app-process.js';
import { at, type Site, startSite } from './support/site.js';

describe('one code that is submitted to two processes at once', () => {
  let site: Site;
  before(async () => {
    site = await startSite(FIFTY_USERS);
  });

  /** Posts a correct code to both processes. Twilio is slow, so the second post comes before the first is answered. */
  async function submitTwice(user: number, path: string) {
    const { one, other, emulator } = site;
    const browser = one.client();
    await browser.post(`/login/${user}`);
    await browser.post('/2fa', { method: 'sms' });
    const code = await emulator.codeFor(`+1202555010${user}`);
    emulator.fail({ call: 'check', delayMs: 100 });
    const tabs = [at(one, browser), at(other, browser)];
    return { tabs, answers: await Promise.all(tabs.map((tab) => tab.post(path, { code }))) };
  }

  for (const user of [1, 2, 3]) {
    it(`verifies one session, and only its response sets a cookie (${user})`, async () => {
      const { tabs, answers } = await submitTwice(user, '/2fa/verify');
      const cookies = answers.map(({ headers }) => headers['set-cookie'] !== undefined);
      assert.deepEqual(cookies.sort(), [false, true]);
      for (const { status, location } of answers) assert.deepEqual([status, location], [303, '/2fa/success']);
      const statuses = await Promise.all(tabs.map(async (tab) => (await tab.get('/account')).status));
      // The other client still has the cookie of the session that was replaced.
      assert.deepEqual(statuses.sort(), [200, 401]);
    });
  }

  for (const { user, path, way } of [
    { user: 4, path: '/code', way: '/st%C3%B6rung?a=%20' },
    { user: 5, path: '/api/code', way: '/2fa' },
  ]) {
    it(`${path}, a form of the app with a failureMessage, is redirected without a session`, async () => {
      const { answers } = await submitTwice(user, path);
      const ends = answers.map(({ status, location, headers }) =>
        [status, location, headers['set-cookie'] !== undefined].join(' '),
      );
      assert.deepEqual(ends.sort(), [`303 ${way} false`, '303 /account true'].sort());
    });
  }

  it('verifies nothing at another process after the sign-out', async () => {
    const { one, other, emulator } = site;
    const browser = one.client();
    await browser.post('/login/9');
    await browser.post('/2fa', { method: 'sms' });
    const code = await emulator.codeFor('+12025550109');
    const held = await at(other, browser).hold('/2fa/verify', { code });
    await browser.post('/2fa/verify', { code });
    assert.equal((await browser.get('/account')).status, 200);
    const late = at(other, browser);
    await held.finish();
    assert.equal((await late.get('/account')).status, 200, 'the first session stays');
  });
});
