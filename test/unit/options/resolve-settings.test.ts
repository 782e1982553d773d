import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, it } from 'node:test';
import { resolveSettings } from '../../../src/options/resolve-settings.js';
import { packageFiles } from '../../../src/package-files.js';

/** Options that break their types: the applications that are written in JavaScript give them. */
type Given = Readonly<Record<string, unknown>>;
type Env = NodeJS.ProcessEnv;

const REQUIRED: Given = { phoneNumber: () => undefined, storePhoneNumber: () => undefined };
const resolve = (given: Given, env: Env = {}) => resolveSettings({ ...REQUIRED, ...given } as never, env, packageFiles);
const context = { user: { id: 'ann' }, req: {} } as never;

/** Runs something and gives the warnings that it causes. */
async function warningsOf(run: () => unknown): Promise<string[]> {
  const warnings: string[] = [];
  const listen = (warning: Error) => warnings.push(warning.message);
  process.on('warning', listen);
  run();
  await new Promise(setImmediate);
  process.off('warning', listen);
  return warnings;
}

describe('options out of their range', () => {
  const ROWS: readonly { readonly name: string; readonly wrong: readonly unknown[] }[] = [
    { name: 'accountSid', wrong: ['', 'US123', 42] },
    { name: 'authToken', wrong: ['', ' ', 42] },
    { name: 'apiKey', wrong: ['AC123', 42] },
    { name: 'apiSecret', wrong: ['', {}] },
    { name: 'serviceSid', wrong: ['AC123', ''] },
    { name: 'client', wrong: ['client', 42] },
    { name: 'baseUrl', wrong: ['api.example.com', 'ftp://example.com', 42, ' '] },
    { name: 'timeoutSeconds', wrong: [0, 0.5, 61, Number.NaN, '10'] },
    { name: 'allowedMethods', wrong: ['sms', ['pigeon'], ['sms', null]] },
    { name: 'phoneNumber', wrong: ['+12025550123', undefined, null] },
    { name: 'storePhoneNumber', wrong: [true, {}, undefined] },
    { name: 'email', wrong: ['ann@example.com', true] },
    { name: 'allowRegister', wrong: ['yes', 1] },
    { name: 'registerOptional', wrong: ['no', 0] },
    { name: 'allowChange', wrong: ['yes', 1] },
    { name: 'isRequired', wrong: ['yes', 1] },
    { name: 'retryTimeSeconds', wrong: [-1, 86_401, '30', Number.NaN, [], [30, -1], ['30']] },
    { name: 'codeLength', wrong: [3, 11, 6.5, '6'] },
    { name: 'maxAgeSeconds', wrong: [29, -1, Number.NaN, '300'] },
    { name: 'verifySuccessUrl', wrong: ['home', '//evil.example', 'javascript:alert(1)'] },
    { name: 'loginUrl', wrong: ['login', '//evil.example', () => '/login'] },
    { name: 'logoutUrl', wrong: ['logout', '/\\evil.example'] },
    { name: 'helpUrl', wrong: ['help', 'javascript:alert(1)'] },
    { name: 'mountPath', wrong: ['2fa', '//2fa', '/2fa?a', 'https://example.com/2fa'] },
    { name: 'basePath', wrong: ['portal', '//portal', '/portal?a', '/a b', '/café', 'https://example.com', 42] },
    { name: 'serviceName', wrong: ['', 42] },
    { name: 'methodDisplay', wrong: [{ icon: null }, 'fas fa-phone'] },
    {
      name: 'brand',
      wrong: ['Acme', {}, { name: ' ' }, { name: 'Acme', logoUrl: 'logo.svg' }, { name: 'Acme', logo: '/a.svg' }],
    },
    { name: 'stylesheets', wrong: ['/a.css', ['a.css'], [42]] },
    { name: 'locale', wrong: ['', 'not a language', 42] },
    { name: 'country', wrong: ['USA', 'us', 'UK', 'ZZ', () => 'US'] },
    { name: 'allowedCountries', wrong: ['US', [], ['USA'], ['US', 'UK'], ['US', 'ZZ']] },
    { name: 'views', wrong: ['', [''], 42, '/nope', [__dirname, '/nope'], __filename] },
    { name: 'userId', wrong: ['id', 42] },
    { name: 'name', wrong: ['', 'a b', '__proto__', 42, 'passport', 'cookie', 'messages', 'returnTo'] },
    { name: 'hashSecret', wrong: ['', ' ', 42, () => 'secret'] },
    { name: 'codeField', wrong: ['', 'a b', 'constructor', 42] },
    { name: 'allowedOrigins', wrong: ['https://app.example.com', ['https://app.example.com/'], ['*'], ['null']] },
    { name: 'limits', wrong: [42, 'none'] },
    { name: 'createLimiter', wrong: [{}, 'redis'] },
    { name: 'passReqToCallback', wrong: ['true', 1] },
    { name: 'clock', wrong: [0, new Date()] },
  ];
  for (const { option, meant } of [
    { option: { country: 'UK' }, meant: 'GB' },
    { option: { country: 'us' }, meant: 'US' },
    { option: { allowedCountries: ['US', 'UK'] }, meant: 'GB' },
  ]) {
    it(`suggest the country that was probably meant: ${JSON.stringify(option)}`, () => {
      assert.throws(() => resolve(option), new RegExp(`^TypeError: .*did you mean "${meant}"\\?`));
    });
  }

  for (const { name, wrong } of ROWS) {
    for (const value of wrong) {
      it(`throw a TypeError that names "${name}": ${typeof value === 'function' ? 'a callback' : JSON.stringify(value)}`, () => {
        assert.throws(
          () => resolve({ [name]: value }),
          (error) => error instanceof TypeError && error.message.includes(`option "${name}"`),
        );
      });
    }
  }

  for (const { name, limits, said } of [
    {
      name: 'an unknown number',
      limits: { wrongCodes: 5 },
      said: /"limits\.wrongCodes"; there are .*wrongCodesPerLock/,
    },
    { name: 'a count of 0', limits: { wrongCodesPerLock: 0 }, said: /"limits\.wrongCodesPerLock" must be/ },
    { name: 'a rate that is no list', limits: { sendsPerUser: { points: 1 } }, said: /"limits\.sendsPerUser" must be/ },
    { name: 'a scope that is no name', limits: { scope: 'a b' }, said: /"limits\.scope" must be a name/ },
    { name: 'an empty scope', limits: { scope: '' }, said: /"limits\.scope" must be a name/ },
    { name: 'a rate without points', limits: { sendsPerIp: [{ durationSeconds: 1 }] }, said: /"limits\.sendsPerIp"/ },
  ]) {
    it(`throw a TypeError for ${name} in "limits"`, () => {
      assert.throws(
        () => resolve({ limits }),
        (error) => error instanceof TypeError && said.test(error.message),
      );
    });
  }

  for (const given of [undefined, null, 'options', 42]) {
    it(`throw a TypeError where there are none: ${given}`, () => {
      assert.throws(() => resolveSettings(given as never, {}, packageFiles), /^TypeError: .*"phoneNumber"/);
    });
  }
});

