import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TwilioClients } from '../../../src/twilio/client.js';
import { credentialsFrom } from '../../../src/twilio/credentials.js';
import { HttpClient } from '../../../src/twilio/http-client.js';

const NONE = { accountSid: undefined, authToken: undefined, apiKey: undefined, apiSecret: undefined };
const ACCOUNT = `AC${'0'.repeat(32)}`;
const KEY = `SK${'1'.repeat(32)}`;

describe('credentialsFrom', () => {
  it('takes the account with its token', () => {
    assert.deepEqual(credentialsFrom({ ...NONE, accountSid: ACCOUNT, authToken: 'token' }), {
      accountSid: ACCOUNT,
      username: ACCOUNT,
      password: 'token',
    });
  });

  it('an API key is used instead of the auth token if both are set', () => {
    for (const authToken of [undefined, 'token']) {
      assert.deepEqual(credentialsFrom({ accountSid: ACCOUNT, authToken, apiKey: KEY, apiSecret: 'secret' }), {
        accountSid: ACCOUNT,
        username: KEY,
        password: 'secret',
      });
    }
  });

  it('takes the token where there is a secret without its key', () => {
    const given = { accountSid: ACCOUNT, authToken: 'token', apiKey: undefined, apiSecret: 'secret' };
    assert.equal(credentialsFrom(given).password, 'token');
  });

  const missing = [
    { name: 'everything', given: NONE, option: 'accountSid', variable: 'TWILIO_ACCOUNT_SID' },
    {
      name: 'the account of a key',
      given: { ...NONE, apiKey: KEY, apiSecret: 'my-secret' },
      option: 'accountSid',
      variable: 'TWILIO_ACCOUNT_SID',
    },
    { name: 'the token', given: { ...NONE, accountSid: ACCOUNT }, option: 'authToken', variable: 'TWILIO_AUTH_TOKEN' },
    {
      name: 'the secret of a key, although there is a token',
      given: { ...NONE, accountSid: ACCOUNT, authToken: 'my-token', apiKey: KEY },
      option: 'apiSecret',
      variable: 'TWILIO_API_SECRET',
    },
  ];
  for (const { name, given, option, variable } of missing) {
    it(`names what is missing: ${name}`, () => {
      assert.throws(
        () => credentialsFrom(given),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'ERR_TWILIO_VERIFY_CREDENTIALS');
          assert.match(error.message, new RegExp(`"${option}"`));
          assert.match(error.message, new RegExp(variable));
          assert.doesNotMatch(error.message, /my-token|my-secret|AC0|SK1/);
          return true;
        },
      );
    });
  }
});

describe('TwilioClients', () => {
  const clients = () => new TwilioClients(new HttpClient({ baseUrl: undefined, timeoutMs: 1_000 }));
  const credentials = (number: number) => ({ accountSid: ACCOUNT, username: ACCOUNT, password: `token-${number}` });

  it('keeps the client of an account, with its connections', () => {
    const kept = clients();
    assert.equal(kept.get(credentials(1)), kept.get({ ...credentials(1) }));
  });

  it('other credentials get another client', () => {
    const kept = clients();
    const [first, ...others] = [
      credentials(1),
      credentials(2),
      { ...credentials(1), username: KEY },
      { ...credentials(1), accountSid: `AC${'2'.repeat(32)}` },
    ].map((given) => kept.get(given));
    for (const other of others) assert.notEqual(other, first);
    assert.equal(new Set(others).size, 3);
  });

  it('keeps a hundred: the one that was not used for the longest time goes first', () => {
    const kept = clients();
    const first = kept.get(credentials(1));
    const second = kept.get(credentials(2));
    for (let number = 3; number <= 100; number += 1) kept.get(credentials(number));
    assert.equal(kept.get(credentials(1)), first, 'used again');
    kept.get(credentials(101));
    assert.equal(kept.get(credentials(1)), first);
    assert.notEqual(kept.get(credentials(2)), second);
  });
});
