import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import type { RequestHandler } from 'express';
import type { Client } from '../../support/client.js';
import {
  assertAsked,
  assertPasses,
  deviceCookie,
  FIREFOX,
  rememberedDevice,
  signInAgain,
  withDevices,
} from '../../support/devices.js';
import { assertSays, linksTo } from '../../support/page.js';
import { BreakableStore, getJson, giveCodes, postJson } from '../../support/recovery.js';
import { lastCode, withCode } from '../../support/steps.js';
import {
  startTestApp,
  type TestApp,
  type TestAppOptions,
  type TestOptions,
  type TestUser,
} from '../../support/test-app.js';

before(() => mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 10, 28, 12) }));
after(() => mock.timers.reset());

const start = (twoFactor: TestOptions = {}, rest: Omit<TestAppOptions, 'twoFactor'> = {}) =>
  startTestApp({ ...rest, twoFactor: withDevices(twoFactor) });

interface Security {
  readonly step: string;
  readonly result?: string;
  readonly devices?: readonly { readonly id: string; readonly name: string; readonly isCurrent: boolean }[];
  readonly methods: readonly { readonly method: string }[];
  readonly preferredMethod?: string;
  readonly recoveryCodesLeft?: number;
  readonly phoneNumber?: string;
}

const read = async (browser: Client): Promise<Security> =>
  (await getJson(browser, '/2fa/security')).body as unknown as Security;

describe('the security page', () => {
  it('the page shows the number, recovery codes, devices, and the method, and links to what changes them', async () => {
    const app = await start();
    await giveCodes(app, 'ann');
    const browser = await withCode(app, 'ann');
    await browser.post('/2fa/verify', { code: lastCode(app), rememberDevice: 'on' }, { 'user-agent': FIREFOX });
    const { status, text } = await browser.get('/2fa/security');
    assert.equal(status, 200);
    assertSays(text, 'security.ending', { digits: '0123' });
    assertSays(text, 'recoveryCodes.left', { left: 10 });
    assert.match(text, /Firefox on Windows/);
    assertSays(text, 'security.thisDevice');
    assert.match(text, /Last used on November 28, 2026/);
    assert.match(text, /Remembered until December 28, 2026/);
    assertSays(text, 'security.forgetNote');
    assert.ok(linksTo(text, '/2fa/change') && linksTo(text, '/2fa/recovery-codes'));
    assert.match(text, /action="\/2fa\/other-sessions\/end"/);
    assert.doesNotMatch(text, /\+12025550123/);
  });

  it('the page needs a code of the last 5 minutes, and leads back', async () => {
    const app = await start();
    const browser = await app.verified('ann');
    mock.timers.tick(300_000);
    assert.equal((await browser.get('/2fa/security')).location, '/2fa');
    await browser.post('/2fa', { method: 'call' });
    const { location } = await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.equal(location, '/2fa/security');
    assert.equal((await browser.get('/2fa/security')).status, 200);
  });

  it('"Continue" leads out of the settings after the user entered a code for this page', async () => {
    const app = await start({ verifySuccessUrl: '/home' });
    const browser = await app.verified('ann');
    mock.timers.tick(300_000);
    await browser.get('/2fa/security');
    await browser.post('/2fa', { method: 'call' });
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.ok(linksTo((await browser.get('/2fa/security')).text, '/home'));
  });

  it('an address that cannot be read is shown as one that exists', async () => {
    const app = await start({ allowedMethods: ['sms', 'email'], email: () => 'ann@example.com' });
    const browser = await app.signedIn('ann');
    await browser.post('/2fa', { method: 'email' });
    await browser.post('/2fa/verify', { code: lastCode(app) });
    const ann = app.users.get('ann');
    assert.ok(ann);
    ann.phone = 'my secret';
    const { text } = await browser.get('/2fa/security');
    assertSays(text, 'security.hidden');
    assert.ok(linksTo(text, '/2fa/change'));
    assert.doesNotMatch(text, /my secret/);
  });

  it('the page shows what the app has turned on, and no more', async () => {
    const app = await startTestApp({ twoFactor: { endOtherSessions: undefined } as unknown as TestOptions });
    const browser = await app.verified('ann');
    const { text } = await browser.get('/2fa/security');
    for (const part of ['recovery-codes', 'devices', 'preferred', 'other-sessions']) {
      assert.doesNotMatch(text, new RegExp(`/2fa/${part}`), part);
    }
    for (const action of ['/devices/x/forget', '/devices/forget', '/preferred', '/other-sessions/end']) {
      assert.equal((await browser.post(`/2fa${action}`)).status, 404, action);
    }
  });

  it('dates and devices are in the language of the user', async () => {
    const app = await start();
    const browser = await withCode(app, 'ann');
    await browser.post('/2fa/verify', { code: lastCode(app), rememberDevice: 'on' }, { 'user-agent': FIREFOX });
    const { text } = await browser.get('/2fa/security', { 'accept-language': 'de' });
    assert.match(text, /28\. November 2026/);
  });

  it('a store that cannot be read shows the failed page', async () => {
    const store = new BreakableStore();
    const app = await start({ store });
    const browser = await app.verified('ann');
    store.broken = { load: () => Promise.reject(new Error('down')) };
    assert.equal((await browser.get('/2fa/security')).location, '/2fa/failed');
    assert.equal((await getJson(browser, '/2fa/security')).status, 503);
  });
});

