import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import express, { type Express } from 'express';
import type { PassportStatic } from 'passport';
import { addUser, recordOf, sessionIdOf, waitForCode } from '../../support/second-step.js';
import { startTestApp, type TestApp, type TestUser } from '../../support/test-app.js';

describe('a log-in of the application behind the gate', () => {
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
      // What an application has that reads its user from a database with each request: another object, the same user.
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
    it(`of the same user moves the mark to the new id (${query || 'req.logIn'})`, async () => {
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

    it(`of another user drops the mark (${query || 'req.logIn'})`, async () => {
      const other = addUser(app);
      const browser = await app.verified(addUser(app).id);
      assert.equal((await browser.post(`/become/${other.id}${query}`)).text, other.id);
      assert.equal((await recordOf(app, browser)).verified, undefined);
      assert.equal((await browser.get('/account')).location, '/2fa');
    });
  }

  it('of the same user, right after the code was posted to the same route, keeps the mark', async () => {
    const { user, browser, code } = await waitForCode(app);
    assert.equal((await browser.post(`/become/${user.id}`, { code })).text, user.id);
    assert.equal((await browser.get('/account')).status, 200);
  });

  it('of the same user as another object keeps the mark', async () => {
    const browser = await app.verified(addUser(app).id);
    assert.equal((await browser.post('/copy')).text, 'copied');
    assert.equal((await browser.get('/account')).status, 200);
  });

  it('knows the same user by an asynchronous userId, too', async () => {
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

  it('of the same user at a route without the gate needs a new code', async () => {
    const user = addUser(app);
    const browser = await app.verified(user.id);
    await browser.post(`/login/${user.id}`);
    assert.equal((await browser.get('/account')).location, '/2fa');
  });

  for (const path of ['/logout', '/leave']) {
    it(`a log-out at ${path} drops the mark, and the session that was left is worth nothing`, async () => {
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
