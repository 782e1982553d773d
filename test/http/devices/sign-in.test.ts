import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import type { TwilioVerifyEvents } from 'passport-twilio-verify';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import {
  assertAsked,
  assertPasses,
  deviceCookie,
  FIREFOX,
  rememberedDevice,
  signInAgain,
  withDevices,
} from '../../support/devices.js';
import { assertSays } from '../../support/page.js';
import { BreakableStore, giveCodes, postJson } from '../../support/recovery.js';
import { callsOf, recordOf, sessionIdOf } from '../../support/second-step.js';
import { lastCode, withCode, wrongCode } from '../../support/steps.js';
import { startTestApp, type TestAppOptions, type TestOptions, type TestUser } from '../../support/test-app.js';

const DAY_MS = 86_400_000;

before(() => mock.timers.enable({ apis: ['Date'], now: Date.now() }));
after(() => mock.timers.reset());

const start = (twoFactor: TestOptions = {}, rest: Omit<TestAppOptions, 'twoFactor'> = {}) =>
  startTestApp({ ...rest, twoFactor: withDevices(twoFactor) });

describe('a user who lost the phone and has a remembered device', () => {
  it('signs in with a recovery code after the device, and replaces the number', async () => {
    const app = await start();
    const [code = ''] = await giveCodes(app, 'ann');
    const device = await signInAgain(await rememberedDevice(app, 'ann'), 'ann');
    assert.equal((await device.get('/account')).status, 200);
    assert.equal((await device.get('/2fa/change')).location, '/2fa');
    assert.match((await device.get('/2fa')).text, /\/2fa\/recovery/, 'the start page offers it');
    assert.equal((await device.get('/2fa/recovery')).status, 200);
    assert.equal((await postJson(device, '/2fa/recovery', { code })).body.result, 'approved');
    const number = { phoneNumber: '+12025550142', method: 'sms' };
    assert.equal((await device.post('/2fa/change', number)).location, '/2fa/verify');
    await device.post('/2fa/verify', { code: lastCode(app) });
    assert.equal(app.users.get('ann')?.phone, '+12025550142');
  });

  it('uses no recovery code up if the number can not be changed', async () => {
    const app = await start({ allowChange: false });
    const [code = ''] = await giveCodes(app, 'ann');
    const device = await signInAgain(await rememberedDevice(app, 'ann'), 'ann');
    assert.equal((await device.get('/account')).status, 200);
    assert.equal((await postJson(device, '/2fa/recovery', { code })).body.result, 'alreadyVerified');
  });

  it('signs in with no recovery code after a code by SMS', async () => {
    const app = await start();
    const [code = ''] = await giveCodes(app, 'ann');
    const browser = await app.verified('ann');
    assert.equal((await browser.get('/2fa/recovery')).status, 303);
    assert.equal((await postJson(browser, '/2fa/recovery', { code })).body.result, 'alreadyVerified');
  });
});

describe('recovery codes that are required and missing', () => {
  it('keep the device from being remembered', async () => {
    const app = await start({ recoveryCodes: { required: true } });
    const browser = await withCode(app, 'ann');
    const { location } = await browser.post('/2fa/verify', { code: lastCode(app), rememberDevice: 'on' });
    assert.equal(location, '/2fa/recovery-codes');
    assert.equal(deviceCookie(browser), undefined);
  });
});