describe('unknown options', () => {
  for (const { unknown, nearest } of [
    { unknown: 'retryTimeSecs', nearest: 'retryTimeSeconds' },
    { unknown: 'serviceSID', nearest: 'serviceSid' },
    { unknown: 'allowedMethod', nearest: 'allowedMethods' },
    { unknown: 'verifySuccesURL', nearest: 'verifySuccessUrl' },
    { unknown: 'phonenumber', nearest: 'phoneNumber' },
  ]) {
    it(`throw a TypeError with the nearest name: "${unknown}"`, () => {
      assert.throws(
        () => resolve({ [unknown]: 'x' }),
        (error) =>
          error instanceof TypeError &&
          error.message.endsWith(`unknown option "${unknown}"; did you mean "${nearest}"?`),
      );
    });
  }
});

describe('the defaults', () => {
  it('the defaults match the documentation', async () => {
    const settings = resolve({});
    const { name, timeoutMs, country, allowedCountries, codeField, maxAgeSeconds, mountPath } = settings;
    assert.deepEqual(
      { name, timeoutMs, country, allowedCountries, codeField, maxAgeSeconds, mountPath },
      {
        name: 'twilio-2fa',
        timeoutMs: 10_000,
        country: 'US',
        allowedCountries: ['US'],
        codeField: 'code',
        maxAgeSeconds: Number.POSITIVE_INFINITY,
        mountPath: '/2fa',
      },
    );
    assert.deepEqual(await settings.allowedMethods(context), ['sms', 'call', 'whatsapp']);
    assert.equal(await settings.allowRegister(context), true);
    assert.equal(await settings.registerOptional(context), false);
    assert.equal(await settings.allowChange(context), true);
    assert.equal(await settings.isRequired(context), true);
    assert.equal(await settings.retryTimeSeconds(context), 180);
    assert.equal(await settings.codeLength({ ...(context as object), purpose: 'signIn' } as never), undefined);
    assert.equal(await settings.userId(context), 'ann');
    const nothing = [settings.client, settings.baseUrl, settings.loginUrl, settings.logoutUrl, settings.helpUrl];
    assert.deepEqual(nothing, [undefined, undefined, undefined, undefined, undefined]);
    assert.deepEqual([settings.stylesheets, settings.views, settings.allowedOrigins], [[], [], []]);
  });

  for (const { option, variable } of [
    { option: 'accountSid', variable: 'TWILIO_ACCOUNT_SID' },
    { option: 'authToken', variable: 'TWILIO_AUTH_TOKEN' },
    { option: 'apiKey', variable: 'TWILIO_API_KEY' },
    { option: 'apiSecret', variable: 'TWILIO_API_SECRET' },
    { option: 'serviceSid', variable: 'TWILIO_VERIFY_SERVICE_SID' },
  ] as const) {
    it(`take "${option}" from ${variable}`, async () => {
      assert.equal(await resolve({}, { [variable]: 'from the environment' })[option](context), 'from the environment');
    });
  }

  it('take "allowedCountries" from "country"', () => {
    assert.deepEqual(resolve({ country: 'DE' }).allowedCountries, ['DE']);
  });
});

