import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { CA_FILE, startProxy, startTlsServer, withNetwork } from '../../support/private-ca.js';
import type { TestOptions } from '../../support/test-app.js';
import { startAppWith } from './support/app-with.js';

const VARIABLES = [
  'TWILIO_ACCOUNT_SID',
  'TWILIO_AUTH_TOKEN',
  'TWILIO_API_KEY',
  'TWILIO_API_SECRET',
  'TWILIO_VERIFY_SERVICE_SID',
];
const before = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));
for (const name of VARIABLES) delete process.env[name];
after(() => {
  for (const [name, value] of Object.entries(before)) if (value !== undefined) process.env[name] = value;
});

const warnings: (Error & { code?: string })[] = [];
const keep = (warning: Error) => warnings.push(warning);
beforeEach(() => process.on('warning', keep));
afterEach(() => {
  process.off('warning', keep);
  warnings.length = 0;
});

/** An application that asks for a code on its pages and through the core. */
const start = (options: TestOptions) =>
  startAppWith(({ app, sessions, addLogin, twoFactor }) => {
    app.use(...sessions);
    addLogin();
    app.use('/2fa', twoFactor.router());
    app.post('/core', (req, res, next) => void twoFactor.start(req, 'sms').then((result) => res.json(result), next));
  }, options);

const userId: TestOptions['userId'] = ({ user }) => user.id;
const MISSING: readonly { readonly name: string; readonly variable: string; readonly options: TestOptions }[] = [
  { name: 'accountSid', variable: 'TWILIO_ACCOUNT_SID', options: { accountSid: () => undefined, userId } },
  { name: 'authToken', variable: 'TWILIO_AUTH_TOKEN', options: { authToken: () => undefined, userId } },
  { name: 'apiSecret', variable: 'TWILIO_API_SECRET', options: { apiKey: `SK${'2'.repeat(32)}` } },
  { name: 'serviceSid', variable: 'TWILIO_VERIFY_SERVICE_SID', options: { serviceSid: () => undefined, userId } },
];

describe('credentials that are missing', () => {
  for (const { name, variable, options } of MISSING) {
    it(`missing credentials are an error that names the variable and the option: ${name}`, async () => {
      const app = await start(options);
      const browser = await app.signedIn();
      const { status, text } = await browser.post('/core');
      const line = `set ${variable} in the environment, or pass the option "${name}"`;
      assert.equal(status, 500);
      assert.ok(text.startsWith('ERR_TWILIO_VERIFY_CREDENTIALS: ') && text.includes(line), text);
      assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/failed');
      await new Promise(setImmediate);
      assert.deepEqual(
        warnings.map(({ code, message }) => `${code}: ${message}`),
        [text],
      );
      assert.deepEqual(app.emulator.requests(), []);
    });
  }
});

describe('credentials that Twilio rejects', () => {
  for (const { name, options, says } of [
    {
      name: 'another service',
      options: { serviceSid: `VA${'9'.repeat(32)}` },
      says: /20404: .*no such Verify service\. Set TWILIO_VERIFY_SERVICE_SID, or the option "serviceSid"/,
    },
    {
      name: 'another auth token',
      options: { authToken: 'not-the-right-one' },
      says: /20003: .*Check TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN, or with TWILIO_API_KEY and TWILIO_API_SECRET/,
    },
  ]) {
    it(`rejected credentials are an error that names the variable and the option: ${name}`, async () => {
      const browser = await (await start(options)).signedIn();
      const { status, text } = await browser.post('/core');
      assert.equal(status, 503);
      assert.match(text, /^ERR_TWILIO_VERIFY_CONFIGURATION: /);
      assert.match(text, says);
      assert.ok(!text.includes('not-the-right-one'));
    });
  }
});

describe('a Verify service, or an account, that is not set up for this', () => {
  for (const { code, status, says } of [
    { code: 21608, status: 403, says: /trial account.*Verify the number in the Twilio Console, or upgrade/ },
    { code: 60204, status: 403, says: /custom codes.*"client" or "baseUrl"/ },
    { code: 60206, status: 400, says: /amount and a payee.*Switch PSD2 off in the Console/ },
    {
      code: 60207,
      status: 404,
      says: /a rate limit of .*is in the way\. Compare .*"rateLimits" .*in the Console/,
    },
    { code: 60999, status: 403, says: /Check that the credentials may use Verify.*"baseUrl"/ },
  ]) {
    it(`a Verify service or account with the wrong setup is an error with the setting to change: ${code}`, async () => {
      const app = await start({});
      app.emulator.fail({ call: 'create', code, status });
      const { text } = await (await app.signedIn()).post('/core');
      assert.match(text, new RegExp(`^ERR_TWILIO_VERIFY_CONFIGURATION: .*${code}`));
      assert.match(text, says);
    });
  }

  it('a wrong setup and an unavailable Twilio are different errors', async () => {
    const app = await start({});
    app.emulator.fail({ call: 'create', status: 500 });
    const { status, text } = await (await app.signedIn()).post('/core');
    assert.equal(status, 503);
    assert.match(text, /^ERR_TWILIO_VERIFY_UNAVAILABLE: Twilio answered 500/);
  });
});

