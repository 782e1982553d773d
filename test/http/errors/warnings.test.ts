import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { TwilioVerifyStrategy } from 'passport-twilio-verify';
import type { TestOptions, TestUser } from '../../support/test-app.js';
import { startAppWith } from './support/app-with.js';

const warnings: string[] = [];
const keep = (warning: Error & { code?: string }) => warnings.push(`${warning.code}: ${warning.message}`);

beforeEach(() => process.on('warning', keep));
afterEach(() => {
  process.off('warning', keep);
  warnings.length = 0;
});

/** The warnings so far; they come with the next turn of the event loop. */
async function warned(): Promise<readonly string[]> {
  await new Promise(setImmediate);
  return warnings.filter((warning) => warning.startsWith('TWILIO_VERIFY_'));
}

/** Returns the warnings of a strategy made in production. */
async function warnedInProduction(options: TestOptions): Promise<readonly string[]> {
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = 'production';
  try {
    const callbacks = { phoneNumber: () => undefined, storePhoneNumber: () => undefined };
    new TwilioVerifyStrategy<TestUser>({ ...callbacks, ...options });
  } finally {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = NODE_ENV;
  }
  return warned();
}

describe('a strategy in production', () => {
  const store: TestOptions = { createLimiter: () => ({}) as never, hashSecret: 'secret' };

  it('a strategy with a limiter store and Twilio itself emits no warning', async () => {
    assert.deepEqual(await warnedInProduction(store), []);
  });

  it('a strategy with in-memory limits emits one warning with the option to add', async () => {
    const [first = '', ...more] = await warnedInProduction({});
    assert.match(
      first,
      /^TWILIO_VERIFY_LIMITS_IN_MEMORY: .*Add the option createLimiter: \(options\) => new RateLimiter/,
    );
    assert.deepEqual(more, []);
    warnings.length = 0;
    assert.deepEqual(await warnedInProduction({}), []);
  });

  it('a strategy with a host other than Twilio emits a warning with the option to remove', async () => {
    const [first = '', ...more] = await warnedInProduction({ ...store, baseUrl: 'https://twilio.example' });
    assert.match(
      first,
      /^TWILIO_VERIFY_BASE_URL: .*twilio\.example.*remove option "baseUrl" and TWILIO_VERIFY_BASE_URL/,
    );
    assert.deepEqual(more, []);
  });
});

describe('a stored address that cannot be read', () => {
  it('a process warns once, names the option to correct, and hides the stored text', async () => {
    const app = await startAppWith(
      ({ app, sessions, addLogin, twoFactor }) => {
        app.use(...sessions);
        addLogin();
        app.use('/2fa', twoFactor.router());
      },
      { phoneNumber: () => 'to be asked' },
    );
    for (const id of ['ann', 'ben']) assert.equal((await (await app.signedIn(id)).get('/2fa')).location, '/2fa/failed');
    const [first = '', ...more] = await warned();
    assert.match(
      first,
      /^TWILIO_VERIFY_ADDRESS_UNUSABLE: .*Return a number in E\.164 form, such as "\+12025550123", from "phoneNumber"/,
    );
    assert.doesNotMatch(first, /to be asked|ann|ben/);
    assert.deepEqual(more, []);
  });
});

describe('options that weaken the verification', () => {
  const rows: readonly { readonly name: string; readonly options: TestOptions; readonly says: RegExp }[] = [
    {
      name: 'codes of fewer than 6 digits',
      options: { codeLength: 5 },
      says: /^TWILIO_VERIFY_CODE_LENGTH: .*Set the code length of the Verify service to 6 or more.*"codeLength"/,
    },
    {
      name: 'plain HTTP to another host',
      options: { baseUrl: 'http://emulator.example:4010' },
      says: /^TWILIO_VERIFY_PLAIN_HTTP: .*emulator\.example over plain HTTP.*Change option "baseUrl"/,
    },
  ];
  const warnedOf = (options: TestOptions) => {
    new TwilioVerifyStrategy<TestUser>({ phoneNumber: () => undefined, storePhoneNumber: () => undefined, ...options });
    return warned();
  };

  it('options of usual strength cause no warning', async () => {
    assert.deepEqual(await warnedOf({ codeLength: 6, baseUrl: 'http://127.0.0.1:4010' }), []);
  });

  for (const { name, options, says } of rows) {
    it(`${name} cause one warning per process`, async () => {
      const [first = '', ...more] = await warnedOf(options);
      assert.match(first, says);
      assert.deepEqual(more, []);
      warnings.length = 0;
      assert.deepEqual(await warnedOf(options), []);
    });
  }
});

describe('a code of another length than 6 without the option "codeLength"', () => {
  it('a process warns once, names the option, and shows no code', async () => {
    const app = await startAppWith(({ app, sessions, addLogin, twoFactor }) => {
      app.use(...sessions);
      addLogin();
      app.use('/2fa', twoFactor.router());
    });
    const browser = await app.signedIn();
    await browser.post('/2fa', { method: 'sms' });
    await browser.post('/2fa/verify', { code: '999999' });
    assert.deepEqual(await warned(), []);
    for (const code of ['98765', '9876']) await browser.post('/2fa/verify', { code });
    const [first = '', ...more] = await warned();
    assert.match(first, /^TWILIO_VERIFY_CODE_LENGTH_NOT_SET: .*5 digits.*Set codeLength: 6/);
    assert.doesNotMatch(first, /9876/);
    assert.deepEqual(more, []);
  });
});

describe('application code that throws where no caller can catch it', () => {
  it('a listener that throws causes a warning with its name', async () => {
    const app = await startAppWith(({ app, sessions, addLogin, twoFactor }) => {
      app.use(...sessions);
      addLogin();
      app.use('/2fa', twoFactor.router());
      twoFactor.on('verificationSent', () => {
        throw new Error('no such table');
      });
    });
    assert.equal((await (await app.signedIn()).post('/2fa', { method: 'sms' })).location, '/2fa/verify');
    assert.deepEqual(await warned(), [
      'TWILIO_VERIFY_LISTENER: A listener of "verificationSent" threw Error: no such table. The outcome stands.',
    ]);
  });

  it('a callback of passport.authenticate that throws causes a warning with the place and the missing part', async () => {
    const app = await startAppWith(
      ({ app, sessions, addLogin, passport }) => {
        app.use(...sessions);
        addLogin();
        app.get('/account', (req, res, next) => {
          process.once('warning', () => res.sendStatus(500));
          const authenticate = passport.authenticate('twilio-2fa', () => {
            throw new Error('of the callback');
          });
          authenticate(req, res, next);
        });
      },
      { isRequired: async () => true },
    );
    assert.equal((await (await app.signedIn()).get('/account')).status, 500);
    const [first = ''] = await warned();
    assert.match(
      first,
      /^TWILIO_VERIFY_CALLBACK: .* threw .*Start the callback with: if \(error\) return next\(error\); .*of the callback/s,
    );
    assert.ok(first.includes('warnings.test.ts'));
  });
});