describe('the box on the code page', () => {
  it('the box is not checked, and names the days', async () => {
    const app = await start();
    const { text } = await (await withCode(app, 'ann')).get('/2fa/verify');
    assertSays(text, 'verify.remember', { days: 30 });
    assert.match(text, /<input type="checkbox" name="rememberDevice"/);
    assert.doesNotMatch(text, /name="rememberDevice"[^>]* checked/);
  });

  it('the box stays checked after a wrong code, once', async () => {
    const app = await start();
    const browser = await withCode(app, 'ann');
    await browser.post('/2fa/verify', { code: wrongCode(app), rememberDevice: 'on' });
    assert.match((await browser.get('/2fa/verify')).text, /name="rememberDevice"[^>]* checked/);
    assert.doesNotMatch((await browser.get('/2fa/verify')).text, /name="rememberDevice"[^>]* checked/);
  });

  it('the box is missing without the option, and a checked one is ignored', async () => {
    const app = await startTestApp();
    const browser = await withCode(app, 'ann');
    assert.doesNotMatch((await browser.get('/2fa/verify')).text, /rememberDevice/);
    const { location } = await browser.post('/2fa/verify', { code: lastCode(app), rememberDevice: 'on' });
    assert.equal(location, '/2fa/success');
    assert.equal(deviceCookie(browser), undefined);
  });

  it('the box is missing for a registration and for a change of the number', async () => {
    const app = await start();
    const ben = await app.signedIn('ben');
    await ben.post('/2fa/register', { phoneNumber: '+12025550142', method: 'sms' });
    assert.doesNotMatch((await ben.get('/2fa/verify')).text, /rememberDevice/);
    await ben.post('/2fa/verify', { code: lastCode(app), rememberDevice: 'on' });
    assert.equal(deviceCookie(ben), undefined);
  });

  for (const { value, isRemembered } of [
    { value: '1', isRemembered: true },
    { value: 'yes', isRemembered: true },
    { value: '0', isRemembered: false },
    { value: 'off', isRemembered: false },
  ]) {
    it(`a box of the app's own with the value ${value} ${isRemembered ? 'remembers' : 'does not remember'}`, async () => {
      const app = await start();
      const browser = await withCode(app, 'ann');
      await browser.post('/2fa/verify', { code: lastCode(app), rememberDevice: value });
      assert.equal(deviceCookie(browser) !== undefined, isRemembered);
    });
  }

  it('a value that no checkbox sends gets 400, and costs no attempt', async () => {
    const app = await start();
    const browser = await withCode(app, 'ann');
    const { status } = await browser.post('/2fa/verify', { code: lastCode(app), rememberDevice: ['a', 'b'] });
    assert.equal(status, 400);
    assert.equal(callsOf(app, 'check'), 0);
  });

  it('JSON takes a boolean', async () => {
    const app = await start();
    const browser = await withCode(app, 'ann');
    const { body } = await postJson(browser, '/2fa/verify', { code: lastCode(app), rememberDevice: true });
    assert.equal(body.result, 'approved');
    await assertPasses(await signInAgain(browser, 'ann'));
  });

  it('an unchecked box remembers nothing', async () => {
    const app = await start();
    const browser = await app.verified('ann');
    assert.equal(deviceCookie(browser), undefined);
  });
});

describe('the cookie of a remembered device', () => {
  it('the cookie is HttpOnly, Lax, for the whole site, and as long as the device is remembered', async () => {
    const app = await start();
    const browser = await withCode(app, 'ann');
    const { headers } = await browser.post('/2fa/verify', { code: lastCode(app), rememberDevice: 'on' });
    const cookie = headers['set-cookie']?.find((line) => line.includes('2fa-device-')) ?? '';
    assert.match(cookie, /^2fa-device-[\w-]{8}=[\w-]{22}\.[\w-]{43}; /);
    const attributes = cookie.split('; ').slice(1);
    assert.deepEqual(attributes.toSorted(), ['HttpOnly', 'Max-Age=2592000', 'Path=/', 'SameSite=Lax']);
  });

  it('over https behind a proxy, the cookie is Secure and has the prefix __Host-', async () => {
    const app = await start({}, { before: (server) => server.set('trust proxy', 1) });
    const https = { 'x-forwarded-proto': 'https' };
    const browser = await withCode(app, 'ann');
    const form = { code: lastCode(app), rememberDevice: 'on' };
    const { headers } = await browser.post('/2fa/verify', form, https);
    const cookie = headers['set-cookie']?.find((line) => line.includes('2fa-device-')) ?? '';
    assert.match(cookie, /^__Host-2fa-device-[\w-]{8}=/);
    assert.ok(cookie.split('; ').includes('Secure'));
    await signInAgain(browser, 'ann');
    assert.equal((await browser.get('/account', https)).status, 200);
  });

  it('the session holds nothing of the device, and the store no secret', async () => {
    const store = new BreakableStore();
    const app = await start({ store });
    const browser = await rememberedDevice(app, 'ann');
    const [, secret = ''] = deviceCookie(browser)?.[1].split('.') ?? [];
    const stored = JSON.stringify(await store.memory.load('ann'));
    assert.ok(secret.length > 40 && !stored.includes(secret));
    assert.doesNotMatch(JSON.stringify(await app.record(browser)), /device/);
  });
});

