import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Answer, Client } from '../../support/client.js';
import { lastCode } from '../../support/steps.js';
import { startTestApp, type TestApp, type TestOptions } from '../../support/test-app.js';

/** The step in which the strategy calls the callback of an option. */
type Step = (app: TestApp) => Promise<Answer>;

const as =
  (id: string, step: (browser: Client) => Promise<Answer>): Step =>
  async (app) =>
    step(await app.signedIn(id));
const toStart = as('ann', (browser) => browser.get('/2fa'));
const toAccount = as('ann', (browser) => browser.get('/account'));
const toRegister = as('ben', (browser) => browser.get('/2fa/register'));
const toSend = as('ann', (browser) => browser.post('/2fa', { method: 'sms' }));
const toChange: Step = async (app) => (await app.verified('ann')).get('/2fa/change');
const toCheck: Step = async (app) => {
  const browser = await app.signedIn('ann');
  await browser.post('/2fa', { method: 'sms' });
  return browser.post('/2fa/verify', { code: lastCode(app) });
};
const toStore: Step = async (app) => {
  const browser = await app.signedIn('ben');
  await browser.post('/2fa/register', { phoneNumber: '+12025550177', method: 'sms' });
  return browser.post('/2fa/verify', { code: lastCode(app) });
};

/** Required if credentials are callbacks. */
const userId: NonNullable<TestOptions['userId']> = ({ user }) => user.id;

const ROWS: readonly {
  readonly name: keyof TestOptions;
  readonly step: Step;
  readonly gives: readonly unknown[];
}[] = [
  { name: 'accountSid', step: toSend, gives: [42, 'US123', ''] },
  { name: 'authToken', step: toSend, gives: [42, ' ', {}] },
  { name: 'apiKey', step: toSend, gives: ['AC123', true] },
  { name: 'apiSecret', step: toSend, gives: [42, ''] },
  { name: 'serviceSid', step: toSend, gives: ['AC123', [], 0] },
  { name: 'allowedMethods', step: toStart, gives: ['sms', ['pigeon'], ['sms', 1]] },
  { name: 'phoneNumber', step: toStart, gives: [12025550123, [], {}] },
  { name: 'email', step: toStart, gives: [42, ['a@example.com']] },
  { name: 'storePhoneNumber', step: toStore, gives: [false, 'in use', { message: 42 }, { error: 'in use' }] },
  { name: 'allowRegister', step: toRegister, gives: ['yes', 1] },
  { name: 'registerOptional', step: toRegister, gives: ['yes', 0] },
  { name: 'allowChange', step: toChange, gives: ['yes', 1] },
  { name: 'isRequired', step: toAccount, gives: ['no', 0, ''] },
  { name: 'retryTimeSeconds', step: toSend, gives: [-1, '30', Number.NaN, [], [30, -1], 86_401] },
  { name: 'codeLength', step: toCheck, gives: ['6', 3, 11, 6.5] },
  { name: 'verifySuccessUrl', step: toCheck, gives: ['home', '//evil.example', 'javascript:alert(1)', 42] },
  { name: 'serviceName', step: toSend, gives: [42, ''] },
  { name: 'methodDisplay', step: toStart, gives: ['fas fa-phone', 42] },
  { name: 'locale', step: toStart, gives: ['not a language', 42] },
  { name: 'userId', step: toAccount, gives: [{}, ['ann'], true, ''] },
];

/** As a callback, `allowedMethods` goes with the option `email`. */
function withCallback(name: keyof TestOptions, callback: () => unknown): TestOptions {
  return { userId, allowedMethods: () => undefined, ...Object.fromEntries([[name, callback]]) };
}

describe('a callback that returns an invalid value', () => {
  for (const { name, step, gives } of ROWS) {
    for (const given of gives) {
      it(`an invalid return value is an error that names option "${name}": ${JSON.stringify(given)}`, async () => {
        for (const callback of [() => given, async () => given]) {
          const twoFactor = withCallback(name, callback);
          const app = await startTestApp({ twoFactor });
          const { status, text } = await step(app);
          assert.equal(status, 500, text);
          assert.match(text, new RegExp(`^ERR_TWILIO_VERIFY_OPTION: .*"${name}" returned an invalid value`));
        }
      });
    }
  }

  it('an invalid return value after the code verifies no one', async () => {
    const app = await startTestApp({
      twoFactor: Object.fromEntries([['storePhoneNumber', () => false]]) as TestOptions,
    });
    const browser = await app.signedIn('ben');
    await browser.post('/2fa/register', { phoneNumber: '+12025550177', method: 'sms' });
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.equal((await browser.get('/account')).location, '/2fa');
  });
});

describe('a callback that throws or rejects', () => {
  const failure = new Error('the database is away');
  for (const { name, step } of ROWS) {
    it(`an error in the callback of option "${name}" reaches the application`, async () => {
      const throwing = () => {
        throw failure;
      };
      for (const callback of [throwing, () => Promise.reject(failure)]) {
        const twoFactor = withCallback(name, callback);
        const { status, text } = await step(await startTestApp({ twoFactor }));
        assert.deepEqual({ status, text }, { status: 500, text: 'Error: the database is away' });
      }
    });
  }
});
