/**
 * T7. Attacker: someone who knows the victim's password and skips the verification. They open the success page or the
 * account by hand, post to protected routes, use a script or HEAD, or submit a code that no one requested. Goal: the
 * account. Defense: every page and every protected route checks for the verification that only a correct code leaves in
 * the session. Without it, a page or a form goes to the start page, and all other requests get 401.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Client } from '../support/client.js';
import { addGate, isIn, type RunningExample, startExample } from './support/example.js';
import { callsOf, plant } from './support/look.js';

const STATES: readonly { name: string; browser: (example: RunningExample) => Promise<Client> }[] = [
  { name: 'nobody', browser: async (example) => example.client() },
  { name: 'the password alone', browser: (example) => example.signedIn('alice') },
  { name: 'a code on its way', browser: (example) => example.waiting('alice') },
  {
    name: 'a record of no meaning',
    browser: async (example) => {
      const browser = await example.signedIn('alice');
      await plant(example, browser, { verified: { at: Date.now(), binding: '' }, skipped: '', isVerified: true });
      return browser;
    },
  },
];

describe('T7: the second step left out', () => {
  for (const { name, browser: start } of STATES) {
    it(`leads nowhere with ${name}`, async () => {
      const example = await startExample();
      addGate(example, '/payout');
      const browser = await start(example);
      const first = name === 'nobody' ? '/login' : '/2fa';
      assert.equal((await browser.get('/account')).location, first);
      assert.equal((await browser.get('/2fa/success')).location, first);
      assert.equal((await browser.get('/account', { accept: 'application/json' })).status, 401);
      assert.equal((await browser.get('/account', { 'sec-fetch-mode': 'cors' })).status, 401);
      assert.equal((await browser.send('HEAD', '/account', undefined, {})).status, 401);
      for (const method of ['PUT', 'PATCH', 'DELETE']) {
        assert.equal((await browser.send(method, '/payout', undefined, {})).status, 401, method);
      }
      for (const form of [{ amount: '1000' }, { amount: '1000', verified: 'true' }]) {
        assert.equal((await browser.post('/payout', form)).location, first);
        assert.equal((await browser.post('/payout', form, { accept: 'application/json' })).status, 401);
      }
      assert.equal(await isIn(browser), false);
    });
  }

  it('a code that no one requested leads nowhere', async () => {
    const example = await startExample();
    addGate(example, '/payout');
    const attacker = await example.signedIn('alice');
    assert.equal((await attacker.post('/2fa/verify', { code: '123456' })).location, '/2fa');
    assert.equal((await attacker.post('/payout', { code: '123456' })).location, '/2fa');
    assert.equal((await attacker.post('/2fa/skip')).location, '/2fa/failed');
    assert.equal(callsOf(example, 'check'), 0);
    assert.equal(await isIn(attacker), false);
  });
});
