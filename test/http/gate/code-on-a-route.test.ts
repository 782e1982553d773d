import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import express, { type Express } from 'express';
import type { PassportStatic } from 'passport';
import { addUser, callsOf, recordOf, sessionIdOf, waitForCode } from '../../support/second-step.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

/** Without it, a form of an unverified user leads to the start page. */
const AS_SCRIPT = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' };

const NEW_NUMBER = '+12025570001';

function routes(app: Express, passport: PassportStatic) {
  app.use('/gate', express.urlencoded({ extended: true }), express.json());
  app.all('/gate', passport.authenticate('twilio-2fa'), (req, res) => void res.json({ info: req.authInfo }));
  app.post(
    '/inherits',
    express.urlencoded({ extended: false }),
    (req, _res, next) => {
      req.body = Object.create(req.body);
      next();
    },
    passport.authenticate('twilio-2fa'),
    (_req, res) => void res.send('in'),
  );
  app.post('/unparsed', passport.authenticate('twilio-2fa'), (_req, res) => void res.send('in'));
  app.get('/old', passport.authenticate('twilio-2fa', { maxAgeSeconds: 60 }), (_req, res) => void res.send('young'));
  app.post(
    '/old',
    express.urlencoded({ extended: false }),
    passport.authenticate('twilio-2fa', { maxAgeSeconds: 60 }),
    (_req, res) => void res.send('young'),
  );
}

