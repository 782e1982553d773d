import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TwilioVerifyStrategy } from 'passport-twilio-verify';
import { assertRefuses } from '../../support/page.js';
import { lastCode, withCode } from '../../support/steps.js';
import { startTestApp, type TestApp, type TestOptions, type TestUser } from '../../support/test-app.js';

const start = (twoFactor: TestOptions) => startTestApp({ twoFactor });

describe('option "userId"', () => {
  it('userId replaces user.id as the owner of a verification', async () => {
    let account = 'a';
    const app = await start({ userId: async ({ user, req }) => `${user.id} ${account} ${typeof req?.url}` });
    const browser = await app.verified('ann');
    assert.equal((await browser.get('/account')).status, 200);
    account = 'b';
    assert.equal((await browser.get('/account')).location, '/2fa');
  });

  it('says whose a pending verification is', async () => {
    let account = 1n;
    const app = await start({ userId: () => account });
    const browser = await withCode(app, 'ann');
    account = 2n;
    assert.equal((await browser.get('/2fa/verify')).location, '/2fa');
    // The other account has removed it.
    account = 1n;
    assert.equal((await browser.get('/2fa/verify')).location, '/2fa');
  });

  for (const { name, userId } of [
    { name: 'undefined', userId: () => undefined },
    { name: 'null', userId: async () => null },
    { name: 'an empty string', userId: () => '' },
    { name: 'NaN', userId: () => Number.NaN },
  ]) {
    it(`a userId that returns ${name} is an error: no two users can share an ID`, async () => {
      const app = await start({ userId });
      const browser = await app.signedIn('ann');
      for (const path of ['/account', '/2fa']) {
        const { status, text } = await browser.get(path);
        assert.equal(status, 500);
        assert.match(text, /^ERR_TWILIO_VERIFY_(USER_ID|OPTION): .*"userId"/);
      }
    });
  }

  it('userId is user.id by default, and a user without one is an error with the line to add', async () => {
    const app = await startTestApp({
      routes: (express, passport) =>
        express.get(
          '/anonymous',
          (req, _res, next) => {
            req.user = {};
            next();
          },
          passport.authenticate('twilio-2fa'),
        ),
    });
    const { status, text } = await (await app.signedIn('ann')).get('/anonymous');
    assert.equal(status, 500);
    assert.match(text, /^ERR_TWILIO_VERIFY_USER_ID: .*user\.id.*userId:/);
  });
});

describe('option "name"', () => {
  /** A second strategy in the same application, with its own pages and protected route. */
  function addSecond({ emulator, passport, app }: TestApp) {
    const second = new TwilioVerifyStrategy<TestUser>({
      name: 'second',
      mountPath: '/second',
      accountSid: emulator.accountSid,
      authToken: emulator.authToken,
      serviceSid: emulator.serviceSid,
      baseUrl: emulator.url,
      phoneNumber: () => '+12025550188',
      allowRegister: false,
      allowChange: false,
    });
    passport.use(second);
    app.use('/second', second.router());
    app.get('/vault', passport.authenticate('second'), (_req, res) => void res.send('the vault'));
    return second;
  }

  it('name is "twilio-2fa" by default, and is the key of the session record, too', async () => {
    const app = await start({});
    assert.equal(app.strategy.name, 'twilio-2fa');
    const browser = await withCode(app, 'ann');
    const session = (await app.record(browser)) ?? {};
    assert.ok('pending' in session);
  });

  it('keeps the records of two strategies apart', async () => {
    const app = await start({});
    assert.equal(addSecond(app).name, 'second');
    const browser = await app.verified('ann');
    assert.equal((await browser.get('/account')).text, 'account of ann');
    assert.equal((await browser.get('/vault')).location, '/second');
    await browser.post('/second', { method: 'call' });
    assert.equal(app.emulator.messages().at(-1)?.to, '+12025550188');
    assert.equal((await browser.post('/second/verify', { code: lastCode(app) })).location, '/vault');
    assert.equal((await browser.get('/vault')).text, 'the vault');
  });

  it('takes a new session id from one strategy without ending the verification of the other', async () => {
    const app = await start({});
    addSecond(app);
    const browser = await app.verified('ann');
    await browser.post('/second', { method: 'sms' });
    await browser.post('/second/verify', { code: lastCode(app) });
    assert.equal((await browser.get('/account')).text, 'account of ann');
  });
});

describe('option "allowedOrigins"', () => {
  const FOREIGN = { origin: 'https://app.example.com', 'sec-fetch-site': 'cross-site' };
  const send = async (twoFactor: TestOptions, headers: Record<string, string>) => {
    const app = await start(twoFactor);
    const { status, text } = await (await app.signedIn('ann')).post('/2fa', { method: 'sms' }, headers);
    return { status, text, sent: app.emulator.messages().length };
  };

  it('allowedOrigins has only the same origin by default: 403, and nothing sent', async () => {
    const { status, text, sent } = await send({}, FOREIGN);
    assert.deepEqual({ status, sent }, { status: 403, sent: 0 });
    assertRefuses(text, 'cross_site');
  });

  it('lets the pages of a listed origin post', async () => {
    const { status, sent } = await send({ allowedOrigins: ['https://app.example.com'] }, FOREIGN);
    assert.deepEqual({ status, sent }, { status: 303, sent: 1 });
  });

  for (const origin of ['https://app.example.com.evil.example', 'http://app.example.com', 'null', '']) {
    it(`does not let an origin post that only looks alike: "${origin}"`, async () => {
      const { status, sent } = await send({ allowedOrigins: ['https://app.example.com'] }, { ...FOREIGN, origin });
      assert.deepEqual({ status, sent }, { status: 403, sent: 0 });
    });
  }
});