describe('a remembered device', () => {
  it('a page navigation passes without a code, and regenerates the session ID', async () => {
    const app = await start();
    const device = await signInAgain(await rememberedDevice(app, 'ann'), 'ann');
    const approved: unknown[] = [];
    app.strategy.on('verificationApproved', ({ by }) => approved.push(by));
    const [before, sent] = [sessionIdOf(device), callsOf(app, 'create')];
    await assertPasses(device);
    assert.notEqual(sessionIdOf(device), before);
    assert.deepEqual([approved, callsOf(app, 'create')], [['device'], sent]);
    assert.equal((await recordOf(app, device)).verified?.by, 'device');
    await assertPasses(device);
    assert.equal(approved.length, 1, 'the session is verified from then on');
  });

  it('the start page lets the device pass to the page that was requested', async () => {
    const app = await start();
    const device = await signInAgain(await rememberedDevice(app, 'ann'), 'ann');
    const { status, location } = await device.get('/2fa');
    assert.deepEqual([status, location], [303, '/2fa/success']);
    await assertPasses(device);
  });

  it('a request of a script gets 401, and the device is not looked at', async () => {
    const app = await start();
    const device = await signInAgain(await rememberedDevice(app, 'ann'), 'ann');
    for (const headers of [{ accept: 'application/json' }, { 'sec-fetch-mode': 'cors' }]) {
      assert.equal((await device.get('/account', headers)).status, 401);
    }
    assert.equal((await device.post('/2fa/skip')).status, 303);
    await assertPasses(device);
  });

  it('two users of one browser each have a device', async () => {
    const app = await start();
    const browser = await rememberedDevice(app, 'ann');
    await browser.post('/logout');
    await rememberedDevice(app, 'eve', browser);
    for (const id of ['ann', 'eve']) {
      await signInAgain(browser, id);
      assert.equal((await browser.get('/account')).text, `account of ${id}`);
    }
  });

  it('a lock on wrong codes does not stop the device', async () => {
    const app = await start();
    const device = await rememberedDevice(app, 'ann');
    const attacker = await app.signedIn('ann');
    for (let attempt = 0; attempt < 10; attempt += 1) {
      if (attempt % 5 === 0) await attacker.post('/2fa', { method: attempt === 0 ? 'sms' : 'call' });
      await attacker.post('/2fa/verify', { code: wrongCode(app) });
    }
    assert.ok(await app.strategy.admin.lockedUntil({ id: 'ann' }));
    await assertPasses(await signInAgain(device, 'ann'));
  });

  it('the device does not open a route with maxAgeSeconds, nor what asks for a real factor', async () => {
    const app = await start(
      {},
      {
        routes: (server, passport) =>
          server.get('/transfer', passport.authenticate('twilio-2fa', { maxAgeSeconds: 300 }), (_req, res) => {
            res.send('sent');
          }),
      },
    );
    const device = await signInAgain(await rememberedDevice(app, 'ann'), 'ann');
    const transfer = await device.get('/transfer');
    assert.deepEqual([transfer.status, transfer.location], [302, '/2fa']);
    assert.equal((await device.get('/2fa')).status, 200, 'the page that waits needs a code');
    await assertPasses(await signInAgain(device, 'ann'));
    for (const page of ['/transfer', '/2fa/security', '/2fa/change', '/2fa/recovery-codes']) {
      assert.match((await device.get(page)).location ?? '', /^\/2fa$/, page);
    }
    const { body } = await postJson(device, '/2fa/recovery-codes');
    assert.equal(body.code, 'verification_required');
    assert.equal((await postJson(device, '/2fa/other-sessions/end')).body.code, 'verification_required');
  });

  it('a user without a factor registers a number, also with a device cookie', async () => {
    const app = await start();
    const device = await rememberedDevice(app, 'ann');
    const ann = app.users.get('ann') as TestUser;
    ann.phone = undefined;
    await signInAgain(device, 'ann');
    assert.equal((await device.get('/account')).location, '/2fa');
    assert.equal((await device.get('/2fa')).location, '/2fa/register');
  });

  it('the verify callback runs, and its refusal leads to the code', async () => {
    const asked: unknown[] = [];
    const app = await start(
      {},
      {
        verify: (user, { by }, done) => {
          asked.push(by);
          done(null, by === 'device' ? false : user);
        },
      },
    );
    const device = await signInAgain(await rememberedDevice(app, 'ann'), 'ann');
    await assertAsked(device);
    assert.ok(asked.includes('device'));
  });

  it('a device that is forgotten while the verify callback runs does not pass', async () => {
    const app = await start(
      {},
      {
        verify: async (user, { by }, done) => {
          if (by === 'device') await app.strategy.admin.forgetDevices(user, { actor: 'test', reason: 'test' });
          done(null, user);
        },
      },
    );
    await assertAsked(await signInAgain(await rememberedDevice(app, 'ann'), 'ann'));
  });

  it('thirty parallel navigations rotate the session once, and all of them pass', async () => {
    let waiting = 0;
    let open = () => {};
    const allHaveRead = new Promise<void>((resolve) => {
      open = resolve;
    });
    let isHeld = false;
    const app = await start({
      // Each tab has read the old session before the first one is verified.
      isRequired: async () => {
        waiting += isHeld ? 1 : 0;
        if (waiting === 30) open();
        if (isHeld) await allHaveRead;
        return true;
      },
    });
    const device = await signInAgain(await rememberedDevice(app, 'ann'), 'ann');
    const approved: unknown[] = [];
    app.strategy.on('verificationApproved', ({ by }) => approved.push(by));
    isHeld = true;
    const tabs = Array.from({ length: 30 }, () => device.fork());
    const answers = await Promise.all(tabs.map((tab) => tab.get('/account')));
    assert.deepEqual(
      answers.map(({ status }) => status),
      Array(30).fill(200),
    );
    assert.equal(new Set(tabs.map(sessionIdOf)).size, 1);
    assert.deepEqual(approved, ['device']);
  });

  it('the last use is written once a day, and a store that fails then stops no one', async () => {
    const store = new BreakableStore();
    const app = await start({ store });
    const device = await rememberedDevice(app, 'ann');
    store.calls.length = 0;
    await assertPasses(await signInAgain(device, 'ann'));
    assert.deepEqual(store.calls, ['load']);
    mock.timers.tick(DAY_MS);
    await assertPasses(await signInAgain(device, 'ann'));
    assert.deepEqual(store.calls, ['load', 'load', 'load', 'save']);
    mock.timers.tick(DAY_MS);
    store.broken = { save: () => Promise.reject(new Error('read-only')) };
    await assertPasses(await signInAgain(device, 'ann'));
  });

  it('a verified request reads neither the cookie nor the store', async () => {
    const store = new BreakableStore();
    const app = await start({ store });
    const device = await rememberedDevice(app, 'ann');
    store.calls.length = 0;
    await assertPasses(device);
    assert.deepEqual(store.calls, []);
  });
});

