import assert from 'node:assert/strict';
import { MemoryFactorStore } from 'passport-twilio-verify';
import type { Client } from './client.js';
import { lastCode } from './steps.js';
import type { TestApp, TestOptions } from './test-app.js';

export const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0';

/** Options for an app that remembers devices. */
export const withDevices = (options: TestOptions = {}): TestOptions => ({
  store: new MemoryFactorStore(),
  recoveryCodes: true,
  rememberDevice: { days: 30 },
  retryTimeSeconds: 0,
  ...options,
});

/** Signs a user in with a code, and has the device remembered. */
export async function rememberedDevice(app: TestApp, id: string, browser = app.client()): Promise<Client> {
  await browser.post(`/login/${id}`);
  await browser.post('/2fa', { method: 'sms' });
  const { location } = await browser.post('/2fa/verify', { code: lastCode(app), rememberDevice: 'on' });
  assert.equal(location, '/2fa/success');
  assert.ok(deviceCookie(browser), 'the browser has a cookie of the device');
  return browser;
}

/** The same device after its user signed out and in again with the password. */
export async function signInAgain(device: Client, id: string): Promise<Client> {
  await device.post('/logout');
  await device.post(`/login/${id}`);
  return device;
}

/** The name and the value of a browser's first device cookie. */
export function deviceCookie(browser: Client): readonly [name: string, value: string] | undefined {
  return [...browser.cookies].find(([name]) => name.includes('2fa-device-'));
}

/** Asserts that the user of a new session is in without a code. */
export async function assertPasses(browser: Client): Promise<void> {
  assert.equal((await browser.get('/account')).status, 200, 'the device signs the user in');
}

/** Asserts that the user needs a code, and that the page shows no error and no reason. */
export async function assertAsked(browser: Client): Promise<void> {
  const { status, location } = await browser.get('/account');
  assert.deepEqual([status, location], [302, '/2fa']);
  const page = await browser.get('/2fa');
  assert.equal(page.status, 200);
  assert.match(page.text, /name="method"/);
  assert.doesNotMatch(page.text, /role="alert"/);
}
