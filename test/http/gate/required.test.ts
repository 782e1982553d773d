import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import express, { type Express } from 'express';
import type { PassportStatic } from 'passport';
import type { Answer, Client } from '../../support/client.js';
import { addUser, callsOf, recordOf, sessionIdOf, waitForCode } from '../../support/second-step.js';
import {
  startTestApp,
  type TestApp,
  type TestOptions,
  type TestStrategy,
  type TestUser,
} from '../../support/test-app.js';

const SCRIPT = { accept: 'application/json', 'sec-fetch-mode': 'cors' };

/** The same routes, protected by each of the two middlewares. */
function routes(app: Express, passport: PassportStatic, twoFactor: TestStrategy): void {
  app.use(express.urlencoded({ extended: false }), express.json());
  const answer: express.RequestHandler = (req, res) =>
    void res.json({ user: (req.user as TestUser).id, authInfo: req.authInfo ?? null });
  for (const [prefix, protect] of [
    ['/strategy', (options?: object) => passport.authenticate('twilio-2fa', options ?? {})],
    ['/required', (options?: object) => twoFactor.required(options)],
  ] as const) {
    app.all(`${prefix}/page`, protect(), answer);
    app.all(`${prefix}/step-up`, protect({ maxAgeSeconds: 60 }), answer);
    app.all(`${prefix}/quiet`, protect({ redirect: false }), answer);
  }
}

const start = (twoFactor: TestOptions = {}) => startTestApp({ routes, twoFactor });

/** The part of an answer that both middlewares have in common: the status, and the target of a redirect. */
const decisionOf = ({ status, location }: Answer) => ({ status, location: location?.replace('strategy', 'required') });