describe('a device that counts no longer', () => {
  type Attack = (
    app: Awaited<ReturnType<typeof start>>,
    device: Awaited<ReturnType<typeof rememberedDevice>>,
  ) => unknown;
  const replace =
    (edit: (value: string) => string): Attack =>
    (_app, device) => {
      const [name, value] = deviceCookie(device) ?? ['', ''];
      device.cookies.set(name, edit(value));
    };
  const flipped = (value: string) => value.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A'));
  let stamp = 'one';

  const cases: { name: string; options?: TestOptions; attack: Attack }[] = [
    { name: 'a forged secret', attack: replace(flipped) },
    { name: 'a truncated cookie', attack: replace((value) => value.slice(0, -1)) },
    { name: 'a cookie with nothing but an ID', attack: replace((value) => value.split('.')[0] ?? '') },
    { name: 'an empty cookie', attack: replace(() => '') },
    { name: 'a cookie of 4,000 characters', attack: replace((value) => value.repeat(60)) },
    { name: 'an unknown device', attack: replace((value) => `${'x'.repeat(22)}.${value.split('.')[1]}`) },
    {
      name: "another user's cookie",
      attack: async (app, device) => {
        const eve = await rememberedDevice(app, 'eve');
        const [name = ''] = deviceCookie(device) ?? [];
        device.cookies.set(name, deviceCookie(eve)?.[1] ?? '');
      },
    },
    { name: 'a device whose 30 days are over', attack: () => mock.timers.tick(30 * DAY_MS) },
    {
      name: 'a device from before a new password',
      options: { securityStamp: () => stamp },
      attack: () => {
        stamp = 'two';
      },
    },
    {
      name: 'a device from before another number in the app',
      attack: (app) => Object.assign(app.users.get('ann') ?? {}, { phone: '+12025550188' }),
    },
    {
      name: 'a device from before a change of the number and back',
      attack: async (app) => {
        const browser = await app.verified('ann');
        for (const phoneNumber of ['+12025550188', '+12025550123']) {
          await browser.post('/2fa/change', { phoneNumber, method: 'sms' });
          await browser.post('/2fa/verify', { code: lastCode(app) });
        }
        assert.equal(app.users.get('ann')?.phone, '+12025550123');
      },
    },
    {
      name: 'a device from before a reset',
      attack: (app) => app.strategy.admin.reset({ id: 'ann' }, { actor: 'admin', reason: 'test' }),
    },
    {
      name: 'a device that an administrator forgot',
      attack: (app) => app.strategy.admin.forgetDevices({ id: 'ann' }, { actor: 'admin', reason: 'test' }),
    },
    {
      name: 'a device from before the use of a recovery code',
      attack: async (app) => {
        const [code = ''] = await giveCodes(app, 'ann');
        await (await app.signedIn('ann')).post('/2fa/recovery', { code });
      },
    },
  ];
  for (const { name, options, attack } of cases) {
    it(`${name} needs a code, and the page shows no error and no reason`, async () => {
      const app = await start(options);
      const device = await rememberedDevice(app, 'ann');
      await attack(app, device);
      await assertAsked(await signInAgain(device, 'ann'));
    });
  }

  it('another device that counts no longer is forgotten with it, and stays so with the old number', async () => {
    const app = await start();
    const ann = app.users.get('ann') as TestUser;
    const [one, other] = [await rememberedDevice(app, 'ann'), await rememberedDevice(app, 'ann')];
    ann.phone = '+12025550188';
    assert.deepEqual((await app.strategy.admin.overview(ann)).devices, []);
    await assertAsked(await signInAgain(one, 'ann'));
    ann.phone = '+12025550123';
    await assertAsked(await signInAgain(other, 'ann'));
  });

  it('a copied session record verifies nothing', async () => {
    const app = await start();
    const device = await signInAgain(await rememberedDevice(app, 'ann'), 'ann');
    await assertPasses(device);
    const copy = await app.record(device);
    const other = await app.signedIn('ann');
    const session = await new Promise<object>((resolve) => {
      app.store.get(sessionIdOf(other), (_error, data) => resolve(data ?? {}));
    });
    await new Promise((resolve) =>
      app.store.set(sessionIdOf(other), { ...session, 'twilio-2fa': copy } as never, resolve),
    );
    await assertAsked(other);
  });

  it('a bad cookie is noted, and the store is not read again before the next sign-in', async () => {
    const store = new BreakableStore();
    const app = await start({ store });
    const device = await rememberedDevice(app, 'ann');
    const [name, value] = deviceCookie(device) ?? ['', ''];
    device.cookies.set(name, flipped(value));
    await signInAgain(device, 'ann');
    await device.get('/account');
    store.calls.length = 0;
    device.cookies.set(name, value);
    await device.get('/account');
    assert.deepEqual(store.calls, []);
    await assertPasses(await signInAgain(device, 'ann'));
  });

  it('a store that cannot be read asks for the code, and the device works again afterwards', async () => {
    const store = new BreakableStore();
    const app = await start({ store });
    const device = await signInAgain(await rememberedDevice(app, 'ann'), 'ann');
    store.broken = { load: () => Promise.reject(new Error('down')) };
    await assertAsked(device);
    store.broken = {};
    await assertPasses(device);
  });

  it('the user is verified if the device cannot be stored, and no cookie is set', async () => {
    const store = new BreakableStore();
    const app = await start({ store });
    const browser = await withCode(app, 'ann');
    store.broken = { save: () => Promise.reject(new Error('read-only')) };
    const { location } = await browser.post('/2fa/verify', { code: lastCode(app), rememberDevice: 'on' });
    assert.equal(location, '/2fa/success');
    assert.equal(deviceCookie(browser), undefined);
  });

  it('twenty devices are kept, and the oldest goes', async () => {
    const rates = [{ points: 100, durationSeconds: 600 }];
    const app = await start({ limits: { sendsPerUser: rates, sendsPerAddress: rates } });
    const devices = [];
    for (let count = 0; count < 21; count += 1) devices.push(await rememberedDevice(app, 'ann'));
    const { devices: listed } = await app.strategy.admin.overview(app.users.get('ann') as TestUser);
    assert.equal(listed.length, 20);
    const [oldest, second] = devices;
    assert.ok(oldest && second);
    await assertAsked(await signInAgain(oldest, 'ann'));
    await assertPasses(await signInAgain(second, 'ann'));
  });
});

