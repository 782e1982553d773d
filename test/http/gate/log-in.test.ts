import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import express, { type Express } from 'express';
import type { PassportStatic } from 'passport';
import { addUser, recordOf, sessionIdOf, waitForCode } from '../../support/second-step.js';
import { startTestApp, type TestApp, type TestUser } from '../../support/test-app.js';

describe('a sign-in by the application on a protected route', () => {
  let app: TestApp;

  function routes(server: Express, passport: PassportStatic) {
    server.use('/become', express.urlencoded({ extended: false }));
    server.post('/become/:id', passport.authenticate('twilio-2fa'), (req, res, next) => {
      const user = app.users.get(String(req.params.id)) as TestUser;
      const options = { session: true, keepSessionInfo: Boolean(req.query.keep) };
      const done = (error?: unknown) => (error ? next(error) : void res.send((req.user as TestUser).id));
      if (req.query.short) req.logIn(user, done);
      else if (req.query.alias) req.login(user, options, done);
      else req.logIn(user, options, done);
    });
    server.post('/copy', passport.authenticate('twilio-2fa'), (req, res, next) => {
      // An application that reads its user from a database with each request has another object for the same user.
      req.logIn({ ...(req.user as TestUser) }, (error) => (error ? next(error) : void res.send('copied')));
    });
    server.post('/leave', passport.authenticate('twilio-2fa'), (req, res, next) => {
      req.logout((error) => (error ? next(error) : void res.send('out')));
    });
  }

  before(async () => {
    app = await startTestApp({ routes });
  });

  for (const query of ['', '?short=1', '?alias=1', '?keep=1']) {
    it(`a sign-in of the same user moves the verification to the new session ID (${query || 'req.logIn'})`, async () => {
      const user = addUser(app);
      const browser = await app.verified(user.id);
      const { verified } = await recordOf(app, browser);
      const id = sessionIdOf(browser);
      const answer = await browser.post(`/become/${user.id}${query}`);
      assert.equal(answer.text, user.id);
      assert.notEqual(sessionIdOf(browser), id);
      const moved = (await recordOf(app, browser)).verified;
      assert.equal(moved?.at, verified?.at, 'it is not made younger');
      assert.notEqual(moved?.binding, verified?.binding);
      assert.equal((await browser.get('/account')).text, `account of ${user.id}`);
    });

    it(`a sign-in of another user drops the verification (${query || 'req.logIn'})`, async () => {
      const other = addUser(app);
      const browser = await app.verified(addUser(app).id);
      assert.equal((await browser.post(`/become/${other.id}${query}`)).text, other.id);
      assert.equal((await recordOf(app, browser)).verified, undefined);
      assert.equal((await browser.get('/account')).location, '/2fa');
    });
  }

  it('a sign-in of the same user, right after the code on the same route, keeps the verification', async () => {
    const { user, browser, code } = await waitForCode(app);
    assert.equal((await browser.post(`/become/${user.id}`, { code })).text, user.id);
    assert.equal((await browser.get('/account')).status, 200);
  });

  it('a sign-in of the same user as another object keeps the verification', async () => {
    const browser = await app.verified(addUser(app).id);
    assert.equal((await browser.post('/copy')).text, 'copied');
    assert.equal((await browser.get('/account')).status, 200);
  });

  it('a sign-in recognizes the same user by an async userId, too', async () => {
    const slow = await startTestApp({ routes, twoFactor: { userId: async ({ user }) => user.id } });
    const user = addUser(app);
    slow.users.set(user.id, user);
    const other = addUser(app);
    slow.users.set(other.id, other);
    const browser = await slow.verified(user.id);
    await browser.post(`/become/${user.id}`);
    assert.equal((await browser.get('/account')).status, 200);
    await browser.post(`/become/${other.id}`);
    assert.equal((await browser.get('/account')).location, '/2fa');
  });

  it('a sign-in of the same user on an unprotected route requires a new code', async () => {
    const user = addUser(app);
    const browser = await app.verified(user.id);
    await browser.post(`/login/${user.id}`);
    assert.equal((await browser.get('/account')).location, '/2fa');
  });

  for (const path of ['/logout', '/leave']) {
    it(`a sign-out at ${path} drops the verification and invalidates the previous session`, async () => {
      const user = addUser(app);
      const browser = await app.verified(user.id);
      const copy = browser.fork();
      assert.equal((await browser.post(path)).text, 'out');
      assert.equal((await browser.get('/account')).status, 401);
      assert.equal((await copy.get('/account')).status, 401);
      await browser.post(`/login/${user.id}`);
      assert.equal((await browser.get('/account')).location, '/2fa');
      assert.deepEqual(await recordOf(app, browser), { returnTo: { path: '/account' } });
    });
  }
});
