import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startAppWith } from './support/app-with.js';

// The warning appears once for each process: this file runs in a separate process, and the order of its tests counts.
describe('X-Forwarded-For', () => {
  const proxied = { 'x-forwarded-for': '203.0.113.7' };

  async function warningsOf(trust: number | boolean | undefined, headers: Record<string, string>): Promise<string[]> {
    const warnings: string[] = [];
    const keep = (warning: Error & { code?: string }) => warnings.push(`${warning.code}: ${warning.message}`);
    process.on('warning', keep);
    const app = await startAppWith(({ app, sessions, addLogin, twoFactor }) => {
      if (trust !== undefined) app.set('trust proxy', trust);
      app.use(...sessions);
      addLogin();
      app.use('/2fa', twoFactor.router());
    });
    const browser = await app.signedIn();
    for (const _ of [1, 2]) await browser.post('/2fa', { method: 'sms' }, headers);
    await new Promise(setImmediate);
    process.off('warning', keep);
    return warnings;
  }

  it('a request with X-Forwarded-For causes no warning if "trust proxy" is set', async () => {
    assert.deepEqual(await warningsOf(1, proxied), []);
  });

  it('trusting all proxies causes one warning per process, with or without the header', async () => {
    const warnings = await warningsOf(true, {});
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /^TWILIO_VERIFY_TRUST_ALL_PROXIES: .*Replace it with app\.set\('trust proxy', 1\)/);
    assert.deepEqual(await warningsOf(true, proxied), []);
  });

  it('a request without X-Forwarded-For causes no warning', async () => {
    assert.deepEqual(await warningsOf(undefined, {}), []);
  });

  it('a request with X-Forwarded-For and no "trust proxy" causes one warning with the line to add', async () => {
    const warnings = await warningsOf(undefined, proxied);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /^TWILIO_VERIFY_TRUST_PROXY: .*Add app\.set\('trust proxy', 1\)/);
    assert.deepEqual(await warningsOf(undefined, proxied), []);
  });
});
