import assert from 'node:assert/strict';
import type { Attack } from './attack.js';
import { BROKEN, type Site } from './site.js';

const AS_GUEST = { 'x-guest': '1' };

/** Signs out and in again with the same session ID. `headers` can make the app call the visitor a guest meanwhile. */
async function signOutAndIn(site: Site, headers: Readonly<Record<string, string>>): Promise<void> {
  const user = site.addUser();
  const visitor = await site.verified(user);
  await visitor.post('/own-logout', {}, headers);
  assert.equal(await visitor.isIn(headers), false);
  await visitor.get('/open', headers);
  await visitor.post(`/own-login/${user.id}`, {}, headers);
  assert.equal(await visitor.isIn(headers), false);
  await visitor.step('start', { method: 'sms' }, headers);
  await visitor.step('check', { code: await site.emulator.codeFor(user.phone) }, headers);
  assert.equal(await visitor.isIn(headers), true, 'a new code verifies');
}

/** Attacks on what the app might not do. */
export const UNCHECKED_HELP: readonly Attack[] = [
  {
    threat: 'T29',
    name: 'a verification ends at a sign-out that keeps the session ID',
    run: (site) => signOutAndIn(site, {}),
  },
  {
    threat: 'T29',
    name: 'a verification ends at a sign-out that leaves a guest',
    run: (site) => signOutAndIn(site, AS_GUEST),
  },
  {
    threat: 'T29',
    name: 'a pending code ends at a sign-out that keeps the session ID',
    async run(site) {
      const user = site.addUser();
      const { visitor, code } = await site.waiting(user);
      await visitor.post('/own-logout');
      await visitor.post(`/own-login/${user.id}`);
      const before = site.calls('VerificationCheck');
      assert.notEqual((await visitor.step('check', { code })).status, 200);
      assert.equal(await visitor.isIn(), false);
      assert.equal(site.calls('VerificationCheck'), before);
    },
  },
  {
    threat: 'T29',
    name: 'a userId that throws in a login behind a protected route answers 500',
    async run(site) {
      const visitor = await site.verified(site.addUser());
      assert.equal((await visitor.post('/become')).status, 500);
      assert.equal(await visitor.isIn(), true);
    },
  },
  {
    threat: 'T29',
    name: 'a user without an ID passes nowhere',
    async run(site) {
      site.addUser({ ...BROKEN });
      const visitor = await site.signedIn(BROKEN);
      assert.equal((await visitor.get('/account')).status, 500);
      assert.equal((await visitor.step('start', { method: 'sms' })).status, 500);
    },
  },
  {
    threat: 'T29',
    name: 'the handler of a protected route runs for no one who is not verified',
    async run(site) {
      const { visitor, wrong } = await site.waiting(site.addUser());
      const before = site.guardedRuns;
      for (const browser of [visitor, await site.signedIn(site.addUser()), site.visitor()]) {
        for (const accept of ['application/json', 'text/html']) {
          assert.notEqual((await browser.get('/guarded', { accept })).text, 'guarded');
          assert.notEqual((await browser.post('/guarded', { code: wrong }, { accept })).text, 'guarded');
        }
      }
      assert.equal(site.guardedRuns, before);
    },
  },
  {
    threat: 'T29',
    name: 'a route with a misspelled option lets no one pass',
    async run(site) {
      const visitor = await site.verified(site.addUser());
      for (let request = 0; request < 2; request += 1) assert.equal((await visitor.get('/misspelled')).status, 500);
    },
  },
  {
    threat: 'T29',
    name: 'our pages forbid frames',
    needsPages: true,
    async run(site) {
      const visitor = await site.signedIn(site.addUser());
      for (const path of ['/2fa', '/2fa/verify', '/2fa/failed']) {
        const { headers } = await visitor.get(path, { accept: 'text/html' });
        assert.equal(headers['content-security-policy'], "frame-ancestors 'none'; base-uri 'none'", path);
        assert.equal(headers['x-frame-options'], 'DENY');
      }
    },
  },
  {
    threat: 'T29',
    name: 'sendOnLogin() sends for a navigation only',
    needsPages: true,
    async run(site) {
      const visitor = await site.signedIn(site.addUser({ methods: ['sms'] }));
      const before = site.calls('Verifications');
      for (const headers of [
        { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
        { 'sec-fetch-mode': 'navigate', 'sec-purpose': 'prefetch' },
        { 'sec-fetch-mode': 'navigate', 'x-moz': 'prefetch' },
      ]) {
        assert.equal((await visitor.get('/signed-in', headers)).text, 'in');
      }
      assert.equal(site.calls('Verifications'), before);
      assert.equal((await visitor.get('/signed-in', { 'sec-fetch-mode': 'navigate' })).headers.location, '/2fa/verify');
      assert.equal(site.calls('Verifications'), before + 1);
    },
  },
];