describe('forgetting devices', () => {
  it('a forgotten device needs a code, and keeps the session that it opened', async () => {
    const app = await start();
    const [phone, laptop] = [await rememberedDevice(app, 'ann'), await rememberedDevice(app, 'ann')];
    await assertPasses(await signInAgain(phone, 'ann'));
    const { devices = [] } = await read(laptop);
    assert.equal(devices.length, 2);
    const other = devices.find(({ isCurrent }) => !isCurrent);
    assert.ok(other);
    const { status, location } = await laptop.post(`/2fa/devices/${other.id}/forget`);
    assert.deepEqual([status, location], [303, '/2fa/security']);
    assertSays((await laptop.get('/2fa/security')).text, 'notice.device_forgotten');
    assert.equal((await phone.get('/account')).status, 200);
    await assertAsked(await signInAgain(phone, 'ann'));
    await assertPasses(await signInAgain(laptop, 'ann'));
  });

  it('forgetting this device removes its cookie', async () => {
    const app = await start();
    const browser = await rememberedDevice(app, 'ann');
    const [{ id = '' } = {}] = (await read(browser)).devices ?? [];
    await browser.post(`/2fa/devices/${id}/forget`);
    assert.equal(deviceCookie(browser), undefined);
  });

  it('all devices are forgotten at once', async () => {
    const app = await start();
    const [phone, laptop] = [await rememberedDevice(app, 'ann'), await rememberedDevice(app, 'ann')];
    const { body } = await postJson(laptop, '/2fa/devices/forget');
    assert.deepEqual([body.result, (body as unknown as Security).devices], ['forgotten', []]);
    assert.equal(deviceCookie(laptop), undefined);
    for (const device of [phone, laptop]) await assertAsked(await signInAgain(device, 'ann'));
  });

  it('the device of another user stays', async () => {
    const app = await start();
    const eve = await rememberedDevice(app, 'eve');
    const [{ id = '' } = {}] = (await read(eve)).devices ?? [];
    const ann = await rememberedDevice(app, 'ann');
    assert.equal((await postJson(ann, `/2fa/devices/${id}/forget`)).status, 200);
    await assertPasses(await signInAgain(eve, 'eve'));
  });

  for (const path of ['/2fa/devices/x/forget', '/2fa/devices/forget', '/2fa/preferred', '/2fa/other-sessions/end']) {
    it(`${path} needs a real factor of the last 5 minutes`, async () => {
      const app = await start();
      const device = await signInAgain(await rememberedDevice(app, 'ann'), 'ann');
      await assertPasses(device);
      const late = await app.verified('ann');
      const assertRefused = async (browser: Client) => {
        const { status, body } = await postJson(browser, path, { method: 'call' });
        assert.deepEqual([status, body.code], [401, 'verification_required']);
      };
      for (const browser of [device, await app.signedIn('ann')]) await assertRefused(browser);
      mock.timers.tick(300_000);
      await assertRefused(late);
      assert.equal((await app.strategy.admin.overview(app.users.get('ann') as never)).devices.length, 1);
    });
  }
});

