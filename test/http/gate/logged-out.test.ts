import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import cookieSession from 'cookie-session';
import express from 'express';
import { Strategy as LocalStrategy } from 'passport-local';
import type { Client } from '../../support/client.js';
import { addUser, storedSession } from '../../support/second-step.js';
import { startTestApp, type TestApp, type TestAppOptions } from '../../support/test-app.js';

const AUTHORIZE = `/authorize?client_id=app&redirect_uri=${encodeURIComponent('https://app.example/callback')}&state=${'s'.repeat(1_900)}`;

/** How the login route continues after the login. */
type LoginRoute = 'successReturnToOrRedirect' | 'sendOnLogin';

/** An app whose users sign in through `passport-local`. */
async function start(route: LoginRoute, options: TestAppOptions = {}): Promise<TestApp> {
  const started: TestApp = await startTestApp({
    ...options,
    twoFactor: { loginUrl: '/login', allowedMethods: ['sms'], ...options.twoFactor },
    routes: (app, passport, strategy) => {
      passport.use(new LocalStrategy((username, _password, done) => done(null, started.users.get(username) ?? false)));
      const body = express.urlencoded({ extended: false });
      if (route === 'sendOnLogin') {
        app.post('/login', body, passport.authenticate('local'), strategy.sendOnLogin());
      } else {
        app.post('/login', body, passport.authenticate('local', { successReturnToOrRedirect: '/' }));
      }
      app.post('/remember', body, (req, res) => {
        Object.assign(req.session, { returnTo: req.body.path });
        res.send('remembered');
      });
      app.use(
        /^(?!\/2fa|\/login).*/,
        passport.authenticate('twilio-2fa'),
        (req, res) => void res.send(req.originalUrl),
      );
    },
  });
  return started;
}

const signIn = (browser: Client, username: string) => browser.post('/login', { username, password: 'any' });

/** Signs in from a page that a logged-out user opened, and returns where the verification leads. */
async function wayBack(app: TestApp, path: string, browser = app.client()): Promise<string | null> {
  const user = addUser(app);
  assert.equal((await browser.get(path)).location, '/login');
  const { location } = await signIn(browser, user.id);
  if (location !== '/2fa/verify') {
    assert.equal((await browser.get(location ?? '')).location, '/2fa');
    await browser.post('/2fa', { method: 'sms' });
  }
  return (await browser.post('/2fa/verify', { code: await app.emulator.codeFor(user.phone) })).location;
}

describe('a page that a logged-out user opens', () => {
  for (const route of ['successReturnToOrRedirect', 'sendOnLogin'] as const) {
    it(`the verification leads to the page from before a login with ${route}`, async () => {
      const app = await start(route);
      assert.equal(await wayBack(app, '/deep/link?tab=1'), '/deep/link?tab=1');
    });

    it(`the page from before the login can be an authorization request of 2,000 characters, with ${route}`, async () => {
      assert.equal(await wayBack(await start(route), AUTHORIZE), AUTHORIZE);
    });

    it(`a session without an ID keeps the page from before the login, with ${route}`, async () => {
      const app = await start(route, { session: cookieSession({ name: 'kept', keys: ['a key of the test'] }) });
      assert.equal(await wayBack(app, '/deep/link?tab=1'), '/deep/link?tab=1');
    });

    it(`the page that was opened last before the login counts, with ${route}`, async () => {
      const app = await start(route);
      const browser = app.client();
      await browser.get('/first');
      assert.equal(await wayBack(app, '/last', browser), '/last');
    });
  }

  it('the path back after the login has the prefix that a proxy removes', async () => {
    const app = await start('successReturnToOrRedirect', { twoFactor: { basePath: '/portal' } });
    const browser = app.client();
    await browser.get('/deep/link');
    assert.equal((await signIn(browser, addUser(app).id)).location, '/portal/deep/link');
  });

  it('the page from before the login can be one of our pages', async () => {
    const app = await start('successReturnToOrRedirect');
    const browser = app.client();
    assert.equal((await browser.get('/2fa/change')).location, '/login');
    assert.equal((await signIn(browser, addUser(app).id)).location, '/2fa/change');
  });

  it('the code page, opened before the login, does not lead the verified user in a circle', async () => {
    const app = await start('sendOnLogin');
    const user = addUser(app);
    const browser = app.client();
    assert.equal((await browser.get('/2fa/verify')).location, '/login');
    await signIn(browser, user.id);
    const { location } = await browser.post('/2fa/verify', { code: await app.emulator.codeFor(user.phone) });
    assert.equal(location, '/2fa/success');
  });

  it('a path that is too long removes an earlier one: the login does not lead to an old page', async () => {
    const app = await start('successReturnToOrRedirect');
    const browser = app.client();
    await browser.get('/first');
    assert.equal((await browser.get(`/${'a'.repeat(2_048)}`)).location, '/login');
    assert.equal((await signIn(browser, addUser(app).id)).location, '/');
  });

  for (const { name, headers } of [
    { name: 'a script requests data', headers: { accept: 'application/json' } },
    { name: 'a browser requests an image', headers: { 'sec-fetch-mode': 'no-cors', accept: '*/*' } },
  ]) {
    it(`the page from before the login is not replaced when ${name}`, async () => {
      const app = await start('successReturnToOrRedirect');
      const browser = app.client();
      await browser.get('/page');
      assert.equal((await browser.get('/other', headers)).status, 401);
      assert.equal((await signIn(browser, addUser(app).id)).location, '/page');
    });
  }

  for (const path of [
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    `/${'a'.repeat(2_048)}`,
  ]) {
    it(`the path back is not taken from a req.session.returnTo of the app that is ${JSON.stringify(path.slice(0, 30))}`, async () => {
      const app = await start('sendOnLogin');
      const user = addUser(app);
      const browser = app.client();
      await browser.post('/remember', { path });
      await signIn(browser, user.id);
      const { location } = await browser.post('/2fa/verify', { code: await app.emulator.codeFor(user.phone) });
      assert.equal(location, '/2fa/success');
    });
  }

  it('the path is removed from req.session.returnTo once the pages know it', async () => {
    const app = await start('sendOnLogin');
    const browser = app.client();
    await browser.get('/deep');
    await signIn(browser, addUser(app).id);
    assert.equal((await storedSession(app, browser))?.returnTo, undefined);
  });
});
