import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startAppWith } from './support/app-with.js';

// It is said once for each process: this file has a process of its own, and the order of its tests counts.
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

  it('is no mistake where "trust proxy" is set', async () => {
    assert.deepEqual(await warningsOf(1, proxied), []);
  });

  it('trusting all proxies causes one warning per process, with or without the header', async () => {
    const warnings = await warningsOf(true, {});
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /^TWILIO_VERIFY_TRUST_ALL_PROXIES: .*Replace it with app\.set\('trust proxy', 1\)/);
    assert.deepEqual(await warningsOf(true, proxied), []);
  });

  it('is nothing to speak of where it does not come', async () => {
    assert.deepEqual(await warningsOf(undefined, {}), []);
  });

  it('is warned of once where "trust proxy" is off, with the line', async () => {
    const warnings = await warningsOf(undefined, proxied);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /^TWILIO_VERIFY_TRUST_PROXY: .*Add app\.set\('trust proxy', 1\)/);
    assert.deepEqual(await warningsOf(undefined, proxied), []);
  });
});