describe('the preferred method', () => {
  it('the method is selected on the start page from then on', async () => {
    const app = await start();
    const browser = await app.verified('ann');
    const { body } = await postJson(browser, '/2fa/preferred', { method: 'whatsapp' });
    assert.deepEqual([body.result, (body as unknown as Security).preferredMethod], ['preferenceSaved', 'whatsapp']);
    const { text } = await (await app.signedIn('ann')).get('/2fa');
    assert.match(text, /value="whatsapp"[^>]* checked/);
  });

  it('the order of allowedMethods decides without a preference', async () => {
    const app = await start({ allowedMethods: ['whatsapp', 'sms', 'call'] });
    const { text } = await (await app.signedIn('ann')).get('/2fa');
    assert.match(text, /value="whatsapp"[^>]* checked/);
    const order = [...text.matchAll(/name="method" value="(\w+)"/g)].map(([, method]) => method);
    assert.deepEqual(order, ['whatsapp', 'sms', 'call']);
  });

  it('a method that is not offered is refused, and one that is no longer offered is not selected', async () => {
    let allowedMethods: readonly ('sms' | 'call' | 'whatsapp')[] = ['sms', 'call'];
    const app = await start({ allowedMethods: () => allowedMethods });
    const browser = await app.verified('ann');
    assert.equal((await postJson(browser, '/2fa/preferred', { method: 'whatsapp' })).body.code, 'method_unknown');
    await postJson(browser, '/2fa/preferred', { method: 'call' });
    allowedMethods = ['sms', 'whatsapp'];
    const { text } = await (await app.signedIn('ann')).get('/2fa');
    assert.match(text, /value="sms"[^>]* checked/);
  });

  it('a store that cannot be read selects the first method', async () => {
    const store = new BreakableStore();
    const app = await start({ store });
    await postJson(await app.verified('ann'), '/2fa/preferred', { method: 'call' });
    store.broken = { load: () => Promise.reject(new Error('down')) };
    assert.match((await (await app.signedIn('ann')).get('/2fa')).text, /value="sms"[^>]* checked/);
  });
});

describe('sendOnLogin() with remembered devices and a preferred method', () => {
  const startSending = (twoFactor: TestOptions = {}) =>
    start(twoFactor, { afterLogin: (strategy) => strategy.sendOnLogin() });

  it('a remembered device gets no code, and continues', async () => {
    const app = await startSending({ allowedMethods: ['sms'] });
    const device = app.client();
    await device.post('/login/ann');
    await device.post('/2fa/verify', { code: lastCode(app), rememberDevice: 'on' });
    await device.post('/logout');
    const sent = app.emulator.messages().length;
    assert.equal((await device.post('/login/ann')).text, 'in');
    assert.equal(app.emulator.messages().length, sent);
    await assertPasses(device);
  });

  it('a return from an identity provider by GET passes with the device, and gets no code', async () => {
    const app = await start(
      { allowedMethods: ['sms'] },
      {
        routes: (server, _passport, strategy) => {
          const logIn: RequestHandler = (req, _res, next) => req.logIn(app.users.get('ann') as TestUser, next);
          server.get('/callback', logIn, strategy.sendOnLogin(), (_req, res) => void res.send('in'));
        },
      },
    );
    const device = await rememberedDevice(app, 'ann');
    await device.post('/logout');
    const sent = app.emulator.messages().length;
    const fromProvider = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    assert.equal((await device.get('/callback?code=1', fromProvider)).text, 'in');
    assert.equal(app.emulator.messages().length, sent);
    await assertPasses(device);
    const stranger = app.client();
    assert.equal((await stranger.get('/callback?code=1', fromProvider)).location, '/2fa/verify');
  });

  it('the code goes by the preferred method', async () => {
    const app = await startSending();
    await postJson(await app.verified('ann'), '/2fa/preferred', { method: 'call' });
    const { location } = await app.client().post('/login/ann');
    assert.equal(location, '/2fa/verify');
    assert.equal(app.emulator.messages().at(-1)?.channel, 'call');
  });

  it('the user chooses on the start page without a preference', async () => {
    const app = await startSending();
    const { status, location } = await app.client().post('/login/ann');
    assert.deepEqual([status, location], [303, '/2fa']);
    assert.equal(app.emulator.messages().length, 0);
  });

  it('a form of another site, which brings no cookie, gets the start page and no message', async () => {
    const app = await startSending({ allowedMethods: ['sms'] });
    const browser = app.client();
    const { status, location } = await browser.post('/login/ann', {}, { 'sec-fetch-site': 'cross-site' });
    assert.deepEqual([status, location], [303, '/2fa']);
    assert.equal(app.emulator.messages().length, 0);
  });
});

