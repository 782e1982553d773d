import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import express from 'express';
import { addUser } from '../../support/second-step.js';
import { lastCode } from '../../support/steps.js';
import { startTestApp, type TestApp, type TestOptions } from '../../support/test-app.js';

const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate' };

function start(twoFactor: TestOptions = {}) {
  return startTestApp({
    twoFactor,
    routes: (app, passport) => {
      app.use(express.urlencoded({ extended: false }), express.json());
      app.all('/transfer', passport.authenticate('twilio-2fa', { maxAgeSeconds: 60 }), (_req, res) => {
        res.send('transferred');
      });
      app.post('/pay', passport.authenticate('twilio-2fa'), (_req, res) => void res.send('paid'));
      const quiet = passport.authenticate('twilio-2fa', { redirect: false } as object);
      app.post('/quiet', quiet, (_req, res) => void res.send('quiet'));
    },
  });
}

describe('a form that a person posts to a protected route', () => {
  let app: TestApp;
  before(async () => {
    app = await start();
  });

  it('an unverified user verifies, and goes back to the page of the form', async () => {
    const browser = await app.signedIn(addUser(app).id);
    const headers = { ...SAME_ORIGIN, referer: `${app.url}/forms?of=payment` };
    const { status, location, text } = await browser.post('/pay', { amount: '5' }, headers);
    assert.deepEqual([status, location], [303, '/2fa']);
    assert.doesNotMatch(text, /Unauthorized/);
    await browser.post('/2fa', { method: 'sms' });
    const verified = await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.equal(verified.location, '/forms?of=payment');
    assert.equal((await browser.post('/pay', { amount: '5' }, headers)).text, 'paid');
  });

  it('a user whose verification is too old verifies again, and goes back to the page of the form', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const user = addUser(app);
    const browser = await app.verified(user.id);
    t.mock.timers.tick(600_000);
    const headers = { ...SAME_ORIGIN, referer: `${app.url}/transfer-form` };
    assert.equal((await browser.post('/transfer', {}, headers)).location, '/2fa');
    assert.equal((await browser.get('/2fa')).status, 200);
    await browser.post('/2fa', { method: 'sms' });
    const { location } = await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.equal(location, '/transfer-form');
    assert.equal((await browser.post('/transfer', {}, headers)).text, 'transferred');
  });

  for (const { name, headers } of [
    { name: 'without a Referer', headers: {} },
    { name: 'with the Referer of another site', headers: { referer: 'https://evil.example/transfer-form' } },
    { name: 'with a Referer that is no URL', headers: { referer: '/transfer-form' } },
    { name: 'with a Referer whose path names another host', headers: { referer: 'http://HOST//evil.example/' } },
    { name: 'with the Referer of a verification page', headers: { referer: 'http://HOST/2fa/verify' } },
    { name: 'with a Referer of 3,000 characters', headers: { referer: `http://HOST/${'a'.repeat(3000)}` } },
  ]) {
    it(`a user whose verification is too old verifies again, and goes to verifySuccessUrl, ${name}`, async (t) => {
      t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
      const withUrl = await start({ verifySuccessUrl: '/home' });
      const browser = await withUrl.verified('ann');
      t.mock.timers.tick(600_000);
      const sent = Object.entries(headers).map(([key, value]) => [
        key,
        value.replace('HOST', new URL(withUrl.url).host),
      ]);
      const posted = await browser.post('/transfer', {}, { ...SAME_ORIGIN, ...Object.fromEntries(sent) });
      assert.equal(posted.location, '/2fa');
      assert.equal((await browser.get('/2fa')).status, 200);
      await browser.post('/2fa', { method: 'sms' });
      assert.equal((await browser.post('/2fa/verify', { code: lastCode(withUrl) })).location, '/home');
      assert.equal((await browser.post('/transfer', {}, SAME_ORIGIN)).text, 'transferred');
    });
  }

  it('an old browser without Sec-Fetch headers is redirected too', async () => {
    const browser = await app.signedIn(addUser(app).id);
    const { status, location } = await browser.post('/pay', {}, { origin: app.url });
    assert.deepEqual([status, location], [303, '/2fa']);
  });

  it('the page that the user wanted stays while a code is pending', async () => {
    const browser = await app.signedIn(addUser(app).id);
    await browser.get('/account');
    await browser.post('/2fa', { method: 'sms' });
    await browser.post('/pay', {}, { ...SAME_ORIGIN, referer: `${app.url}/forms` });
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/account');
  });

  for (const { name, path, headers } of [
    { name: 'another site', path: '/pay', headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' } },
    { name: 'another site in an old browser', path: '/pay', headers: { origin: 'https://evil.example' } },
    { name: 'a script', path: '/pay', headers: { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' } },
    { name: 'a client without HTML', path: '/pay', headers: { accept: 'application/json' } },
    { name: 'a person, to a route with redirect: false', path: '/quiet', headers: SAME_ORIGIN },
  ]) {
    it(`a POST of ${name} gets 401, and nothing is remembered`, async () => {
      const browser = await app.signedIn(addUser(app).id);
      const { status, location } = await browser.post(path, {}, { referer: `${app.url}/forms`, ...headers });
      assert.deepEqual([status, location], [401, null]);
      assert.equal(await app.record(browser), undefined);
    });
  }

  it('a JSON body gets 401, although the client accepts HTML', async () => {
    const browser = await app.signedIn(addUser(app).id);
    assert.equal((await browser.postJson('/pay', {})).status, 401);
  });

  it('a form that is posted without a user goes to loginUrl', async () => {
    const withLogin = await start({ loginUrl: '/login-page' });
    const { status, location } = await withLogin.client().post('/pay', {}, SAME_ORIGIN);
    assert.deepEqual([status, location], [303, '/login-page']);
  });
});

it('a page whose path is too long asks for a recent verification again all the same', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const app = await start({ verifySuccessUrl: '/home' });
  const browser = await app.verified('ann');
  t.mock.timers.tick(600_000);
  assert.equal((await browser.get(`/transfer?${'a'.repeat(3000)}`)).location, '/2fa');
  assert.equal((await browser.get('/2fa')).status, 200);
});
