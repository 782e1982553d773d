import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Client } from '../support/client.js';
import { deviceCookie } from '../support/devices.js';
import { postJson } from '../support/recovery.js';
import { FIFTY_USERS } from './support/app-process.js';
import { at, type Site, startSite } from './support/site.js';

const TABS = 30;

describe('remembered devices over two processes', () => {
  let site: Site;
  before(async () => {
    site = await startSite(FIFTY_USERS);
  });

  async function rememberedDevice(id: number): Promise<Client> {
    const browser = site.one.client();
    await browser.post(`/login/${id}`);
    await browser.post('/2fa', { method: 'sms' });
    const code = await site.emulator.codeFor(`+120255501${String(id).padStart(2, '0')}`);
    await browser.post('/2fa/verify', { code, rememberDevice: 'on' });
    assert.ok(deviceCookie(browser));
    return browser;
  }

  const signInAgain = async (browser: Client, id: number): Promise<Client> => {
    await browser.post('/logout');
    await browser.post(`/login/${id}`);
    return browser;
  };

  it('a device that one process remembered passes at the other', async () => {
    const device = at(site.other, await signInAgain(await rememberedDevice(0), 0));
    assert.equal((await device.get('/account')).status, 200);
  });

  it('a device that one process forgot needs a code at the other at once', async () => {
    const browser = await rememberedDevice(1);
    assert.equal((await postJson(at(site.other, browser), '/2fa/devices/forget')).body.result, 'forgotten');
    assert.equal((await (await signInAgain(browser, 1)).get('/account')).status, 302);
  });

  it('parallel navigations at both processes sign the user in once, and no one gets an error or a message', async () => {
    const device = await signInAgain(await rememberedDevice(2), 2);
    const sent = site.emulator.messages().length;
    const tabs = Array.from({ length: TABS }, (_, index) => at(index % 2 === 0 ? site.one : site.other, device));
    const answers = await Promise.all(tabs.map((tab) => tab.get('/account')));
    for (const { status, location } of answers) {
      // The other process reloads the page: by then, the browser has the new cookie. A request that reads the session
      // only after that has a cookie of no session.
      if (status !== 200 && status !== 401) assert.deepEqual([status, location], [302, '/account']);
    }
    const inside = tabs.filter((_, index) => answers[index]?.status === 200);
    assert.ok(inside.length > 0);
    const ids = new Set(inside.map((tab) => tab.cookies.get('connect.sid')));
    assert.equal(ids.size, 1, 'one session');
    assert.equal(site.emulator.messages().length, sent);
  });
});
