/**
 * T29. Attacker: anyone on the way to Twilio, or with many guesses, or with a forged `X-Forwarded-For`. Goal: an app
 * whose settings remove a defense without a word. Defense: a process warning for plain HTTP to another host, for short
 * codes, and for proxies that are all trusted. A strategy can't take a name that overwrites what Passport keeps in the
 * session.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { TwilioVerifyStrategy } from 'passport-twilio-verify';
import type { TestOptions, TestUser } from '../support/test-app.js';
import { startExample } from './support/example.js';

const warnings: (Error & { code?: string })[] = [];
before(() => void process.on('warning', (warning) => warnings.push(warning)));

async function warningsOf(code: string): Promise<string[]> {
  // Warnings are emitted on the next tick.
  await new Promise(setImmediate);
  return warnings.filter((warning) => warning.code === code).map(({ message }) => message);
}

const make = (options: TestOptions) =>
  new TwilioVerifyStrategy<TestUser>({
    phoneNumber: () => undefined,
    allowRegister: false,
    allowChange: false,
    ...options,
  });

// In this order: each warning is emitted once per process.
describe('T29: settings that remove a defense', () => {
  it('a baseUrl with plain HTTP to this machine is safe', async () => {
    for (const host of ['localhost', 'verify.localhost', '127.0.0.1', '127.1.2.3', '[::1]']) {
      make({ baseUrl: `http://${host}:4010` });
    }
    assert.deepEqual(await warningsOf('TWILIO_VERIFY_PLAIN_HTTP'), []);
  });

  it('a baseUrl with plain HTTP to another host warns and names the host', async () => {
    make({ baseUrl: 'http://verify.internal:4010' });
    const [message = '', ...more] = await warningsOf('TWILIO_VERIFY_PLAIN_HTTP');
    assert.match(message, /verify\.internal.*"baseUrl"/);
    assert.deepEqual(more, []);
  });

  it('a codeLength of 6 is safe', async () => {
    make({ codeLength: 6 });
    assert.deepEqual(await warningsOf('TWILIO_VERIFY_CODE_LENGTH'), []);
  });

  it('a codeLength of 5 warns', async () => {
    make({ codeLength: 5 });
    assert.match((await warningsOf('TWILIO_VERIFY_CODE_LENGTH')).join(), /"codeLength"/);
  });

  for (const { trustProxy, isUnsafe } of [
    { trustProxy: 1, isUnsafe: false },
    { trustProxy: true, isUnsafe: true },
  ]) {
    it(`"trust proxy" ${trustProxy} ${isUnsafe ? 'warns' : 'is safe'}`, async () => {
      const example = await startExample({ trustProxy });
      const browser = await example.signedIn('bob');
      const number = { country: 'US', phoneNumber: '+12025550177', method: 'sms' };
      await browser.post('/2fa/register', number, { 'x-forwarded-for': '203.0.113.7' });
      const found = await warningsOf('TWILIO_VERIFY_TRUST_ALL_PROXIES');
      assert.equal(found.length, isUnsafe ? 1 : 0);
    });
  }

  for (const name of ['passport', 'cookie', 'messages', 'returnTo']) {
    it(`the strategy name ${name} throws a TypeError`, () => {
      assert.throws(
        () => make({ name }),
        (error) => error instanceof TypeError && error.message.includes('"name"'),
      );
    });
  }
});
