import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';

const ROOT = path.join(__dirname, '..', '..', '..');

/** What a process has loaded of some packages, after a script: none of ours is told about another process's. */
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
  it('nothing heavy by requiring the package', async () => {
    assert.deepEqual(await loadedAfter('report()'), []);
  });

  it('nothing heavy by making a strategy', async () => {
    assert.deepEqual(await loadedAfter('new TwilioVerifyStrategy(options); report()'), []);
  });

  it('Express by making the router, and nothing else', async () => {
    assert.deepEqual(await loadedAfter('new TwilioVerifyStrategy(options).router(); report()'), ['express']);
  });

  it('all that a sign-in needs soon after the router was made, before anybody comes', async () => {
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

  it('nothing more where NODE_ENV is "test": Jest fails a run that loads something after its last test', async () => {
    const loaded = await loadedAfter(`
      process.env.NODE_ENV = 'test';
      new TwilioVerifyStrategy(options).router();
      setTimeout(report, 300);
    `);
    assert.deepEqual(loaded, ['express']);
  });

  it('no SDK by letting a verified or unverified request through the gate', async () => {
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
