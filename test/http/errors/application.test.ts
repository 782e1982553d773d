import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TwilioVerifyStrategy } from 'passport-twilio-verify';
import type { TestOptions, TestUser } from '../../support/test-app.js';
import { startAppWith } from './support/app-with.js';

/** The strategy's answer to a user whom a first strategy has signed in. */
async function atTheGate(options: TestOptions, user: object) {
  const app = await startAppWith((parts) => {
    parts.app.use(...parts.sessions, (req, _res, next) => {
      Object.assign(req, { user });
      next();
    });
    parts.app.use('/2fa', parts.twoFactor.router());
    parts.addAccount();
  }, options);
  return app.client().get('/account');
}

const ANN = { id: 'ann', phone: '+12025550123' };

describe('a user without an id', () => {
  for (const { name, options, user } of [
    { name: 'the user has none', options: {}, user: { phone: '+12025550123' } },
    { name: '"userId" gives nothing', options: { userId: () => undefined }, user: ANN },
    { name: '"userId" gives nothing, later', options: { userId: async () => null }, user: ANN },
  ]) {
    it(`a user without an ID is an error with the line to add: ${name}`, async () => {
      const { status, text } = await atTheGate(options, user);
      assert.equal(status, 500);
      assert.match(
        text,
        /^ERR_TWILIO_VERIFY_USER_ID: .*Add an option that returns one, .*userId: \(\{ user \}\) => String/,
      );
    });
  }
});

describe('a callback that returns an invalid value', () => {
  it('an invalid return value is an error that names the option and the valid values', async () => {
    const { status, text } = await atTheGate({ isRequired: (() => 'no') as never }, ANN);
    assert.equal(status, 500);
    assert.match(
      text,
      /^ERR_TWILIO_VERIFY_OPTION: The callback in option "isRequired" returned an invalid value. Return .*, or undefined/,
    );
  });
});

describe('limits that cannot count', () => {
  const down = async () => {
    throw new Error('connection refused');
  };
  const limiter = { consume: down, get: down, delete: down, block: down, reward: down, penalty: down, set: down };
  for (const { name, createLimiter, says } of [
    {
      name: 'an unreachable store',
      createLimiter: () => limiter,
      says: /: connection refused\. .*the client in "createLimiter"/,
    },
    {
      name: 'a factory without "return"',
      createLimiter: () => undefined,
      says: /"createLimiter" returned undefined instead of a limiter\. Add "return": .*\{ return new RateLimiterRedis/,
    },
  ]) {
    it(`send nothing, and name ${name}`, async () => {
      const app = await startAppWith(
        ({ app, sessions, addLogin, twoFactor }) => {
          app.use(...sessions);
          addLogin();
          app.post(
            '/core',
            (req, res, next) => void twoFactor.start(req, 'sms').then((given) => res.json(given), next),
          );
        },
        { createLimiter: createLimiter as never },
      );
      const { status, text } = await (await app.signedIn()).post('/core');
      assert.equal(status, 503);
      assert.match(text, /^ERR_TWILIO_VERIFY_LIMITER: /);
      assert.match(text, says);
      assert.deepEqual(app.emulator.requests(), []);
    });
  }
});

describe('options that cannot be right', () => {
  const phoneNumber = () => undefined;
  const storePhoneNumber = () => undefined;
  for (const { name, options, says } of [
    { name: 'without "phoneNumber"', options: { storePhoneNumber }, says: /option "phoneNumber" must be / },
    { name: 'without "storePhoneNumber"', options: { phoneNumber }, says: /option "storePhoneNumber" must be / },
    {
      name: 'with an unknown name',
      options: { phoneNumber, storePhoneNumber, retrySeconds: 30 },
      says: /unknown option "retrySeconds"; did you mean "retryTimeSeconds"\?/,
    },
    {
      name: 'with a value in place of a callback',
      options: { phoneNumber: '+12025550123', storePhoneNumber },
      says: /option "phoneNumber" must be a /,
    },
    {
      name: 'with a SID of another kind',
      options: { phoneNumber, storePhoneNumber, serviceSid: 'AC123' },
      says: /option "serviceSid" must be .*VA/,
    },
  ]) {
    it(`invalid options throw when the strategy is constructed: ${name}`, () => {
      assert.throws(
        () => new TwilioVerifyStrategy<TestUser>(options as never),
        (error: Error) => {
          assert.ok(error instanceof TypeError);
          assert.match(error.message, says);
          return true;
        },
      );
    });
  }
});
