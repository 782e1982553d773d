import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';

const ROOT = path.join(__dirname, '..', '..', '..');

/** Runs a script in its own process, and returns which of these packages that process has loaded. */
async function loadedAfter(script: string): Promise<string[]> {
  const program = `
    const { TwilioVerifyStrategy } = require('./src/index.ts');
    const options = {
      accountSid: 'AC${'0'.repeat(32)}', authToken: 'token', serviceSid: 'VA${'0'.repeat(32)}',
      baseUrl: 'http://127.0.0.1:9', userId: () => 'ann',
      phoneNumber: () => '+12025550123', storePhoneNumber: () => {},
    };
    const packages = ['twilio', 'undici', 'nunjucks', 'libphonenumber-js', 'rate-limiter-flexible', 'intl-messageformat', 'express'];
    const report = () => console.log(JSON.stringify(packages.filter((name) =>
      Object.keys(require.cache).some((file) => file.includes('/node_modules/' + name + '/')))));
    ${script}
  `;
  const args = ['--require', 'tsx/cjs', '--eval', program];
  // A script polls for a package. If the package is never loaded, only the time limit ends the process.
  const limits = { timeout: 30_000, killSignal: 'SIGKILL' } as const;
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, ...limits });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '[]');
}

describe('what is loaded when', () => {
  it('requiring the package loads nothing heavy', async () => {
    assert.deepEqual(await loadedAfter('report()'), []);
  });

  it('creating a strategy loads nothing heavy', async () => {
    assert.deepEqual(await loadedAfter('new TwilioVerifyStrategy(options); report()'), []);
  });

  it('creating the router loads Express and nothing else', async () => {
    assert.deepEqual(await loadedAfter('new TwilioVerifyStrategy(options).router(); report()'), ['express']);
  });

  it('the router loads everything that a sign-in needs soon after its creation, before the first request', async () => {
    const loaded = await loadedAfter(`
      new TwilioVerifyStrategy(options).router();
      const isLoaded = () => Object.keys(require.cache).some((file) => file.includes('/node_modules/twilio/'));
      const wait = () => (isLoaded() ? report() : setTimeout(wait, 1));
      wait();
    `);
    assert.deepEqual(loaded, [
      'twilio',
      'undici',
      'nunjucks',
      'libphonenumber-js',
      'rate-limiter-flexible',
      'intl-messageformat',
      'express',
    ]);
  });

  it('NODE_ENV "test" loads nothing later: Jest fails a run that loads something after its last test', async () => {
    const loaded = await loadedAfter(`
      process.env.NODE_ENV = 'test';
      new TwilioVerifyStrategy(options).router();
      setTimeout(report, 300);
    `);
    assert.deepEqual(loaded, ['express']);
  });

  it('protected routes load no SDK for a verified or unverified request', async () => {
    const loaded = await loadedAfter(`
      const strategy = new TwilioVerifyStrategy({ ...options, isRequired: ({ req }) => req.query.required });
      for (const required of [true, false]) {
        const answer = () => {};
        Object.assign(strategy, { success: answer, fail: answer, redirect: answer, error: answer });
        strategy.authenticate({
          method: 'GET', url: '/a', headers: { accept: 'text/html' }, query: { required },
          session: { id: 's' }, user: { id: 'ann' },
        });
      }
      setTimeout(report, 20);
    `);
    assert.ok(!loaded.includes('twilio'));
    assert.ok(!loaded.includes('undici'));
    assert.ok(!loaded.includes('libphonenumber-js'));
    assert.ok(!loaded.includes('nunjucks'));
  });
});
