import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PAGE_PATHS, POST_PATHS } from '../../../src/common/page-paths.js';
import type { Client } from '../../support/client.js';
import { withDevices } from '../../support/devices.js';
import { withCode } from '../../support/steps.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

const PAGES = PAGE_PATHS.map((page) => `/2fa${page}`);
const POSTS = POST_PATHS.map((page) => `/2fa${page}`);

/** A user in each state. */
const STATES: readonly { readonly name: string; readonly arrive: (app: TestApp) => Promise<Client> }[] = [
  { name: 'nobody', arrive: async (app) => app.client() },
  { name: 'a user who has signed in', arrive: (app) => app.signedIn('ann') },
  { name: 'a user without a number', arrive: (app) => app.signedIn('ben') },
  { name: 'a user who waits for a code', arrive: (app) => withCode(app, 'ann') },
  {
    name: 'a user who registers a number',
    arrive: async (app) => {
      const browser = await app.signedIn('ben');
      await browser.post('/2fa/register', { phoneNumber: '+12025550177', method: 'sms' });
      return browser;
    },
  },
  { name: 'a user who is verified', arrive: (app) => app.verified('ann') },
  {
    name: 'a user who changes the number',
    arrive: async (app) => {
      const browser = await app.verified('ann');
      await browser.post('/2fa/change', { phoneNumber: '+12025550177', method: 'sms' });
      return browser;
    },
  },
];

describe('a GET', () => {
  for (const { name, arrive } of STATES) {
    it(`a GET sends nothing and changes nothing at Twilio: ${name}`, async () => {
      const app = await startTestApp({ twoFactor: withDevices({ registerOptional: true }) });
      const browser = await arrive(app);
      const calls = app.emulator.requests().length;
      const before = await app.record(browser);
      const query = '?method=sms&code=123456&phoneNumber=%2B12025550188&country=US';
      for (const page of [...new Set([...PAGES, ...POSTS])]) {
        for (const path of [page, page + query, `${page}/`]) {
          const { status } = await browser.get(path);
          assert.ok(status < 500, `${path}: ${status}`);
        }
        await browser.send('HEAD', page, undefined, {});
      }
      assert.equal(app.emulator.requests().length, calls);
      const afterwards = await app.record(browser);
      assert.deepEqual(afterwards?.pending, before?.pending);
      assert.deepEqual(afterwards?.verified, before?.verified);
      assert.equal(afterwards?.skipped, before?.skipped);
    });
  }

  for (const path of ['/2fa/resend', '/2fa/cancel', '/2fa/skip', '/2fa/other-sessions/end']) {
    it(`a GET finds no page at a path that only accepts POST: ${path}`, async () => {
      assert.equal((await (await (await startTestApp()).signedIn('ann')).get(path)).status, 404);
    });
  }
});

describe('a POST', () => {
  for (const path of POSTS) {
    it(`a POST without a primary user is refused with 401: ${path}`, async () => {
      const app = await startTestApp({ twoFactor: withDevices() });
      assert.equal((await app.client().post(path, { method: 'sms', code: '123456' })).status, 401);
      assert.deepEqual(app.emulator.requests(), []);
    });

    it(`a POST from another site is refused with 403: ${path}`, async () => {
      const app = await startTestApp({ twoFactor: withDevices({ registerOptional: true }) });
      const browser = await withCode(app, 'ann');
      const calls = app.emulator.requests().length;
      for (const headers of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site', origin: app.url },
        { origin: 'https://evil.example' },
        { origin: 'null' },
      ]) {
        const form = { method: 'sms', code: '123456', phoneNumber: '+12025550177' };
        assert.equal((await browser.post(path, form, headers)).status, 403);
      }
      assert.equal(app.emulator.requests().length, calls);
      assert.equal((await browser.get('/2fa/verify')).status, 200);
    });
  }
});