describe('decision 3: a code that is posted to a route with the strategy', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp({ routes });
  });

  it('a right code passes the request, regenerates the session ID, and reports the verification', async () => {
    const { browser, code } = await waitForCode(app);
    const id = sessionIdOf(browser);
    const sid = (await recordOf(app, browser)).pending?.sent?.sid;
    const answer = await browser.post('/gate', { code });
    assert.equal(answer.status, 200);
    assert.deepEqual(JSON.parse(answer.text), {
      info: { by: 'sms', verificationSid: sid, method: 'sms', purpose: 'signIn' },
    });
    assert.notEqual(sessionIdOf(browser), id);
    assert.deepEqual(Object.keys(await recordOf(app, browser)), ['verified']);
    assert.equal((await browser.get('/account')).status, 200);
  });

  it('a right one in a JSON body does the same', async () => {
    const { browser, code } = await waitForCode(app);
    assert.equal((await browser.postJson('/gate', { code })).status, 200);
    assert.equal((await browser.get('/account')).status, 200);
  });

  it('a wrong one is refused with 422, and the next right one passes', async () => {
    const { browser, code, wrong } = await waitForCode(app);
    const id = sessionIdOf(browser);
    assert.equal((await browser.post('/gate', { code: wrong })).status, 422);
    assert.equal(sessionIdOf(browser), id);
    assert.equal((await browser.get('/account')).location, '/2fa');
    assert.equal((await browser.post('/gate', { code })).status, 200);
  });

  it('spaces, hyphens and the digits of another script are accepted', async () => {
    const { browser, code } = await waitForCode(app);
    const arabic = [...code].map((digit) => String.fromCodePoint(0x0660 + Number(digit))).join('');
    assert.equal((await browser.post('/gate', { code: ` ${arabic.slice(0, 3)}-${arabic.slice(3)} ` })).status, 200);
  });

  const malformed = [
    { name: 'empty', body: { code: '' }, status: 422 },
    { name: 'too short', body: { code: '123' }, status: 422 },
    { name: 'too long', body: { code: '12345678901' }, status: 422 },
    { name: 'letters', body: { code: 'abcdef' }, status: 422 },
    { name: 'a list', body: { code: ['123456'] }, status: 400 },
    { name: 'an object', body: { code: { $ne: '' } }, status: 400 },
    { name: 'a number', body: { code: 123456 }, status: 400 },
    { name: 'null', body: { code: null }, status: 400 },
  ];
  for (const { name, body, status } of malformed) {
    it(`a code in the wrong format (${name}) is refused with ${status} without a call to Twilio`, async () => {
      const { browser, code } = await waitForCode(app);
      const before = callsOf(app, 'check');
      assert.equal((await browser.postJson('/gate', body)).status, status);
      assert.equal(callsOf(app, 'check'), before);
      assert.equal((await browser.post('/gate', { code })).status, 200);
    });
  }

  const noChecks: readonly {
    name: string;
    send: (browser: Awaited<ReturnType<typeof waitForCode>>) => Promise<number>;
  }[] = [
    {
      name: 'without codeField in the body',
      send: async ({ browser, code }) => (await browser.post('/gate', { kode: code }, AS_SCRIPT)).status,
    },
    {
      name: 'whose code is in the URL',
      send: async ({ browser, code }) => (await browser.post(`/gate?code=${code}`, {}, AS_SCRIPT)).status,
    },
    {
      name: 'with PUT',
      send: async ({ browser, code }) => (await browser.send('PUT', '/gate', new URLSearchParams({ code }), {})).status,
    },
    {
      name: 'to a route without a body parser',
      send: async ({ browser, code }) => (await browser.post('/unparsed', { code }, AS_SCRIPT)).status,
    },
    {
      name: 'whose body only inherits the field',
      send: async ({ browser, code }) => (await browser.post('/inherits', { code }, AS_SCRIPT)).status,
    },
  ];
  for (const { name, send } of noChecks) {
    it(`a request ${name} checks nothing: 401`, async () => {
      const waiting = await waitForCode(app);
      const before = callsOf(app, 'check');
      assert.equal(await send(waiting), 401);
      assert.equal(callsOf(app, 'check'), before);
    });
  }

  it('nothing is checked where nothing is pending: 401', async () => {
    const browser = await app.signedIn(addUser(app).id);
    const before = callsOf(app, 'check');
    assert.equal((await browser.post('/gate', { code: '123456' }, AS_SCRIPT)).status, 401);
    assert.equal(callsOf(app, 'check'), before);
  });

  const origins: readonly { name: string; headers: Record<string, string>; status: number }[] = [
    { name: 'another site, as Sec-Fetch-Site says', headers: { 'sec-fetch-site': 'cross-site' }, status: 403 },
    { name: 'another host of the same site', headers: { 'sec-fetch-site': 'same-site' }, status: 403 },
    { name: 'another site, as Origin says', headers: { origin: 'https://evil.example' }, status: 403 },
    { name: 'a page that hides its origin', headers: { origin: 'null' }, status: 403 },
    { name: 'the same origin', headers: { 'sec-fetch-site': 'same-origin', origin: 'null' }, status: 200 },
    { name: 'the address bar', headers: { 'sec-fetch-site': 'none' }, status: 200 },
  ];
  for (const { name, headers, status } of origins) {
    it(`a code posted from ${name}: ${status}`, async () => {
      const { browser, code } = await waitForCode(app);
      const before = callsOf(app, 'check');
      assert.equal((await browser.post('/gate', { code }, headers)).status, status);
      assert.equal(callsOf(app, 'check') - before, status === 200 ? 1 : 0);
    });
  }

  it('a code on a route finishes a registration: the number is stored, and the request passes', async () => {
    const user = addUser(app, { phone: undefined });
    const browser = await app.signedIn(user.id);
    await browser.post('/2fa/register', { phoneNumber: NEW_NUMBER, method: 'sms' });
    const answer = await browser.post('/gate', { code: await app.emulator.codeFor(NEW_NUMBER) });
    assert.equal(answer.status, 200);
    assert.equal(JSON.parse(answer.text).info.purpose, 'register');
    assert.equal(app.users.get(user.id)?.phone, NEW_NUMBER);
  });

  it('never finishes a change: only the pages do', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const user = addUser(app);
    const { phone } = user;
    const browser = await app.verified(user.id);
    await browser.post('/2fa/change', { phoneNumber: '+12025570002', method: 'sms' });
    const code = await app.emulator.codeFor('+12025570002');
    const before = callsOf(app, 'check');
    // Still verified, so it passes for another reason; a route that requires a more recent verification refuses it.
    assert.equal((await browser.post('/gate', { code })).status, 200);
    t.mock.timers.tick(61_000);
    assert.equal((await browser.post('/old', { code }, AS_SCRIPT)).status, 401);
    assert.equal(callsOf(app, 'check'), before);
    assert.equal(app.users.get(user.id)?.phone, phone);
    await browser.post('/2fa/verify', { code });
    assert.equal(app.users.get(user.id)?.phone, '+12025570002');
  });

  it('a pending code that has lost its reason does not refresh an old verification', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const user = addUser(app);
    const browser = await app.verified(user.id);
    t.mock.timers.tick(120_000);
    app.users.set(user.id, { id: user.id });
    await browser.post('/2fa/register', { phoneNumber: '+12025570003', method: 'sms' });
    assert.ok((await recordOf(app, browser)).pending);
    app.users.set(user.id, user);
    const answer = await browser.post('/old', { code: '000000' });
    assert.notEqual(answer.status, 200);
  });

  it('a route reads the code from the field that codeField names', async () => {
    const other = await startTestApp({ routes, twoFactor: { codeField: 'otp' } });
    const { browser, code } = await waitForCode(other);
    assert.equal((await browser.post('/gate', { code }, AS_SCRIPT)).status, 401);
    assert.equal((await browser.post('/gate', { otp: code })).status, 200);
  });

  it('a code sent ten minutes ago is refused with 422 without a call to Twilio', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const { browser, code } = await waitForCode(app);
    const before = callsOf(app, 'check');
    t.mock.timers.tick(600_000);
    assert.equal((await browser.post('/gate', { code })).status, 422);
    assert.equal(callsOf(app, 'check'), before);
  });
});