describe('the option lastLoginAt', () => {
  const paths = ['/2fa/security', '/2fa/change'];
  let lastLoginAt: unknown;
  const startWith = (options: TestOptions = {}) =>
    start({ lastLoginAt: () => lastLoginAt as number, loginUrl: '/login', ...options });

  const isAsked = async (app: TestApp, path: string) => {
    const browser = await app.verified('ann');
    const { location } = await browser.get(path);
    const { status, body } = await getJson(browser, path);
    return { location, status, code: body.code };
  };

  for (const path of paths) {
    it(`${path} opens after a sign-in in the last 15 minutes`, async () => {
      const app = await startWith();
      for (const time of [Date.now() - 900_000, new Date()]) {
        lastLoginAt = time;
        assert.equal((await (await app.verified('ann')).get(path)).status, 200);
      }
    });

    for (const { name, time } of [
      { name: 'an older one', time: () => Date.now() - 900_001 },
      { name: 'nothing', time: () => undefined },
      { name: 'a text', time: () => '2026-11-28' },
      { name: 'an invalid date', time: () => new Date(Number.NaN) },
      { name: 'a time in the future', time: () => Date.now() + 3_600_000 },
    ]) {
      it(`${path} needs another sign-in after ${name}`, async () => {
        const app = await startWith();
        lastLoginAt = time();
        const asked = await isAsked(app, path);
        assert.deepEqual(asked, { location: '/login', status: 401, code: 'login_required' });
      });
    }
  }

  it('the login leads back to the security page', async () => {
    const app = await startWith();
    lastLoginAt = 0;
    const browser = await app.verified('ann');
    await browser.get('/2fa/security');
    lastLoginAt = Date.now();
    const session = await new Promise<Record<string, unknown>>((resolve) => {
      const [id = ''] = decodeURIComponent(browser.cookies.get('connect.sid') ?? '')
        .slice(2)
        .split('.');
      app.store.get(id, (_error, data) => resolve((data ?? {}) as never));
    });
    assert.equal(session.returnTo, '/2fa/security');
  });

  it('the login leads back to the security page after one code, with sendOnLogin()', async () => {
    const app = await start(
      { lastLoginAt: () => lastLoginAt as number, loginUrl: '/login', allowedMethods: ['sms'] },
      { afterLogin: (strategy) => strategy.sendOnLogin() },
    );
    lastLoginAt = 0;
    const browser = await app.signedIn('ann');
    assert.equal((await browser.get('/2fa/security')).location, '/login', 'the login comes before the code');
    lastLoginAt = Date.now();
    await browser.post('/login/ann');
    const { location } = await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.equal(location, '/2fa/security');
  });

  it('the failed page shows the reason without loginUrl', async () => {
    const app = await start({ lastLoginAt: () => 0 });
    const browser = await app.verified('ann');
    assert.equal((await browser.get('/2fa/security')).location, '/2fa/failed');
    assertSays((await browser.get('/2fa/failed')).text, 'refusal.login_required');
  });

  it('a change needs another sign-in too', async () => {
    const app = await startWith();
    lastLoginAt = Date.now();
    const browser = await app.verified('ann');
    lastLoginAt = 0;
    const { body } = await postJson(browser, '/2fa/change', { phoneNumber: '+12025550177', method: 'sms' });
    assert.equal(body.code, 'login_required');
    assert.equal(app.users.get('ann')?.phone, '+12025550123');
  });
});