describe('events and notices of remembered devices', () => {
  it('the app hears of a device that is remembered, and of one that is forgotten', async () => {
    const app = await start();
    const heard: string[] = [];
    const audit: object[] = [];
    app.strategy.on('deviceRemembered', ({ id, label }) => heard.push(`remembered ${id.length} ${label}`));
    app.strategy.on('deviceForgotten', ({ label, actor, reason }) =>
      heard.push(`forgotten ${label} ${actor} ${reason}`),
    );
    app.strategy.on('audit', (record) => {
      if (record.event.startsWith('device')) audit.push(record);
    });
    const notices: TwilioVerifyEvents<TestUser>['securityNotice'][] = [];
    app.strategy.on('securityNotice', (notice) => notices.push(notice));
    const browser = await withCode(app, 'ann');
    const form = { code: lastCode(app), rememberDevice: 'on' };
    await browser.post('/2fa/verify', form, { 'user-agent': FIREFOX });
    await app.strategy.admin.forgetDevices({ id: 'ann' }, { actor: 'support', reason: '#1' });
    assert.deepEqual(heard, ['remembered 22 Firefox on Windows', 'forgotten Firefox on Windows support #1']);
    assert.equal(audit.length, 2);
    const notice = notices.find(({ kind }) => kind === 'deviceRemembered');
    assert.match(notice?.text ?? '', /Firefox on Windows/);
  });
});