describe('option "storePhoneNumber"', () => {
  it('"storePhoneNumber" is optional only if neither registration nor change is allowed', () => {
    resolve({ storePhoneNumber: undefined, allowRegister: false, allowChange: false });
    for (const given of [{ allowRegister: false }, { allowChange: false }, { allowRegister: () => false }]) {
      assert.throws(() => resolve({ ...given, storePhoneNumber: undefined }), /"storePhoneNumber" must be a function/);
    }
  });
});

describe('option "baseUrl"', () => {
  const production = { NODE_ENV: 'production' };

  for (const { name, given, env = {}, expected } of [
    {
      name: 'is taken without the slash at its end',
      given: 'http://127.0.0.1:4010/',
      expected: 'http://127.0.0.1:4010',
    },
    { name: 'may have a path', given: 'https://proxy.example/twilio/', expected: 'https://proxy.example/twilio' },
    {
      name: 'is TWILIO_VERIFY_BASE_URL by default',
      env: { TWILIO_VERIFY_BASE_URL: 'http://127.0.0.1:4010' },
      expected: 'http://127.0.0.1:4010',
    },
    { name: "is Twilio's where that is empty", env: { TWILIO_VERIFY_BASE_URL: '' }, expected: undefined },
    {
      name: 'wins over TWILIO_VERIFY_BASE_URL',
      given: 'http://127.0.0.1:1',
      env: { TWILIO_VERIFY_BASE_URL: 'http://127.0.0.1:2' },
      expected: 'http://127.0.0.1:1',
    },
  ]) {
    it(name, () => {
      assert.equal(resolve(given === undefined ? {} : { baseUrl: given }, env).baseUrl, expected);
    });
  }

  for (const { name, given, env } of [
    { name: 'the option', given: { baseUrl: 'http://127.0.0.1:4010' }, env: production },
    {
      name: 'TWILIO_VERIFY_BASE_URL',
      given: {},
      env: { ...production, TWILIO_VERIFY_BASE_URL: 'http://proxy.example' },
    },
  ]) {
    it(`"baseUrl" must use HTTPS in production: ${name}`, () => {
      assert.throws(() => resolve(given, env), /^TypeError: .*"baseUrl".* must be https in production/);
    });
  }

  for (const { name, baseUrl, warns } of [
    { name: "another host than Twilio's", baseUrl: 'https://proxy.example', warns: true },
    { name: "a host that only ends like Twilio's", baseUrl: 'https://eviltwilio.com', warns: true },
    { name: "Twilio's host", baseUrl: 'https://verify.twilio.com', warns: false },
    { name: "a region of Twilio's", baseUrl: 'https://verify.dublin.ie1.twilio.com', warns: false },
  ]) {
    it(`${warns ? 'warns' : 'does not warn'} in production of ${name}`, async () => {
      const { hostname } = new URL(baseUrl);
      const warnings = await warningsOf(() => assert.equal(resolve({ baseUrl }, production).baseUrl, baseUrl));
      assert.deepEqual(
        warnings.map((text) => text.includes(`through ${hostname},`)),
        warns ? [true] : [],
      );
    });
  }

  it('does not warn outside production', async () => {
    assert.deepEqual(await warningsOf(() => resolve({ baseUrl: 'http://127.0.0.1:4010' })), []);
  });

  it('"baseUrl" is checked in the environment that creates the strategy', () => {
    const script =
      "const { TwilioVerifyStrategy } = require('./src/index.ts');" +
      'try { new TwilioVerifyStrategy({ phoneNumber() {}, storePhoneNumber() {} }); console.log("made"); }' +
      'catch (error) { console.log(error.message); }';
    const madeIn = (env: Env) =>
      spawnSync(process.execPath, ['--import', 'tsx', '--eval', script], {
        cwd: path.join(__dirname, '../../..'),
        env: { PATH: process.env.PATH, ...env },
        encoding: 'utf8',
      }).stdout;
    const TWILIO_VERIFY_BASE_URL = 'http://127.0.0.1:4010';
    assert.match(madeIn({ ...production, TWILIO_VERIFY_BASE_URL }), /must be https in production/);
    assert.equal(madeIn({ TWILIO_VERIFY_BASE_URL }), 'made\n');
    assert.equal(madeIn(production), 'made\n');
  });
});

