import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import twilio from 'twilio';
import { startTestApp, type TestApp, type TestOptions } from '../../support/test-app.js';

const ACCOUNT = {
  accountSid: `AC${'1'.repeat(32)}`,
  authToken: 'the-auth-token',
  apiKey: `SK${'2'.repeat(32)}`,
  apiSecret: 'the-api-secret',
  serviceSid: `VA${'3'.repeat(32)}`,
} as const;

type Credential = keyof typeof ACCOUNT;

interface Row {
  readonly name: Credential;
  readonly variable: string;
  readonly wrong: string;
  /** The other options that leave the decision to this one. */
  readonly others: TestOptions;
}

const { accountSid, authToken, apiKey, apiSecret, serviceSid } = ACCOUNT;
const ROWS: readonly Row[] = [
  {
    name: 'accountSid',
    variable: 'TWILIO_ACCOUNT_SID',
    wrong: `AC${'9'.repeat(32)}`,
    others: { authToken, serviceSid },
  },
  { name: 'authToken', variable: 'TWILIO_AUTH_TOKEN', wrong: 'another', others: { accountSid, serviceSid } },
  {
    name: 'apiKey',
    variable: 'TWILIO_API_KEY',
    wrong: `SK${'9'.repeat(32)}`,
    others: { accountSid, authToken: 'revoked', apiSecret, serviceSid },
  },
  {
    name: 'apiSecret',
    variable: 'TWILIO_API_SECRET',
    wrong: 'another',
    others: { accountSid, authToken: 'revoked', apiKey, serviceSid },
  },
  {
    name: 'serviceSid',
    variable: 'TWILIO_VERIFY_SERVICE_SID',
    wrong: `VA${'9'.repeat(32)}`,
    others: { accountSid, authToken },
  },
];

/** An option that says nothing, so that its default counts. */
const NOTHING: TestOptions = {
  userId: ({ user }) => user.id,
  accountSid: () => undefined,
  authToken: () => undefined,
  serviceSid: () => undefined,
};

const start = (twoFactor: TestOptions): Promise<TestApp> =>
  startTestApp({ emulator: ACCOUNT, twoFactor: { ...NOTHING, ...twoFactor } });

/** Returns the path after a request for a code: the code page only if Twilio has accepted the credentials. */
async function askForCode(app: TestApp, id = 'ann'): Promise<string | null> {
  return (await (await app.signedIn(id)).post('/2fa', { method: 'sms' })).location;
}

describe('the credentials', () => {
  const variables = ROWS.map(({ variable }) => variable);
  for (const variable of variables) delete process.env[variable];
  afterEach(() => {
    for (const variable of variables) delete process.env[variable];
  });

  for (const { name, variable, wrong, others } of ROWS) {
    const right = ACCOUNT[name];

    it(`option "${name}" can be a value`, async () => {
      assert.equal(await askForCode(await start({ ...others, [name]: right })), '/2fa/verify');
      assert.equal(await askForCode(await start({ ...others, [name]: wrong })), '/2fa/failed');
    });

    it(`option "${name}" can be a callback that runs for every user`, async () => {
      const app = await start({
        ...others,
        [name]: async ({ user, req }: { user: { id: string }; req: { path: string } }) =>
          user.id === 'ann' && req.path === '/' ? right : wrong,
      });
      assert.equal(await askForCode(app, 'ann'), '/2fa/verify');
      assert.equal(await askForCode(app, 'eve'), '/2fa/failed');
    });

    it(`the variable ${variable} replaces a missing option "${name}"`, async () => {
      process.env[variable] = right;
      assert.equal(await askForCode(await start({ ...others, [name]: () => undefined })), '/2fa/verify');
    });

    it(`option "${name}" takes precedence over ${variable}`, async () => {
      process.env[variable] = wrong;
      assert.equal(await askForCode(await start({ ...others, [name]: right })), '/2fa/verify');
    });
  }

  for (const { name, variable } of ROWS.filter((row) => row.name !== 'apiKey')) {
    it(`a missing "${name}" is an error that names it, and nothing is sent`, async () => {
      const warnings: string[] = [];
      const listen = (warning: Error) => warnings.push(warning.message);
      process.on('warning', listen);
      const given = name === 'apiSecret' ? { ...ACCOUNT } : { accountSid, authToken, serviceSid };
      const app = await start({ ...given, [name]: () => undefined });
      assert.equal(await askForCode(app), '/2fa/failed');
      assert.deepEqual(app.emulator.requests(), []);
      await new Promise(setImmediate);
      process.off('warning', listen);
      assert.ok(
        warnings.some((text) => text.includes(`"${name}"`) && text.includes(variable)),
        `warnings: ${warnings.join('\n')}`,
      );
    });
  }

  it('option "client" replaces credentials and base URL', async () => {
    const urls: string[] = [];
    class ToEmulator extends twilio.RequestClient {
      override request: typeof twilio.RequestClient.prototype.request = (request) => {
        urls.push(request.uri);
        return super.request({ ...request, uri: request.uri.replace('https://verify.twilio.com', app.emulator.url) });
      };
    }
    const client = twilio(accountSid, authToken, { httpClient: new ToEmulator() });
    const app = await start({ client, serviceSid, baseUrl: 'http://127.0.0.1:1' });
    assert.equal(await askForCode(app), '/2fa/verify');
    assert.equal(urls.length, 1);
    assert.equal(app.emulator.messages('+12025550123').length, 1);
  });
});
