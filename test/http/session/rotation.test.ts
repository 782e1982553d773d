import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { addUser, recordOf, sessionIdOf, storedSession, waitForCode } from '../../support/second-step.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

describe('the session id', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp({
      routes: (express) => {
        express.post('/remember', (req, res) => {
          const session = req.session as unknown as Record<string, unknown>;
          session.cart = { items: ['book'], count: 1 };
          session.theme = 'dark';
          req.session.cookie.maxAge = 7_200_000;
          req.session.cookie.sameSite = 'strict';
          req.session.cookie.path = '/';
          res.send('remembered');
        });
      },
    });
  });

  it('the verification regenerates the session ID, and the old ID is invalid', async () => {
    const { browser, code } = await waitForCode(app);
    const planted = browser.fork();
    const old = sessionIdOf(browser);
    assert.equal((await browser.post('/2fa/verify', { code })).status, 303);
    assert.notEqual(sessionIdOf(browser), old);
    assert.equal(await storedSession(app, planted), undefined);
    assert.equal((await planted.get('/account')).status, 401);
    assert.equal((await browser.get('/account')).status, 200);
  });

  it('the session ID stays the same at every earlier step', async () => {
    const { browser, wrong } = await waitForCode(app);
    const id = sessionIdOf(browser);
    await browser.get('/account');
    await browser.get('/2fa/verify');
    await browser.post('/2fa/verify', { code: wrong });
    await browser.post('/2fa/cancel');
    assert.equal(sessionIdOf(browser), id);
  });

  it('a new session ID keeps the rest of the session: data, user, and cookie settings', async () => {
    const { user, browser, code } = await waitForCode(app);
    await browser.post('/remember');
    const before = (await storedSession(app, browser)) as { cookie: { originalMaxAge: number } };
    const answer = await browser.post('/2fa/verify', { code });
    const after = ((await storedSession(app, browser)) ?? {}) as Record<string, unknown>;
    assert.deepEqual(after.cart, { items: ['book'], count: 1 });
    assert.equal(after.theme, 'dark');
    assert.deepEqual(after.passport, { user: user.id });
    const cookie = after.cookie as { originalMaxAge: number; sameSite: string };
    assert.ok(Math.abs(cookie.originalMaxAge - before.cookie.originalMaxAge) < 5_000, 'the life of the cookie');
    assert.equal(cookie.sameSite, 'strict');
    const [setCookie = ''] = answer.headers['set-cookie'] ?? [];
    assert.match(setCookie, /Expires=/);
    assert.match(setCookie, /SameSite=Strict/);
  });

  it('a skipped registration regenerates the session ID', async () => {
    const optional = await startTestApp({ twoFactor: { registerOptional: true } });
    const browser = await optional.signedIn(addUser(optional, { phone: undefined }).id);
    const id = sessionIdOf(browser);
    await browser.post('/2fa/skip');
    assert.notEqual(sessionIdOf(browser), id);
    assert.equal((await browser.get('/account')).status, 200);
  });

  it('a change of number regenerates the session ID, and the verification keeps its age', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const browser = await app.verified(addUser(app).id);
    const id = sessionIdOf(browser);
    const { verified } = await recordOf(app, browser);
    t.mock.timers.tick(30_000);
    await browser.post('/2fa/change', { phoneNumber: '+12025580010', method: 'sms' });
    await browser.post('/2fa/verify', { code: await app.emulator.codeFor('+12025580010') });
    assert.notEqual(sessionIdOf(browser), id);
    assert.equal((await recordOf(app, browser)).verified?.at, verified?.at);
  });
});

describe('a session store that fails once', () => {
  for (const step of ['destroy', 'set'] as const) {
    it(`a store failure at "${step}" makes the check fail with 503`, async (t) => {
      const app = await startTestApp();
      const { browser, code } = await waitForCode(app);
      const fail = (_id: string, ...rest: unknown[]) => {
        const done = rest.at(-1) as (error: Error) => void;
        done(new Error('store is down'));
      };
      t.mock.method(app.store, step, fail as never, { times: 1 });
      const answer = await browser.post('/2fa/verify', { code });
      assert.equal(answer.status, 503);
      assert.match(answer.text, /ERR_TWILIO_VERIFY_SESSION_STORE/);
    });
  }

  it('a store failure at "destroy" leaves no verification', async (t) => {
    const app = await startTestApp();
    const { browser, code } = await waitForCode(app);
    const fail = (_id: string, done: (error: Error) => void) => done(new Error('store is down'));
    t.mock.method(app.store, 'destroy', fail as never, { times: 1 });
    await browser.post('/2fa/verify', { code });
    assert.equal((await recordOf(app, browser)).verified, undefined);
    assert.notEqual((await browser.get('/account')).status, 200);
  });
});