describe('the key that limits are hashed with', () => {
  const createLimiter = () => undefined;
  const userId = () => 'acme:1';
  const key = (given: Given, env: Env = {}) =>
    resolve({ createLimiter, userId, ...given }, env).hashKey.toString('hex');

  it('equal credentials have equal keys', () => {
    assert.equal(key({ authToken: 'secret' }), key({}, { TWILIO_AUTH_TOKEN: 'secret' }));
    assert.equal(key({ hashSecret: 'secret', authToken: 'a' }), key({ hashSecret: 'secret', apiSecret: 'b' }));
  });

  it('each secret has its own key', () => {
    const keys = [
      { authToken: 'a' },
      { authToken: 'b' },
      { apiSecret: 'c' },
      { client: { password: 'd' } },
      { hashSecret: 'e', authToken: 'a' },
    ].map((given) => key(given));
    assert.equal(new Set(keys).size, keys.length);
  });

  const withoutSecret: readonly { readonly name: string; readonly given: Given; readonly env?: Env }[] = [
    { name: 'the auth token is a callback', given: { authToken: () => 'secret' } },
    { name: 'the API secret is a callback', given: { apiKey: 'SK1', apiSecret: () => 'secret' } },
    { name: 'only the service SID is given', given: { serviceSid: 'VA1' } },
    { name: 'the client has no password', given: { client: {} } },
    { name: 'the variable is empty', given: {}, env: { TWILIO_AUTH_TOKEN: '' } },
  ];
  for (const { name, given, env } of withoutSecret) {
    it(`"hashSecret" is required if ${name}`, () => {
      assert.throws(
        () => key(given, env),
        /^TypeError: .*"hashSecret" is required with "createLimiter".*Add hashSecret:/,
      );
      assert.equal(key({ ...given, hashSecret: 'secret' }, env), key({ hashSecret: 'secret' }));
    });
  }

  it('all strategies of a process have one random key in memory', () => {
    const inMemory = (given: Given) => key({ createLimiter: undefined, ...given });
    assert.equal(inMemory({}), inMemory({ authToken: () => 'secret' }));
    assert.equal(inMemory({}), inMemory({ authToken: 'secret' }));
    assert.notEqual(inMemory({}), key({ authToken: 'secret' }));
    assert.equal(inMemory({ hashSecret: 'secret' }), key({ hashSecret: 'secret' }));
  });
});

describe('the options of several tenants', () => {
  const callback = () => undefined;

  for (const name of ['accountSid', 'authToken', 'apiKey', 'apiSecret', 'serviceSid']) {
    it(`"userId" is required if "${name}" is a callback`, () => {
      const missing = new RegExp(`^TypeError: .*"userId" is required, because "${name}" is a callback.*Add userId: `);
      assert.throws(() => resolve({ [name]: callback }), missing);
      resolve({ [name]: callback, userId: () => 'acme:1' });
    });
  }

  it('"userId" is optional if other options are callbacks', () => {
    resolve({ authToken: 'secret', allowedMethods: callback, rateLimits: callback });
  });
});
