import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Client } from '../support/client.js';
import { type AppProcess, EXAMPLE } from './support/app-process.js';
import { at, type Site, startSite } from './support/site.js';

const ALICE = '+12025550123';
const BOB = '+12025550147';

describe('a verification on two processes', () => {
  let site: Site;
  before(async () => {
    site = await startSite(EXAMPLE);
  });

  /** A browser that has given name and password. */
  async function signedIn(app: AppProcess, name: string): Promise<Client> {
    const browser = app.client();
    assert.equal((await browser.post('/login', { username: name, password: name })).location, '/account');
    return browser;
  }

  it('a verification starts on one process and finishes on the other', async () => {
    const { one, other, emulator } = site;
    const browser = await signedIn(one, 'alice');
    assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');

    const moved = at(other, browser);
    assert.match((await moved.get('/2fa/verify')).text, /autocomplete="one-time-code"/);
    const answer = await moved.post('/2fa/verify', { code: await emulator.codeFor(ALICE) });
    assert.deepEqual([answer.status, answer.location], [303, '/account']);

    assert.match((await at(one, moved).get('/account')).text, /<strong>alice/);
    assert.equal((await at(one, browser).get('/account')).status, 302, 'the old session id is worth nothing');
  });

  it('a new number starts on one process, finishes on the other, and is known to both', async () => {
    const { one, other, emulator } = site;
    const browser = await signedIn(one, 'bob');
    const typed = { country: 'US', phoneNumber: BOB, method: 'sms' };
    assert.equal((await browser.post('/2fa/register', typed)).location, '/2fa/verify');

    const moved = at(other, browser);
    const { location } = await moved.post('/2fa/verify', { code: await emulator.codeFor(BOB) });
    assert.equal(location, '/2fa/recovery-codes', 'the offer after a first number');
    assert.match((await at(one, moved).get('/account')).text, /\+12025550147/);
    assert.match((await at(other, moved).get('/account')).text, /\+12025550147/);
  });

  it('survives the process that sent the code, killed before the code is typed', async () => {
    const { one, other, emulator } = site;
    // By calls: the pause after the messages above is not over.
    const waiting = await Promise.all(
      [
        { name: 'alice', phone: ALICE },
        { name: 'bob', phone: BOB },
      ].map(async ({ name, phone }) => {
        const browser = await signedIn(one, name);
        assert.equal((await browser.post('/2fa', { method: 'call' })).location, '/2fa/verify');
        return { name, browser, code: await emulator.codeFor(phone) };
      }),
    );

    await one.kill();
    for (const { browser, code } of waiting) {
      const moved = at(other, browser);
      assert.equal((await moved.post('/2fa/verify', { code: wrong(code) })).location, '/2fa/verify');
      assert.equal((await moved.post('/2fa/verify', { code })).location, '/account');
      browser.cookies.clear();
      for (const [name, value] of moved.cookies) browser.cookies.set(name, value);
    }

    const again = await site.start(one.port);
    for (const { name, browser } of waiting) {
      assert.match((await at(again, browser).get('/account')).text, new RegExp(`<strong>${name}`));
    }
  });
});

function wrong(code: string): string {
  return code.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10));
}
