import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import express, { type Express, type Request } from 'express';
import type { PassportStatic } from 'passport';
import {
  TwilioVerifyStrategy,
  type VerificationInfo,
  type VerifyCallback,
  type VerifyDone,
} from 'passport-twilio-verify';
import { addUser, answerErrors, recordOf, sessionIdOf, waitForCode } from '../../support/second-step.js';
import { startTestApp, type TestApp, type TestUser } from '../../support/test-app.js';

function routes(app: Express, passport: PassportStatic) {
  app.use(['/gate', '/told'], express.urlencoded({ extended: false }));
  app.post('/gate', passport.authenticate('twilio-2fa'), (req, res) => void res.json(req.user));
  app.post('/told', (req, res, next) =>
    passport.authenticate('twilio-2fa', (error: unknown, user: unknown, info: unknown, status: unknown) => {
      if (error) return next(error);
      res.json({ user, info, status });
    })(req, res, next),
  );
}

interface Case {
  readonly name: string;
  readonly verify: VerifyCallback<TestUser>;
  /** Status of the protected route's answer. */
  readonly status: number;
}

const agreeing: readonly Case[] = [
  { name: 'agrees at once', verify: (user, _info, done) => done(null, user), status: 200 },
  { name: 'agrees later', verify: (user, _info, done) => setImmediate(() => done(null, user)), status: 200 },
  {
    name: 'agrees to a copy of the user with more in it',
    verify: (user, _info, done) => done(null, { ...user, email: 'added@example.com' }),
    status: 200,
  },
  {
    name: 'calls done and returns a promise of the user, as the one of Nest does',
    verify: async (...args: unknown[]) => {
      const [user, , done] = args as [TestUser, VerificationInfo, VerifyDone<TestUser>];
      await Promise.resolve();
      done(null, user);
      return user;
    },
    status: 200,
  },
  {
    name: 'calls done and then throws, which changes nothing',
    verify: (user, _info, done) => {
      done(null, user);
      throw new Error('too late');
    },
    status: 200,
  },
  {
    name: 'calls done twice, of which the first counts',
    verify: (user, _info, done) => {
      done(null, user);
      done(null, false);
    },
    status: 200,
  },
];

const refusing: readonly Case[] = [
  { name: 'refuses', verify: (_user, _info, done) => done(null, false), status: 403 },
  { name: 'refuses with null', verify: (_user, _info, done) => done(null, null), status: 403 },
  { name: 'gives no user at all', verify: (_user, _info, done) => done(null), status: 403 },
  { name: 'refuses later', verify: (_user, _info, done) => setImmediate(() => done(null, false)), status: 403 },
  { name: 'refuses with a text', verify: (_user, _info, done) => done(null, false, 'заблокирован'), status: 403 },
  {
    name: 'gives another user',
    verify: (user, _info, done) => done(null, { ...user, id: 'somebody-else' }),
    status: 403,
  },
  { name: 'errors', verify: (_user, _info, done) => done(new Error('database is down')), status: 500 },
  { name: 'errors with what is not an Error', verify: (_user, _info, done) => done('broken'), status: 500 },
  {
    name: 'throws',
    verify: () => {
      throw new Error('database is down');
    },
    status: 500,
  },
  { name: 'rejects', verify: () => Promise.reject(new Error('database is down')), status: 500 },
  {
    name: 'refuses and then agrees, of which the first counts',
    verify: (user, _info, done) => {
      done(null, false);
      done(null, user);
    },
    status: 403,
  },
];

