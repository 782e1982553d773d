import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Client } from '../support/client.js';
import { deviceCookie, FIREFOX, withDevices } from '../support/devices.js';
import type { TestUser } from '../support/test-app.js';
import { type FastifyApp, type FastifyAppOptions, type SessionKind, startFastifyApp } from './support/fastify-app.js';
import { jsonOf } from './support/json.js';

const KINDS: readonly SessionKind[] = ['@fastify/session', '@fastify/secure-session'];
const PAGE = { accept: 'text/html' };

async function start(kind: SessionKind, options: Partial<FastifyAppOptions> = {}): Promise<FastifyApp> {
  const app = await startFastifyApp({ kind, twoFactor: withDevices(), ...options });
  app.users.set('ann', { id: 'ann', phone: '+12025550123' });
  return app;
}

async function rememberedDevice(app: FastifyApp): Promise<Client> {
  const browser = await app.signedIn('ann');
  await browser.postJson('/second-step/start', { method: 'sms' });
  const code = await app.emulator.codeFor('+12025550123');
  const form = { code, rememberDevice: true };
  assert.equal(jsonOf(await browser.postJson('/second-step/check', form, { 'user-agent': FIREFOX })).type, 'approved');
  return browser;
}

const signInAgain = async (device: Client): Promise<void> => {
  await device.postJson('/logout', {});
  await device.postJson('/login/ann', {});
};

for (const kind of KINDS) {
  describe(`remembered devices on Fastify with ${kind}`, () => {
    it('a page navigation from a remembered device passes, and a script gets 401', async () => {
      const app = await start(kind);
      const device = await rememberedDevice(app);
      await signInAgain(device);
      assert.equal((await device.get('/account', { accept: 'application/json' })).status, 401);
      const { status, text } = await device.get('/account', PAGE);
      assert.deepEqual([status, text], [200, 'account of ann']);
      assert.equal((await device.get('/account', { accept: 'application/json' })).status, 200);
      assert.equal((await device.postJson('/transfer', {})).status, 401, 'a device is not enough for step-up');
    });

    it('start() sends nothing to a remembered device', async () => {
      const app = await start(kind);
      const device = await rememberedDevice(app);
      await signInAgain(device);
      const sent = app.emulator.messages().length;
      assert.equal(jsonOf(await device.postJson('/second-step/start', { method: 'sms' })).type, 'alreadyVerified');
      assert.equal(app.emulator.messages().length, sent);
      assert.equal((await device.get('/account', { accept: 'application/json' })).status, 200);
    });

    it('the user sees the device, prefers a method, and forgets the device', async () => {
      const app = await start(kind);
      const device = await rememberedDevice(app);
      assert.equal(jsonOf(await device.postJson('/second-step/preferred', { method: 'call' })).type, 'preferenceSaved');
      const factors = jsonOf(await device.get('/second-step/factors')) as unknown as {
        readonly preferredMethod: string;
        readonly devices: readonly { readonly id: string; readonly label: string; readonly isCurrent: boolean }[];
      };
      assert.equal(factors.preferredMethod, 'call');
      assert.deepEqual(
        factors.devices.map(({ label, isCurrent }) => [label, isCurrent]),
        [['Firefox on Windows', true]],
      );
      const forgotten = await device.postJson(`/second-step/devices/${factors.devices[0]?.id}/forget`, {});
      assert.equal(jsonOf(forgotten).type, 'forgotten');
      assert.equal(deviceCookie(device), undefined);
      await signInAgain(device);
      assert.equal((await device.get('/account', PAGE)).status, 302);
    });

    it('over https behind a proxy, the cookie has the prefix __Host-', async () => {
      const app = await start(kind, { trustProxy: true });
      const browser = await app.signedIn('ann');
      await browser.postJson('/second-step/start', { method: 'sms' });
      const form = { code: await app.emulator.codeFor('+12025550123'), rememberDevice: true };
      const { headers } = await browser.postJson('/second-step/check', form, { 'x-forwarded-proto': 'https' });
      const cookies = [headers['set-cookie'] ?? []].flat().filter((cookie) => cookie.includes('2fa-device'));
      assert.equal(cookies.length, 1);
      assert.match(cookies[0] ?? '', /^__Host-2fa-device-[\w-]{8}=.*; Secure/);
    });
  });
}

describe('a device that the response cannot remember', () => {
  it('check() refuses without session(), before it counts the code or sends it to Twilio', async () => {
    const app = await start('@fastify/session', { isUnwatched: true });
    const browser = await app.signedIn('ann');
    await browser.postJson('/second-step/start', { method: 'sms' });
    const code = await app.emulator.codeFor('+12025550123');
    const { status, text } = await browser.postJson('/second-step/check', { code, rememberDevice: true });
    assert.deepEqual([status, JSON.parse(text).code], [422, 'device_unavailable']);
    assert.ok(!app.emulator.requests().some(({ path }) => path.endsWith('/VerificationCheck')));
    assert.equal(jsonOf(await browser.postJson('/second-step/check', { code })).type, 'approved');
  });

  it('check() refuses without the option too', async () => {
    const app = await startFastifyApp({ kind: '@fastify/session' });
    app.users.set('ann', { id: 'ann', phone: '+12025550123' } satisfies TestUser);
    const browser = await app.signedIn('ann');
    await browser.postJson('/second-step/start', { method: 'sms' });
    const form = { code: await app.emulator.codeFor('+12025550123'), rememberDevice: true };
    assert.equal(JSON.parse((await browser.postJson('/second-step/check', form)).text).code, 'device_unavailable');
  });
});