describe('a Twilio that cannot be reached', () => {
  const UNREACHABLE: readonly {
    readonly name: string;
    readonly baseUrl: () => Promise<string>;
    readonly code: RegExp;
    readonly says: RegExp;
  }[] = [
    {
      name: 'an emulator that does not run',
      baseUrl: async () => 'http://127.0.0.1:1',
      code: /^ECONNREFUSED$/,
      says: /Can't reach http:\/\/127\.0\.0\.1:1 .*\(ECONNREFUSED at 127\.0\.0\.1:1\)\. Is the emulator running\? Start it with: npx/,
    },
    {
      name: 'a name that DNS does not know',
      baseUrl: async () => 'https://no-such-host.invalid',
      code: /^(ENOTFOUND|EAI_AGAIN)$/,
      says: /no-such-host\.invalid .*\((ENOTFOUND|EAI_AGAIN)\)\. DNS has no address .*"baseUrl"/,
    },
    {
      name: 'a certificate of a private CA',
      baseUrl: async () => `https://localhost:${await startTlsServer('http://127.0.0.1:1')}`,
      code: /^UNABLE_TO_/,
      says: /\(UNABLE_TO_\w+\)\. The certificate .*set TWILIO_CA_BUNDLE or NODE_EXTRA_CA_CERTS/,
    },
  ];
  for (const { name, baseUrl, code, says } of UNREACHABLE) {
    it(`an unreachable Twilio causes one warning, with Node's code there, in the error, and in the events: ${name}`, async () => {
      const causes: unknown[] = [];
      const app = await startAppWith(
        ({ app, sessions, addLogin, twoFactor }) => {
          app.use(...sessions);
          addLogin();
          app.use('/2fa', twoFactor.router());
          app.post('/core', (req, _res, next) => void twoFactor.start(req, 'sms').catch(next));
          twoFactor.on('twilioError', ({ error }) =>
            causes.push((error as { cause?: { code?: unknown } }).cause?.code),
          );
          twoFactor.on('audit', ({ cause }) => causes.push(cause));
        },
        { baseUrl: await baseUrl(), retryTimeSeconds: 0 },
      );
      const browser = await app.signedIn();
      assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/failed');
      assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/failed');
      const { status, text } = await browser.post('/core');
      assert.equal(status, 503);
      assert.match(text, /^ERR_TWILIO_VERIFY_UNAVAILABLE: /);
      assert.match(text, says);
      await new Promise(setImmediate);
      const told = warnings.map((warning) => `${warning.code}: ${warning.message}`);
      assert.deepEqual(told, [text]);
      assert.equal(causes.length, 6);
      for (const cause of causes) assert.match(String(cause), code);
    });
  }

  it('a Twilio that is down causes one warning, with its status', async () => {
    const app = await start({ retryTimeSeconds: 0 });
    app.emulator.fail({ call: 'create', status: 502, body: '<html>Bad gateway', times: 2 });
    const browser = await app.signedIn();
    for (const _ of [1, 2]) await browser.post('/2fa', { method: 'sms' });
    await new Promise(setImmediate);
    const [first = '', ...more] = warnings.map(({ code, message }) => `${code}: ${message}`);
    assert.match(
      first,
      /^ERR_TWILIO_VERIFY_UNAVAILABLE: Twilio answered 502 to "create"\. Check https:\/\/status\.twilio\.com\. /,
    );
    assert.deepEqual(more, []);
  });
});

describe('a network with a proxy and a private CA', () => {
  it('a user signs in through both', async () => {
    const tunnels: string[] = [];
    await withNetwork({}, async () => {
      const app = await start({ baseUrl: 'https://verify.twilio.com' });
      const proxy = await startProxy({ port: await startTlsServer(app.emulator.url) });
      await withNetwork({ HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, TWILIO_CA_BUNDLE: CA_FILE }, async () => {
        const browser = await app.signedIn();
        assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
        const code = await app.emulator.codeFor('+12025550123');
        assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa/success');
      });
      tunnels.push(...proxy.tunnels);
    });
    assert.deepEqual(tunnels, ['verify.twilio.com:443']);
  });

  it('an error reports a proxy without a scheme, and shows the required form', async () => {
    await withNetwork({ HTTPS_PROXY: 'proxy.example.com:3128' }, async () => {
      const { text } = await (await (await start({})).signedIn()).post('/core');
      assert.match(text, /^ERR_TWILIO_VERIFY_CONFIGURATION: .*HTTPS_PROXY.*such as http:\/\/proxy\.example\.com:3128/);
    });
  });
});
