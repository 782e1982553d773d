import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { TwilioVerifyStrategy } from 'passport-twilio-verify';
import { startVerifyEmulator, type VerifyEmulatorOptions } from 'passport-twilio-verify/emulator';
import twilio from 'twilio';
import type { TestOptions, TestUser } from '../../support/test-app.js';

const VARIABLES = ['ACCOUNT_SID', 'AUTH_TOKEN', 'API_KEY', 'API_SECRET', 'VERIFY_SERVICE_SID', 'VERIFY_BASE_URL'];
for (const name of VARIABLES) delete process.env[`TWILIO_${name}`];

const running: (() => Promise<void>)[] = [];
after(() => Promise.all(running.map((stop) => stop())));

/** Starts an emulator, and checks a strategy that has its credentials and these options. */
async function check(options: TestOptions = {}, emulatorOptions: VerifyEmulatorOptions = {}) {
  const emulator = await startVerifyEmulator(emulatorOptions);
  running.push(() => emulator.stop());
  const { accountSid, authToken, serviceSid, url: baseUrl } = emulator;
  const strategy = new TwilioVerifyStrategy<TestUser>({
    ...{ accountSid, authToken, serviceSid, baseUrl },
    phoneNumber: ({ user }) => user.phone,
    storePhoneNumber: () => {},
    ...options,
  });
  const { isOk, problems } = await strategy.checkConfiguration();
  assert.equal(isOk, problems.length === 0);
  const told = problems.map(({ code, message }) => `${code.replace('ERR_TWILIO_VERIFY_', '')}: ${message}`);
  return { emulator, told };
}

/** Checks the problems in their order. */
async function assertProblems(says: readonly RegExp[], ...given: Parameters<typeof check>): Promise<void> {
  const { told } = await check(...given);
  assert.equal(told.length, says.length, told.join('\n'));
  for (const [index, pattern] of says.entries()) assert.match(told[index] ?? '', pattern);
}

const userId: TestOptions['userId'] = ({ user }) => user.id;

