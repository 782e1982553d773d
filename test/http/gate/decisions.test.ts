import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import express, { type Express } from 'express';
import type { PassportStatic } from 'passport';
import { addUser, callsOf, sessionIdOf, storedSession } from '../../support/second-step.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

const AS_SCRIPT = { accept: 'application/json', 'sec-fetch-mode': 'cors' };

function routes(app: Express, passport: PassportStatic) {
  app.use(['/pay', '/report'], express.urlencoded({ extended: false }), express.json());
  app.post('/pay', passport.authenticate('twilio-2fa'), (_req, res) => void res.send('paid'));
  app.all('/report', passport.authenticate('twilio-2fa'), (_req, res) => void res.send('report'));
  app.get(
    '/step-up',
    passport.authenticate('twilio-2fa', { maxAgeSeconds: 60 }),
    (_req, res) => void res.send('young'),
  );
  app.get(
    '/quiet',
    passport.authenticate('twilio-2fa', { redirect: false } as object),
    (_req, res) => void res.send('quiet'),
  );
  app.get(
    '/to-login',
    passport.authenticate('twilio-2fa', { failureRedirect: '/sorry' }),
    (_req, res) => void res.send('in'),
  );
  app.get(
    '/with-error',
    passport.authenticate('twilio-2fa', { failWithError: true }),
    (_req, res) => void res.send('in'),
  );
  app.get('/bad-age', passport.authenticate('twilio-2fa', { maxAgeSeconds: 5 } as object));
}

describe('decision 1: without a primary user', () => {
  let app: TestApp;
  let withLogin: TestApp;
  before(async () => {
    app = await startTestApp({ routes });
    withLogin = await startTestApp({ routes, twoFactor: { loginUrl: '/login-page' } });
  });

  it('a page request gets 401 where no loginUrl is set', async () => {
    const answer = await app.client().get('/account');
    assert.equal(answer.status, 401);
    assert.equal(answer.location, null);
    assert.equal(answer.text, 'Unauthorized');
  });

  it('a page request is sent to loginUrl', async () => {
    const answer = await withLogin.client().get('/account');
    assert.equal(answer.status, 302);
    assert.equal(answer.location, '/login-page');
  });

  const notRedirected = [
    { name: 'a request of a script', path: '/account', status: 401 },
    { name: 'a route with redirect: false', path: '/quiet', status: 401 },
    { name: 'a route with failWithError', path: '/with-error', status: 401 },
  ];
  for (const { name, path, status } of notRedirected) {
    it(`${name} gets ${status} in spite of loginUrl`, async () => {
      const headers = path === '/account' ? AS_SCRIPT : {};
      const answer = await withLogin.client().get(path, headers);
      assert.equal(answer.status, status);
      assert.equal(answer.location, null);
    });
  }

  it('a route with failureRedirect goes there, and not to loginUrl', async () => {
    assert.equal((await withLogin.client().get('/to-login')).location, '/sorry');
  });

  it('a POST gets 401 and no code is checked', async () => {
    const answer = await app.client().post('/pay', { code: '123456' });
    assert.equal(answer.status, 401);
    assert.equal(callsOf(app, 'check'), 0);
  });
});

describe('decision 2: not required, or verified', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp({ routes, twoFactor: { isRequired: ({ user }) => !user.id.startsWith('free') } });
  });

  const cases = [
    { name: 'a verified user', enter: async () => app.verified(addUser(app).id) },
    { name: 'a user who need not', enter: async () => app.signedIn(addUser(app, { id: 'free-1' }).id) },
  ];
  for (const { name, enter } of cases) {
    it(`${name} passes without a session write, a new session ID, or a cookie`, async (t) => {
      const browser = await enter();
      const id = sessionIdOf(browser);
      const before = await storedSession(app, browser);
      const set = t.mock.method(app.store, 'set');
      const destroy = t.mock.method(app.store, 'destroy');
      for (const answer of [await browser.get('/account'), await browser.get('/report'), await browser.post('/pay')]) {
        assert.equal(answer.status, 200);
        assert.equal(answer.headers['set-cookie'], undefined);
      }
      assert.equal(set.mock.callCount(), 0);
      assert.equal(destroy.mock.callCount(), 0);
      assert.equal(sessionIdOf(browser), id);
      const { cookie: _, ...kept } = (await storedSession(app, browser)) ?? {};
      const { cookie: __, ...was } = before ?? {};
      assert.deepEqual(kept, was);
    });
  }

  it('a request that passes makes no call to Twilio', async () => {
    const browser = await app.verified(addUser(app).id);
    const before = app.emulator.requests().length;
    await browser.get('/account');
    await browser.post('/pay', { code: '123456' });
    assert.equal(app.emulator.requests().length, before);
  });

  it('a verification that is too old for one route is checked again there, and on no other route', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const browser = await app.verified(addUser(app).id);
    assert.equal((await browser.get('/step-up')).text, 'young');
    t.mock.timers.tick(59_999);
    assert.equal((await browser.get('/step-up')).text, 'young');
    t.mock.timers.tick(1);
    assert.equal((await browser.get('/step-up')).location, '/2fa');
    assert.equal((await browser.get('/account')).status, 200);
  });

  it('a user returns from the pages to the route that asked for a more recent verification', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const user = addUser(app);
    const browser = await app.verified(user.id);
    t.mock.timers.tick(600_000);
    assert.equal((await browser.get('/step-up?a=1')).location, '/2fa');
    assert.equal((await browser.get('/2fa')).status, 200);
    await browser.post('/2fa', { method: 'sms' });
    const answer = await browser.post('/2fa/verify', { code: await app.emulator.codeFor(user.phone) });
    assert.equal(answer.location, '/step-up?a=1');
    assert.equal((await browser.get('/step-up?a=1')).text, 'young');
  });

  it('the smaller maximum age of the strategy and the route applies', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const strict = await startTestApp({ routes, twoFactor: { maxAgeSeconds: 40 } });
    const browser = await strict.verified(addUser(strict).id);
    t.mock.timers.tick(39_999);
    assert.equal((await browser.get('/account')).status, 200);
    assert.equal((await browser.get('/step-up')).status, 200);
    t.mock.timers.tick(1);
    assert.equal((await browser.get('/account')).location, '/2fa');
    assert.equal((await browser.get('/step-up')).location, '/2fa');
  });

  it('an invalid maximum age of a route is an error that names it', async () => {
    const browser = await app.signedIn(addUser(app).id);
    const answer = await browser.get('/bad-age');
    assert.equal(answer.status, 500);
    assert.match(answer.text, /TypeError: .*maxAgeSeconds must be seconds, from 30/);
  });
});

