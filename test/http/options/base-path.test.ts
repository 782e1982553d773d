import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Client } from '../../support/client.js';
import { addUser } from '../../support/second-step.js';
import { startStrippingProxy } from '../../support/stripping-proxy.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

/** URLs of our origin in a page: those that browsers get, and those that forms post to. */
function ownUrlsOf(html: string, attributes = 'href|src|action'): string[] {
  return [...html.matchAll(new RegExp(` (?:${attributes})="(/[^"]*)"`, 'g'))].map(([, url = '']) => url);
}

describe('option "basePath" behind a proxy that removes the prefix', () => {
  let app: TestApp;
  let origin: string;
  const signedIn = async (user = addUser(app)) => {
    const browser = new Client(origin);
    const login = await browser.post(`/portal/login/${user.id}`);
    return { user, browser, login };
  };
  before(async () => {
    app = await startTestApp({
      twoFactor: {
        basePath: '/portal/',
        loginUrl: '/portal/login',
        logoutUrl: '/elsewhere/logout',
        allowedMethods: ['sms'],
        registerOptional: true,
      },
      before: (express) => express.set('trust proxy', 1),
      afterLogin: (strategy) => (req, res, next) =>
        req.query.send === undefined ? next() : strategy.sendOnLogin()(req, res, next),
      routes: (express, passport) => {
        express.get(
          '/pay',
          passport.authenticate('twilio-2fa', { maxAgeSeconds: 300 }),
          (_req, res) => void res.send('paid'),
        );
        express.get(
          '/challenge',
          (req, res, next) =>
            void passport.authenticate('twilio-2fa', (error: unknown, _user: unknown, challenge: unknown) =>
              error ? next(error) : void res.json(challenge),
            )(req, res, next),
        );
      },
    });
    origin = await startStrippingProxy(app.url, '/portal');
  });

  it('a user who skips the registration without a page to return to stays in the app', async () => {
    const { browser } = await signedIn(addUser(app, { phone: undefined }));
    assert.equal((await browser.get('/portal/2fa')).location, '/portal/2fa/register');
    assert.equal((await browser.post('/portal/2fa/skip', {})).location, '/portal/');
  });

  it('a user signs in by following nothing but redirects and forms', async () => {
    const { user, browser } = await signedIn();
    const stopped = await browser.get('/portal/account?tab=1');
    assert.equal(stopped.location, '/portal/2fa');
    const start = await browser.get('/portal/2fa');
    assert.equal(start.status, 200);
    const [form = ''] = start.text.match(/<form method="post" action="([^"]*)"/)?.slice(1) ?? [];
    const sent = await browser.post(form, { method: 'sms' });
    assert.equal(sent.location, '/portal/2fa/verify');
    const checked = await browser.post('/portal/2fa/verify', { code: await app.emulator.codeFor(user.phone) });
    assert.equal(checked.location, '/portal/account?tab=1');
    assert.equal((await browser.get(checked.location ?? '')).text, `account of ${user.id}`);
  });

  it('every URL of a page that is ours leads through the proxy', async () => {
    const { browser } = await signedIn();
    await browser.post('/portal/2fa', { method: 'sms' });
    for (const page of ['/portal/2fa', '/portal/2fa/verify']) {
      const { text } = await browser.get(page);
      const urls = ownUrlsOf(text).filter((url) => url !== '/elsewhere/logout');
      assert.ok(urls.length >= 3, urls.join(' '));
      for (const url of urls) assert.match(url, /^\/portal\/2fa/);
      for (const url of ownUrlsOf(text, 'href|src')) assert.equal((await browser.get(url)).status, 200, url);
    }
  });

  it('sendOnLogin() redirects to the code page through the proxy', async () => {
    const user = addUser(app);
    const browser = new Client(origin);
    assert.equal((await browser.post(`/portal/login/${user.id}?send`)).location, '/portal/2fa/verify');
    const { location } = await browser.post('/portal/2fa/verify', { code: await app.emulator.codeFor(user.phone) });
    assert.equal(location, '/portal/2fa/success');
    assert.equal((await browser.get(location ?? '')).status, 200);
  });

  it('"location" of a failed challenge and in JSON has the prefix', async () => {
    const { browser, user } = await signedIn();
    const challenge = JSON.parse((await browser.get('/portal/challenge', { accept: 'application/json' })).text);
    assert.equal(challenge.location, '/portal/2fa');
    await browser.get('/portal/account');
    await browser.post('/portal/2fa', { method: 'sms' });
    const code = await app.emulator.codeFor(user.phone);
    const answer = await browser.send('POST', '/portal/2fa/verify', JSON.stringify({ code }), {
      'content-type': 'application/json',
      accept: 'application/json',
    });
    assert.equal(JSON.parse(answer.text).location, '/portal/account');
  });

  it('a verification that is too old for a change leads back to the change', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const { browser, user } = await signedIn();
    await browser.post('/portal/2fa', { method: 'sms' });
    await browser.post('/portal/2fa/verify', { code: await app.emulator.codeFor(user.phone) });
    t.mock.timers.tick(301_000);
    assert.equal((await browser.get('/portal/2fa/change')).location, '/portal/2fa');
    await browser.post('/portal/2fa', { method: 'sms' });
    const { location } = await browser.post('/portal/2fa/verify', { code: await app.emulator.codeFor(user.phone) });
    assert.equal(location, '/portal/2fa/change');
  });

  it('URLs in other options stay as they are written', async () => {
    assert.equal((await new Client(origin).get('/portal/account')).location, '/portal/login');
    const { browser } = await signedIn();
    assert.ok(ownUrlsOf((await browser.get('/portal/2fa')).text).includes('/elsewhere/logout'));
  });
});

describe('option "basePath"', () => {
  for (const basePath of ['', '/']) {
    it(`changes nothing if it is ${JSON.stringify(basePath)}`, async () => {
      const app = await startTestApp({ twoFactor: { basePath } });
      const browser = await app.signedIn('ann');
      assert.equal((await browser.get('/account')).location, '/2fa');
    });
  }
});