describe('the verify callback', () => {
  for (const { name, verify, status } of agreeing) {
    it(`${name}: the user is verified`, async () => {
      const app = await startTestApp({ verify, routes });
      const { browser, code } = await waitForCode(app);
      assert.equal((await browser.post('/gate', { code })).status, status);
      assert.ok((await recordOf(app, browser)).verified);
      assert.equal((await browser.get('/account')).status, 200);
    });
  }

  for (const { name, verify, status } of refusing) {
    it(`a verify callback that ${name} results in ${status} and no verification`, async () => {
      const app = await startTestApp({ verify, routes });
      const { browser, code } = await waitForCode(app);
      const id = sessionIdOf(browser);
      assert.equal((await browser.post('/gate', { code })).status, status);
      assert.equal((await recordOf(app, browser)).verified, undefined);
      assert.equal(sessionIdOf(browser), id);
      assert.equal((await browser.get('/account')).location, '/2fa');
      assert.equal((await browser.get('/2fa')).status, 200, 'nobody is stranded: a new code can be had');
    });

    it(`a verify callback that ${name} leaves no verification through the pages either`, async () => {
      const app = await startTestApp({ verify });
      const { browser, code } = await waitForCode(app);
      await browser.post('/2fa/verify', { code });
      assert.equal((await recordOf(app, browser)).verified, undefined);
      assert.equal((await browser.get('/account')).location, '/2fa');
    });
  }

  it('the verify callback receives the user and the verification details once for each right code', async () => {
    const calls: [TestUser, VerificationInfo][] = [];
    const app = await startTestApp({
      routes,
      verify: (user, info, done) => {
        calls.push([user, info]);
        done(null, user);
      },
    });
    const { user, browser, code, wrong } = await waitForCode(app);
    const sid = (await recordOf(app, browser)).pending?.sent?.sid;
    await browser.post('/gate', { code: wrong });
    await browser.post('/gate', { code });
    await browser.post('/gate', { code });
    await browser.get('/account');
    assert.deepEqual(calls, [[user, { by: 'sms', verificationSid: sid, method: 'sms', purpose: 'signIn' }]]);
  });

  for (const { purpose, phoneNumber } of [
    { purpose: 'register', phoneNumber: '+12025570009' },
    { purpose: 'change', phoneNumber: '+12025570010' },
  ]) {
    it(`verify gets the purpose ${purpose}, and a refusal stores no number and reports none`, async () => {
      const infos: VerificationInfo[] = [];
      const events: string[] = [];
      const app = await startTestApp({
        verify: (user, info, done) => {
          infos.push(info);
          done(null, info.purpose === 'signIn' && user);
        },
      });
      app.strategy.on('phoneNumberRegistered', () => void events.push('registered'));
      app.strategy.on('phoneNumberChanged', () => void events.push('changed'));
      const user = addUser(app, purpose === 'register' ? { phone: undefined } : {});
      const browser = purpose === 'register' ? await app.signedIn(user.id) : await app.verified(user.id);
      const before = { phone: user.phone, verified: (await recordOf(app, browser)).verified };
      infos.length = 0;
      await browser.post(`/2fa/${purpose}`, { phoneNumber, method: 'call' });
      const { location } = await browser.post('/2fa/verify', { code: await app.emulator.codeFor(phoneNumber) });
      assert.equal(location, '/2fa/failed');
      assert.deepEqual(
        infos.map(({ verificationSid, ...info }) => info),
        [{ by: 'call', method: 'call', purpose }],
      );
      assert.deepEqual({ phone: user.phone, verified: (await recordOf(app, browser)).verified }, before);
      assert.deepEqual(events, []);
    });
  }

  it('the verify callback can return the user for the rest of the request', async () => {
    const app = await startTestApp({
      routes,
      verify: (user, _info, done) => done(null, { ...user, email: 'from-verify@example.com' }),
    });
    const { browser, code } = await waitForCode(app);
    assert.equal(JSON.parse((await browser.post('/gate', { code })).text).email, 'from-verify@example.com');
  });

  it('a custom callback gets the info of the verify callback unchanged, with its message', async () => {
    const app = await startTestApp({
      routes,
      verify: (_user, _info, done) => done(null, false, { message: 'Account is closed.', reason: 'closed' }),
    });
    const { browser, code } = await waitForCode(app);
    const { user, info, status } = JSON.parse((await browser.post('/told', { code })).text);
    assert.equal(user, false);
    assert.equal(status, 403);
    assert.equal(info.message, 'Account is closed.');
    assert.equal(info.reason, 'closed');
  });

  it('a text that it refuses with becomes the message', async () => {
    const app = await startTestApp({ routes, verify: (_user, _info, done) => done(null, false, 'Closed — закрыт') });
    const { browser, code } = await waitForCode(app);
    assert.equal(JSON.parse((await browser.post('/told', { code })).text).info.message, 'Closed — закрыт');
  });

  it('a verify callback that is not a function throws at construction', () => {
    const options = { phoneNumber: () => '', storePhoneNumber: () => undefined };
    assert.throws(
      () => new TwilioVerifyStrategy<TestUser>(options, 'verify' as never),
      /TypeError: .*"verify".*function/,
    );
  });
});

describe('the verify callback with passReqToCallback', () => {
  let app: TestApp;
  const calls: [Request, TestUser, VerificationInfo][] = [];
  before(async () => {
    app = await startTestApp();
    const { accountSid, authToken, serviceSid, url } = app.emulator;
    const strategy = new TwilioVerifyStrategy<TestUser>(
      {
        name: 'with-request',
        mountPath: '/second',
        ...{ accountSid, authToken, serviceSid, baseUrl: url },
        phoneNumber: ({ user }) => user.phone,
        storePhoneNumber: () => undefined,
        passReqToCallback: true,
      },
      (req, user, info, done) => {
        calls.push([req, user, info]);
        done(null, req.headers['x-refuse'] ? false : user);
      },
    );
    app.passport.use(strategy);
    app.app.use('/second', strategy.router());
    app.app.get('/second-gate', app.passport.authenticate('with-request'), (_req, res) => void res.send('in'));
    app.app.use(answerErrors);
  });

  for (const isRefused of [false, true]) {
    it(`the callback gets the request first, and ${isRefused ? 'refuses' : 'agrees'} according to its headers`, async () => {
      const { user, browser } = await waitForCode(app);
      await browser.post('/second', { method: 'sms' });
      const code = await app.emulator.codeFor(user.phone);
      await browser.post('/second/verify', { code }, isRefused ? { 'x-refuse': 'yes' } : {});
      assert.equal((await browser.get('/second-gate')).status, isRefused ? 302 : 200);
      const [req, given, info] = calls.pop() ?? [];
      assert.equal(req?.originalUrl, '/second/verify');
      assert.equal(given, user);
      assert.equal(info?.method, 'sms');
    });
  }
});