describe('checkConfiguration', () => {
  it('a configuration that works has no problem, and no code is sent', async () => {
    const { emulator, told } = await check();
    assert.deepEqual(told, []);
    assert.deepEqual(emulator.messages(), []);
    assert.deepEqual(
      emulator.requests().map(({ method, path }) => `${method} ${path}`),
      [`GET /v2/Services/${emulator.serviceSid}`],
    );
  });

  it('an API key works too', async () => {
    const emulator = await startVerifyEmulator();
    running.push(() => emulator.stop());
    const { apiKey, apiSecret, url: baseUrl } = emulator;
    await assertProblems([], { authToken: undefined as never, apiKey, apiSecret, baseUrl });
  });

  it('all missing credentials are named at once', async () => {
    const none = { accountSid: undefined, authToken: undefined, serviceSid: undefined } as unknown as TestOptions;
    await assertProblems(
      [
        /^CREDENTIALS: .*set TWILIO_ACCOUNT_SID in the environment, or pass the option "accountSid"/,
        /^CREDENTIALS: .*TWILIO_AUTH_TOKEN/,
        /^CREDENTIALS: .*TWILIO_VERIFY_SERVICE_SID/,
      ],
      none,
    );
  });

  it('an API key without its secret is named', async () => {
    await assertProblems([/^CREDENTIALS: .*TWILIO_API_SECRET/], { apiKey: `SK${'1'.repeat(32)}` });
  });

  it('missing credentials and an unreachable Twilio are named together', async () => {
    await assertProblems(
      [/^CREDENTIALS: .*TWILIO_AUTH_TOKEN/, /^UNAVAILABLE: .*ECONNREFUSED.*Is the emulator running\?/],
      { authToken: undefined as never, baseUrl: 'http://127.0.0.1:1' },
    );
  });

  for (const { name, options, emulator, says } of [
    {
      name: 'a service that does not exist',
      options: { serviceSid: `VA${'9'.repeat(32)}` },
      says: /^CONFIGURATION: .*20404.*no such Verify service\. Set TWILIO_VERIFY_SERVICE_SID/,
    },
    {
      name: 'a wrong auth token',
      options: { authToken: 'hunter2' },
      says: /^CONFIGURATION: .*20003.*credentials are wrong/,
    },
    {
      name: 'another code length than the option',
      options: { codeLength: 6 },
      emulator: { codeLength: 8 },
      says: /^CONFIGURATION: The Verify service sends codes of 8 digits, and the option "codeLength" is 6\. Add codeLength: 8,/,
    },
    {
      name: 'another code length than the default',
      options: {},
      emulator: { codeLength: 7 },
      says: /^CONFIGURATION: .*codes of 7 digits.*"codeLength" is 6/,
    },
    {
      name: 'an unreachable Twilio',
      options: { baseUrl: 'http://127.0.0.1:1' },
      says: /^UNAVAILABLE: .*ECONNREFUSED at 127\.0\.0\.1:1/,
    },
    {
      name: 'an unreachable store of the limits',
      options: { createLimiter: () => Promise.reject(new Error('down')), hashSecret: 'secret' },
      says: /^LIMITER: /,
    },
  ] satisfies readonly { name: string; options: TestOptions; emulator?: VerifyEmulatorOptions; says: RegExp }[]) {
    it(`a problem is reported without a rejection or a secret: ${name}`, async () => {
      const { told } = await check(options, emulator);
      assert.equal(told.length, 1, told.join('\n'));
      assert.match(told[0] ?? '', says);
      assert.doesNotMatch(told[0] ?? '', /hunter2/);
    });
  }

  it('a Twilio that is busy or down is a problem, not a rejection', async () => {
    for (const { fault, says } of [
      { fault: { code: 20429 }, says: /^UNAVAILABLE: .*429 with code 20429.*Try again later/ },
      { fault: { status: 503 }, says: /^UNAVAILABLE: Twilio answered 503/ },
      { fault: { status: 200, body: '<html>' }, says: /^UNAVAILABLE: .*gave no readable answer/ },
    ]) {
      const emulator = await startVerifyEmulator();
      running.push(() => emulator.stop());
      emulator.fail({ call: 'service', ...fault });
      await assertProblems([says], { baseUrl: emulator.url });
    }
  });

  describe('with callbacks, whose values are unknown without a request', () => {
    it('no callback is called, and the rest is checked', async () => {
      const unasked = () => assert.fail('called without a request');
      const options: TestOptions = { userId, accountSid: unasked, authToken: unasked, serviceSid: unasked };
      const { emulator, told } = await check(options);
      assert.deepEqual(told, []);
      assert.deepEqual(
        emulator.requests().map(({ status }) => status),
        [401],
      );
      await assertProblems([/^UNAVAILABLE: .*ECONNREFUSED/], { ...options, baseUrl: 'http://127.0.0.1:1' });
    });

    it('a fixed credential that is missing is named', async () => {
      const options = { userId, accountSid: () => undefined, authToken: undefined, serviceSid: undefined };
      await assertProblems([/TWILIO_AUTH_TOKEN/, /TWILIO_VERIFY_SERVICE_SID/], options as unknown as TestOptions);
    });
  });

  it("the app's own client is used", async () => {
    const emulator = await startVerifyEmulator();
    running.push(() => emulator.stop());
    class ToEmulator extends twilio.RequestClient {
      override request: typeof twilio.RequestClient.prototype.request = (request) =>
        super.request({ ...request, uri: request.uri.replace('https://verify.twilio.com', emulator.url) });
    }
    const client = twilio(emulator.accountSid, 'wrong', { httpClient: new ToEmulator() });
    await assertProblems([/^CONFIGURATION: .*20003/], { client });
  });
});
