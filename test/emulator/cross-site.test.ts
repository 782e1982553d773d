import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import type { VerifyEmulator } from '../../src/emulator/index';
import { launchChromium } from '../support/chromium';
import { CHROMIUM, find } from '../support/system-packages';
import { ALICE, callApi, setUp, stopAfterEach } from './support/fixture';

stopAfterEach();

const CROSS_SITE: readonly { name: string; headers: Record<string, string> }[] = [
  { name: 'Sec-Fetch-Site: cross-site', headers: { 'Sec-Fetch-Site': 'cross-site' } },
  { name: 'Sec-Fetch-Site: same-site', headers: { 'Sec-Fetch-Site': 'same-site' } },
  { name: 'the Origin of another site', headers: { Origin: 'https://evil.example' } },
  { name: 'the Origin of another port', headers: { Origin: 'http://127.0.0.1:1' } },
  { name: 'the Origin null', headers: { Origin: 'null' } },
];

const OWN: readonly { name: string; headers: (url: string) => Record<string, string> }[] = [
  { name: 'neither header', headers: () => ({}) },
  { name: 'Sec-Fetch-Site: same-origin', headers: () => ({ 'Sec-Fetch-Site': 'same-origin' }) },
  { name: 'Sec-Fetch-Site: none', headers: () => ({ 'Sec-Fetch-Site': 'none' }) },
  { name: 'its own Origin', headers: (url) => ({ Origin: url }) },
];

const createPath = ({ serviceSid }: VerifyEmulator) => `/v2/Services/${serviceSid}/Verifications`;
const CALLS: readonly { name: string; path: (emulator: VerifyEmulator) => string; init: RequestInit }[] = [
  {
    name: 'a create',
    path: createPath,
    init: { method: 'POST', body: new URLSearchParams({ To: ALICE, Channel: 'sms' }) },
  },
  { name: 'a list of services', path: () => '/v2/Services', init: {} },
  { name: 'a reset', path: () => '/emulator/reset', init: { method: 'POST' } },
  { name: 'a fault', path: () => '/emulator/fail', init: { method: 'POST', body: '{"status":500}' } },
  { name: 'a move of the clock', path: () => '/emulator/clock', init: { method: 'POST', body: '{"advanceMs":1}' } },
  { name: 'the messages', path: () => '/emulator/messages', init: {} },
  { name: 'the requests', path: () => '/emulator/requests', init: {} },
];

describe('a request from another site', () => {
  for (const { name: call, path, init } of CALLS) {
    for (const { name, headers } of CROSS_SITE) {
      it(`gets 403 for ${call} with ${name}`, async () => {
        const { emulator, send } = await setUp();
        await send();
        const before = emulator.clock.now();
        assert.equal((await callApi(emulator, path(emulator), { ...init, headers })).status, 403);
        assert.equal(emulator.messages().length, 1);
        assert.equal(emulator.clock.now(), before);
        await send();
      });
    }
    for (const { name, headers } of OWN) {
      it(`does not include ${call} with ${name}`, async () => {
        const { emulator } = await setUp();
        const response = await callApi(emulator, path(emulator), { ...init, headers: headers(emulator.url) });
        assert.ok(response.ok, String(response.status));
      });
    }
  }

  it('a page of another site can link to the inbox, and cannot embed it or post to it', async () => {
    const { emulator } = await setUp();
    // Not `fetch`, which sets Sec-Fetch-Mode itself.
    const statusOf = (mode: string, method = 'GET') =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': mode };
        const sent = request(emulator.url, { method, headers }, (response) => resolve(response.resume().statusCode));
        sent.on('error', reject).end();
      });
    assert.deepEqual([await statusOf('navigate'), await statusOf('no-cors')], [200, 403]);
    assert.equal(await statusOf('navigate', 'POST'), 403);
  });
});

const skip = find(CHROMIUM) ? false : `there is no ${CHROMIUM.command} here`;

describe('a form of another site in a browser', { skip }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser.close());

  for (const { name, path } of [
    { name: 'a create', path: createPath },
    { name: 'a reset', path: () => '/emulator/reset' },
  ]) {
    it(`cannot make ${name}, even with the credentials in its URL`, async (test) => {
      const { emulator, send } = await setUp();
      await send();
      const target = new URL(path(emulator), emulator.url);
      target.username = emulator.accountSid;
      target.password = emulator.authToken;
      const form = `<form method="post" action="${target}"><input name="To" value="${ALICE}"><input name="Channel" value="sms"><button>Go</button></form>`;
      const other = createServer((_request, response) => response.setHeader('Content-Type', 'text/html').end(form));
      test.after(() => {
        other.close();
        other.closeAllConnections();
      });
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      const page = await browser.newPage();
      page.setDefaultTimeout(10_000);
      await page.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
      const [answer] = await Promise.all([
        page.waitForResponse((response) => new URL(response.url()).host === target.host),
        page.getByRole('button').click(),
      ]);
      assert.equal(answer.status(), 403);
      assert.equal(emulator.messages().length, 1);
      await page.close();
    });
  }
});