describe('twoFactor.required()', () => {
  let app: TestApp;
  before(async () => {
    app = await start({ loginUrl: '/login', isRequired: ({ user }) => !user.id.startsWith('free') });
  });

  const enter: Readonly<Record<string, () => Promise<Client>>> = {
    'no user': async () => app.client(),
    'a user who is not verified': async () => app.signedIn(addUser(app).id),
    'a verified user': async () => app.verified(addUser(app).id),
    'a user who need not verify': async () => app.signedIn(addUser(app, { id: `free-${Math.random()}` }).id),
    'a user with a wrong code': async () => (await waitForCode(app)).browser,
  };
  for (const [name, arrive] of Object.entries(enter)) {
    for (const path of ['/page', '/step-up', '/quiet']) {
      it(`decides about ${path} as the strategy does: ${name}`, async () => {
        const decisions = [];
        for (const prefix of ['/strategy', '/required']) {
          const browser = await arrive();
          decisions.push([
            decisionOf(await browser.get(prefix + path)),
            decisionOf(await browser.get(prefix + path, SCRIPT)),
            decisionOf(await browser.post(prefix + path, { code: '000000' })),
            decisionOf(await browser.post(prefix + path, { code: '1'.repeat(300) })),
            decisionOf(await browser.post(prefix + path, { code: '000000' }, { origin: 'https://evil.example' })),
          ]);
        }
        assert.deepEqual(decisions[1], decisions[0]);
      });
    }
  }

  it('lets a verified user pass, and sets no req.authInfo', async () => {
    const user = addUser(app);
    const browser = await app.verified(user.id);
    assert.deepEqual(JSON.parse((await browser.get('/required/page')).text), { user: user.id, authInfo: null });
  });

  it('verifies a code that the route itself gets, regenerates the session ID, and continues', async () => {
    const { user, browser, code } = await waitForCode(app);
    const id = sessionIdOf(browser);
    const { status, text } = await browser.post('/required/page', { code });
    assert.equal(status, 200);
    assert.equal(JSON.parse(text).user, user.id);
    assert.notEqual(sessionIdOf(browser), id);
    assert.equal((await browser.get('/account')).status, 200);
  });

  it('a refused request does not reach the route', async () => {
    const reached: string[] = [];
    const own = await startTestApp({
      routes: (express, _passport, twoFactor) =>
        express.get('/own', twoFactor.required(), (req, res) => {
          reached.push(req.url);
          res.end();
        }),
    });
    const browser = await own.signedIn(addUser(own).id);
    assert.equal((await browser.get('/own')).status, 302);
    assert.equal((await browser.get('/own', SCRIPT)).status, 401);
    assert.deepEqual(reached, []);
  });

  it('asks again for a verification that is older than the route allows', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const browser = await app.verified(addUser(app).id);
    assert.equal((await browser.get('/required/step-up')).status, 200);
    t.mock.timers.tick(60_000);
    assert.equal((await browser.get('/required/step-up')).location, '/2fa');
    assert.deepEqual((await recordOf(app, browser)).returnTo, { path: '/required/step-up', age: 60 });
  });

  it('passes on without touching the session', async (t) => {
    const browser = await app.verified(addUser(app).id);
    const set = t.mock.method(app.store, 'set');
    const answer = await browser.get('/required/page');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['set-cookie'], undefined);
    assert.equal(set.mock.callCount(), 0);
  });

  it('keeps the verification when the route signs the same user in again', async () => {
    const own = await startTestApp({
      routes: (express, _passport, twoFactor) =>
        express.post('/again', twoFactor.required(), (req, res, next) => {
          req.logIn(req.user as TestUser, (error) => (error ? next(error) : void res.send('again')));
        }),
    });
    const browser = await own.verified(addUser(own).id);
    const id = sessionIdOf(browser);
    assert.equal((await browser.post('/again')).text, 'again');
    assert.notEqual(sessionIdOf(browser), id);
    assert.equal((await browser.get('/account')).status, 200);
  });

  for (const [code, arrive, location] of [
    ['login_required', enter['no user'], '/login'],
    ['verification_required', enter['a user who is not verified'], '/2fa'],
  ] as const) {
    it(`answers an API client with problem details and WWW-Authenticate: ${code}`, async () => {
      const answer = await (await arrive?.())?.get('/required/page', { ...SCRIPT, 'accept-language': 'de' });
      assert.ok(answer);
      const { detail, ...problem } = JSON.parse(answer.text);
      assert.deepEqual(problem, { type: 'about:blank', title: 'Unauthorized', status: 401, code, location });
      assert.ok(detail);
      assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8');
      assert.equal(answer.headers['www-authenticate'], 'TwoFactor realm="twilio-2fa"');
      assert.equal(answer.headers['content-language'], 'de');
      assert.equal(answer.headers['cache-control'], 'no-store');
      assert.match(String(answer.headers.vary), /Accept/);
    });
  }

  it('answers a wrong code of an API client with the tries that are left', async () => {
    const { browser, wrong } = await waitForCode(app);
    const answer = await browser.postJson('/required/page', { code: wrong }, { accept: '*/*' });
    assert.equal(answer.status, 422);
    assert.equal(answer.headers['www-authenticate'], undefined);
    const { code, attemptsLeft } = JSON.parse(answer.text);
    assert.deepEqual({ code, attemptsLeft }, { code: 'code_wrong', attemptsLeft: 4 });
  });

  it('says when a locked user can try again, and not when only an administrator helps', async () => {
    for (const { limits, expected } of [
      { limits: { wrongCodesPerLock: 1, lockSeconds: 60 }, expected: { header: '60', body: 60 } },
      { limits: { wrongCodesPerLock: 1, wrongCodesInAll: 1 }, expected: { header: undefined, body: null } },
    ]) {
      const strict = await start({ limits });
      const { browser, wrong } = await waitForCode(strict);
      const answer = await browser.postJson('/required/page', { code: wrong }, SCRIPT);
      assert.equal(answer.status, 429);
      const { retryAfterSeconds } = JSON.parse(answer.text);
      assert.deepEqual({ header: answer.headers['retry-after'], body: retryAfterSeconds }, expected);
    }
  });

  it('answers a browser with a text', async () => {
    const answer = await (await app.signedIn(addUser(app).id)).get('/required/quiet');
    assert.equal(answer.status, 401);
    assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
    assert.equal(answer.headers['www-authenticate'], 'TwoFactor realm="twilio-2fa"');
  });

  it('does not send what the verify callback says to the app', async () => {
    const refusing = await startTestApp({
      routes,
      verify: (_user, _info, done) => done(null, false, { message: 'Closed.', secret: 'for the app' } as object),
    });
    const { browser, code } = await waitForCode(refusing);
    const answer = await browser.postJson('/required/page', { code }, SCRIPT);
    assert.equal(JSON.parse(answer.text).detail, 'Closed.');
    assert.doesNotMatch(answer.text, /for the app/);
  });

  it('ends errors in next(error)', async () => {
    const failing = await startTestApp({
      routes,
      twoFactor: {
        isRequired: () => {
          throw new Error('no database');
        },
      },
    });
    const answer = await (await failing.signedIn(addUser(failing).id)).get('/required/page', SCRIPT);
    assert.equal(answer.status, 500);
    assert.match(answer.text, /no database/);
  });

  it('checks no code without a user', async () => {
    const calls = callsOf(app, 'check');
    assert.equal((await app.client().post('/required/page', { code: '123456' }, SCRIPT)).status, 401);
    assert.equal(callsOf(app, 'check'), calls);
  });

  for (const { name, options, message } of [
    {
      name: 'a misspelled option',
      options: { maxAge: 60 },
      message: /unknown option "maxAge"; did you mean "maxAgeSeconds"\?/,
    },
    {
      name: 'an option of Passport',
      options: { failureRedirect: '/login' },
      message: /unknown option "failureRedirect"/,
    },
    { name: 'an age out of range', options: { maxAgeSeconds: 5 }, message: /maxAgeSeconds must be seconds, from 30/ },
    {
      name: 'a redirect that is no boolean',
      options: { redirect: '/login' },
      message: /"redirect" must be true or false/,
    },
  ]) {
    it(`throws when the route is made: ${name}`, () => {
      assert.throws(
        () => app.strategy.required(options as object),
        (error) => error instanceof TypeError && message.test(error.message),
      );
    });
  }
});
