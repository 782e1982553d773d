/**
 * T9. Attacker: another site, with an image, a link, or a prefetch. The user's own reload and back button can do the
 * same. They make a signed-in user's browser GET the URLs that send a code. Goal: messages at the operator's cost, the
 * user's five sends used up, a phone that does not stop ringing. Defense: no GET sends. Only a POST changes a state,
 * and it answers with 303, so that a reload repeats nothing. If the sign-in ends by GET, as with OAuth, `sendOnLogin()`
 * sends for a navigation, and not for an image or a prefetch.
 */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ACTION_PATHS, PAGE_PATHS } from '../../src/common/page-paths.js';
import type { Client } from '../support/client.js';
import { ALICE, isIn, MALLORY, startExample } from './support/example.js';
import { callsOf, lastCode, recordOf, wrongCode } from './support/look.js';
import { pass, stopTheClock } from './support/time.js';

const FIELDS = { method: 'sms', country: 'US', phoneNumber: MALLORY, code: '123456' };
const QUERY = new URLSearchParams(FIELDS).toString();
const PATHS = ['', ...PAGE_PATHS, ...ACTION_PATHS];
const FORM = 'application/x-www-form-urlencoded';

const WAYS: readonly { name: string; ask: (browser: Client, path: string) => Promise<unknown> }[] = [
  { name: 'a link', ask: (browser, path) => browser.get(`${path}?${QUERY}`) },
  {
    name: 'an image of another site',
    ask: (browser, path) =>
      browser.get(`${path}?${QUERY}`, { accept: 'image/*', 'sec-fetch-dest': 'image', 'sec-fetch-site': 'cross-site' }),
  },
  { name: 'a prefetch', ask: (browser, path) => browser.get(path, { 'sec-purpose': 'prefetch', purpose: 'prefetch' }) },
  { name: 'HEAD', ask: (browser, path) => browser.send('HEAD', `${path}?${QUERY}`, undefined, {}) },
  {
    name: 'a GET with a body',
    ask: (browser, path) => browser.send('GET', path, QUERY, { 'content-type': FORM }),
  },
  {
    name: 'a GET that says it is a POST',
    ask: (browser, path) => browser.get(`${path}?_method=POST&${QUERY}`, { 'x-http-method-override': 'POST' }),
  },
];

describe('T9: a code sent by GET', () => {
  stopTheClock();

  for (const { name, ask } of WAYS) {
    it(`no code is sent by ${name}, in any state of the user`, async () => {
      const example = await startExample();
      const verified = await example.verified('alice');
      pass(180);
      const waiting = await example.waiting('alice');
      const browsers = [verified, waiting, await example.signedIn('alice'), await example.signedIn('bob')];
      const before = example.emulator.requests().length;
      // By then a resend would be allowed.
      pass(181);
      for (const browser of browsers) for (const path of PATHS) await ask(browser, `/2fa${path}`);
      for (const browser of browsers) await ask(browser, '/account');
      assert.equal(example.emulator.requests().length, before);
      assert.ok((await recordOf(example, waiting)).pending, 'and nothing is cancelled');
      await waiting.post('/2fa/verify', { code: lastCode(example, ALICE) });
      assert.equal(await isIn(waiting), true);
    });
  }

  it('does not follow from reloading the pages that a POST leads to', async () => {
    const example = await startExample();
    const browser = await example.signedIn('alice');
    const posted = await browser.post('/2fa', { method: 'sms' });
    assert.equal(posted.status, 303);
    for (let reload = 0; reload < 3; reload += 1) await browser.get(posted.location ?? '');
    await browser.post('/2fa/verify', { code: wrongCode(example) });
    for (let reload = 0; reload < 3; reload += 1) await browser.get('/2fa/verify');
    assert.equal(callsOf(example, 'create'), 1);
    assert.equal(callsOf(example, 'check'), 1);
  });

  for (const { name, headers } of [
    { name: 'an image', headers: { accept: 'image/*', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' } },
    { name: 'an image of an older browser', headers: { accept: 'image/*,*/*;q=0.8' } },
    { name: 'a prefetch', headers: { 'sec-fetch-mode': 'navigate', 'sec-purpose': 'prefetch' } },
    { name: 'a prerendering', headers: { 'sec-fetch-mode': 'navigate', 'sec-purpose': 'prefetch;prerender' } },
    { name: 'a prefetch of an older browser', headers: { purpose: 'prefetch' } },
    { name: 'a prefetch of an older Firefox', headers: { 'x-moz': 'prefetch' } },
  ] satisfies { name: string; headers: Record<string, string> }[]) {
    it(`${name} of a sign-in that ends by GET sends no code, and the navigation does`, async () => {
      const example = await startExample({ twoFactor: { allowedMethods: ['sms'] } });
      example.app.get('/callback', example.twoFactor.sendOnLogin(), (_req, res) => void res.send('signed in'));
      const browser = await example.signedIn('alice');
      assert.equal((await browser.get('/callback', headers)).text, 'signed in');
      assert.equal(callsOf(example, 'create'), 0);
      assert.equal((await browser.get('/callback')).location, '/2fa/verify');
      assert.equal(callsOf(example, 'create'), 1);
    });
  }
});