describe('a limiter store that is down', () => {
  it('a remembered device still signs the user in', async () => {
    let isDown = false;
    const app = await start({
      hashSecret: 'secret',
      createLimiter: (options) => {
        const limiter = new RateLimiterMemory(options);
        return new Proxy(limiter, {
          get: (target, name) => {
            const value: unknown = Reflect.get(target, name);
            if (typeof value !== 'function') return value;
            return isDown ? () => Promise.reject(new Error('down')) : value.bind(target);
          },
        });
      },
    });
    const device = await signInAgain(await rememberedDevice(app, 'ann'), 'ann');
    isDown = true;
    await assertPasses(device);
  });
});

describe('devices of two strategies', () => {
  it('a device of one strategy is not accepted by the other', async () => {
    const store = new BreakableStore();
    const [one, other] = [await start({ store }), await start({ store, name: 'second' })];
    const device = await rememberedDevice(one, 'ann');
    const [, value = ''] = deviceCookie(device) ?? [];
    const own = await rememberedDevice(other, 'ann');
    const [name = ''] = deviceCookie(own) ?? [];
    const browser = await other.signedIn('ann');
    browser.cookies.set(name, value);
    assert.equal((await browser.get('/2fa')).status, 200, 'the page that sends a code');
    await signInAgain(own, 'ann');
    assert.equal((await own.get('/2fa')).status, 303, 'its own device passes');
  });
});