describe('decision 4: a request that brings nothing', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp({ routes });
  });

  it('a page request is sent to the start page, and where it was going is remembered', async () => {
    const browser = await app.signedIn(addUser(app).id);
    const answer = await browser.get('/account?tab=2&x=%C3%A4');
    assert.equal(answer.status, 302);
    assert.equal(answer.location, '/2fa');
    assert.deepEqual(await app.record(browser), { returnTo: { path: '/account?tab=2&x=%C3%A4' } });
  });

  it('the session remembers the maximum age of the route', async () => {
    const browser = await app.signedIn(addUser(app).id);
    await browser.get('/step-up');
    assert.deepEqual(await app.record(browser), { returnTo: { path: '/step-up', age: 60 } });
  });

  it('the last page that was stopped before a code was sent wins', async () => {
    const user = addUser(app);
    const browser = await app.signedIn(user.id);
    await browser.get('/account');
    await browser.get('/report');
    await browser.post('/2fa', { method: 'sms' });
    const code = await app.emulator.codeFor(user.phone);
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/report');
  });

  const refused = [
    { name: 'a request of a script', path: '/account', headers: AS_SCRIPT },
    { name: 'a route with redirect: false', path: '/quiet', headers: {} },
    { name: 'a route with failWithError', path: '/with-error', headers: {} },
  ];
  for (const { name, path, headers } of refused) {
    it(`${name} gets 401, and nothing is remembered`, async () => {
      const browser = await app.signedIn(addUser(app).id);
      const answer = await browser.get(path, headers);
      assert.equal(answer.status, 401);
      assert.equal(answer.location, null);
      assert.equal(await app.record(browser), undefined);
    });
  }

  it('a route with failureRedirect goes there, and nothing is remembered', async () => {
    const browser = await app.signedIn(addUser(app).id);
    assert.equal((await browser.get('/to-login')).location, '/sorry');
    assert.equal(await app.record(browser), undefined);
  });

  for (const method of ['PUT', 'DELETE', 'HEAD']) {
    it(`${method} gets 401, although it accepts HTML`, async () => {
      const browser = await app.signedIn(addUser(app).id);
      const answer = await browser.send(method, '/report', undefined, { 'sec-fetch-mode': 'navigate' });
      assert.equal(answer.status, 401);
      assert.equal(await app.record(browser), undefined);
    });
  }

  it('a gate in front of the router is a fault that says what to do', async () => {
    const wrong = await startTestApp({ twoFactor: { mountPath: '/account' } });
    const browser = await wrong.signedIn(addUser(wrong).id);
    const answer = await browser.get('/account');
    assert.equal(answer.status, 500);
    assert.match(answer.text, /ERR_TWILIO_VERIFY_GATE_ON_ROUTER: .*\/account.*mountPath/);
  });
});

describe('what decides whether a request is one for a page', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp();
  });

  const cases: readonly { name: string; headers: Record<string, string>; isPage: boolean }[] = [
    { name: 'Sec-Fetch-Mode: navigate', headers: { 'sec-fetch-mode': 'navigate', accept: '*/*' }, isPage: true },
    { name: 'Sec-Fetch-Mode: cors, whatever it accepts', headers: { 'sec-fetch-mode': 'cors' }, isPage: false },
    { name: 'Sec-Fetch-Mode: no-cors', headers: { 'sec-fetch-mode': 'no-cors' }, isPage: false },
    {
      name: 'an old browser that accepts text/html among others',
      headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
      isPage: true,
    },
    { name: 'no Sec-Fetch-Mode, and accepts anything', headers: { accept: '*/*' }, isPage: false },
    { name: 'no Sec-Fetch-Mode, and accepts JSON', headers: { accept: 'application/json' }, isPage: false },
    { name: 'no Sec-Fetch-Mode and no Accept', headers: { accept: '' }, isPage: false },
  ];
  for (const { name, headers, isPage } of cases) {
    it(`${name}: ${isPage ? 'a page' : 'no page'}`, async () => {
      const browser = await app.signedIn(addUser(app).id);
      const answer = await browser.get('/account', headers);
      assert.equal(answer.status, isPage ? 302 : 401);
    });
  }
});

describe('an option object of a route', () => {
  it('an option object serves every request and never changes', async () => {
    const options = Object.freeze({ maxAgeSeconds: 60, session: true, successRedirect: '/done' });
    const app = await startTestApp({
      routes: (express, passport) => express.get('/frozen', passport.authenticate('twilio-2fa', options)),
    });
    const copy = { ...options };
    const browser = await app.verified(addUser(app).id);
    assert.equal((await browser.get('/frozen')).location, '/done');
    assert.equal((await (await app.signedIn(addUser(app).id)).get('/frozen')).location, '/2fa');
    assert.equal((await app.client().get('/frozen')).status, 401);
    assert.deepEqual(options, copy);
  });
});
