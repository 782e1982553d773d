import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { SessionRecord } from '../../src/session/session-record.js';
import type { Client } from '../support/client.js';
import { addUser, callsOf, newNumber, sessionIdOf, waitForCode } from '../support/second-step.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { type OpenStore, STORES, type StoreUnderTest } from './support/stores.js';

// Said by test/sessions/support/run-combinations.ts, which runs this file once per combination.
const { SESSION_STORE, WITH_NODE, WITH_EXPRESS } = process.env;

const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

for (const kind of STORES.filter(({ name }) => SESSION_STORE === undefined || name === SESSION_STORE)) {
  describe(`the second step with ${kind.title}`, () => flow(kind));
}

describe('this run', () => {
  it('this run uses the version of Node that it is meant for', { skip: WITH_NODE === undefined }, () => {
    assert.equal(process.versions.node.split('.')[0], WITH_NODE);
  });

  it('this run uses the version of Express that it is meant for', { skip: WITH_EXPRESS === undefined }, () => {
    const { version } = require(path.join(path.dirname(require.resolve('express')), 'package.json'));
    assert.equal(version.split('.')[0], WITH_EXPRESS);
  });
});

function flow(kind: StoreUnderTest): void {
  let store: OpenStore;
  let app: TestApp;
  before(async () => {
    store = await kind.open();
    app = await startTestApp({
      session: store.handler,
      twoFactor: { allowedMethods: ['sms', 'call', 'whatsapp'] },
      routes: (express) => {
        express.post('/remember', (req, res) => {
          Object.assign(req.session, { cart: { items: ['book'] }, theme: 'dark' });
          res.send('remembered');
        });
        express.post('/again/:id', (req, res, next) => {
          const user = app.users.get(String(req.params.id)) ?? {};
          req.logIn(user, { keepSessionInfo: true, session: true }, (error) =>
            error ? next(error) : void res.send('in again'),
          );
        });
      },
    });
  });
  after(() => store.close());

  const recordOf = async (browser: Client) => ((await store.read(browser))?.['twilio-2fa'] ?? {}) as SessionRecord;
  /** A copy of the session as it is now, for one with an id; a cookie session can be copied for good, and is not. */
  const planted = (browser: Client) => (kind.hasId ? browser.fork() : undefined);

  it('goes the whole way: stopped, sent, sent again, wrong, right, in, out', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const user = addUser(app);
    const browser = await app.signedIn(user.id);
    await browser.post('/remember');
    assert.equal((await browser.get('/account')).location, '/2fa');
    assert.equal((await browser.get('/2fa')).status, 200);
    assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
    assert.equal((await browser.get('/2fa/verify')).status, 200);

    t.mock.timers.tick(180_000);
    assert.equal((await browser.post('/2fa/resend')).location, '/2fa/verify');
    assert.equal(app.emulator.messages(user.phone).length, 2);
    const code = await app.emulator.codeFor(user.phone);
    const wrong = code.replace(/.$/, (digit) => String((Number(digit) + 1) % 10));
    assert.equal((await browser.post('/2fa/verify', { code: wrong })).location, '/2fa/verify');
    assert.equal((await recordOf(browser)).pending?.sent?.wrong, 1);
    assert.equal((await browser.get('/account')).location, '/2fa');

    const before = planted(browser);
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/account');
    assert.equal((await browser.get('/account')).text, `account of ${user.id}`);
    if (before) {
      assert.notEqual(sessionIdOf(browser), sessionIdOf(before));
      assert.equal(await store.read(before), undefined);
      assert.equal((await before.get('/account')).status, 401);
    }
    const { cart, theme, passport } = (await store.read(browser)) ?? {};
    assert.deepEqual(
      { cart, theme, passport },
      { cart: { items: ['book'] }, theme: 'dark', passport: { user: user.id } },
    );

    const verified = planted(browser);
    assert.equal((await browser.post('/logout')).text, 'out');
    assert.equal((await browser.get('/account')).status, 401);
    if (verified) assert.equal((await verified.get('/account')).status, 401);
    await browser.post(`/login/${user.id}`);
    assert.equal((await browser.get('/account')).location, '/2fa');
  });

  it('registers a first number, and is verified with it', async () => {
    const user = addUser(app, { phone: undefined });
    const phone = newNumber();
    const browser = await app.signedIn(user.id);
    await browser.post('/remember');
    assert.equal((await browser.get('/account')).location, '/2fa');
    assert.equal((await browser.get('/2fa')).location, '/2fa/register');
    assert.equal((await browser.post('/2fa/register', { phoneNumber: phone, method: 'sms' })).location, '/2fa/verify');
    assert.equal((await recordOf(browser)).pending?.to, phone);
    const before = planted(browser);
    assert.equal((await browser.post('/2fa/verify', { code: await app.emulator.codeFor(phone) })).location, '/account');
    assert.equal(app.users.get(user.id)?.phone, phone);
    assert.equal((await browser.get('/account')).status, 200);
    assert.equal((await store.read(browser))?.theme, 'dark');
    if (before) assert.equal((await before.get('/account')).status, 401);
  });

  for (const leave of ['another user', 'the same user'] as const) {
    it(`the verification is required again when ${leave} logs in, in the same session`, async () => {
      const { user, browser, code } = await waitForCode(app);
      await browser.post('/2fa/verify', { code });
      assert.equal((await browser.get('/account')).status, 200);
      const next = leave === 'another user' ? addUser(app) : user;
      await browser.post(`/login/${next.id}`);
      assert.deepEqual(await recordOf(browser), {});
      assert.equal((await browser.get('/account')).location, '/2fa');
    });
  }

  it('a pending verification ends when another user signs in: its code is invalid, and the form does not ask for it', async () => {
    const { browser, code } = await waitForCode(app);
    await browser.post(`/login/${addUser(app).id}`);
    const checks = callsOf(app, 'check');
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa');
    assert.equal(callsOf(app, 'check'), checks);
  });

  it('the verification is required again after a sign-in that keeps the rest of the session', async () => {
    const { user, browser, code } = await waitForCode(app);
    await browser.post('/2fa/verify', { code });
    await browser.post('/remember');
    assert.equal((await browser.post(`/again/${user.id}`)).text, 'in again');
    assert.equal((await store.read(browser))?.theme, 'dark');
    assert.equal((await browser.get('/account')).location, '/2fa');
  });

  it('adds one key to the session, of 400 bytes at most while pending and 220 when verified', async () => {
    const phone = newNumber();
    const browser = await app.signedIn(addUser(app, { phone: undefined }).id);
    const keys = async () => Object.keys((await store.read(browser)) ?? {}).filter((key) => key !== 'cookie');
    assert.deepEqual(await keys(), ['passport']);
    // More than there is room for: the longest way back, in addition to the number that is being registered.
    await browser.get(`/account?${'a'.repeat(190)}`);
    await browser.post('/2fa/register', { phoneNumber: phone, method: 'whatsapp' });
    assert.deepEqual((await keys()).sort(), ['passport', 'twilio-2fa']);
    const pending = await recordOf(browser);
    assert.equal(pending.pending?.to, phone);
    const { returnTo: _path, ...own } = pending;
    assert.ok(bytes(own) <= 400, `${bytes(own)} bytes`);
    await browser.get(`/account?${'b'.repeat(120)}`);
    await browser.post('/2fa/verify', { code: await app.emulator.codeFor(phone) });
    assert.deepEqual((await keys()).sort(), ['passport', 'twilio-2fa']);
    const verified = await recordOf(browser);
    assert.ok(verified.verified);
    const { wentTo: _next, ...verification } = verified.verified;
    assert.ok(bytes({ ...verified, verified: verification }) <= 220);
  });

  it('two parallel submits verify once, and both continue', async () => {
    const { browser, code } = await waitForCode(app);
    await browser.get('/account');
    const checks = callsOf(app, 'check');
    app.emulator.fail({ call: 'check', delayMs: 100 });
    const tabs = [browser.fork(), browser.fork()];
    const answers = await Promise.all(tabs.map((tab) => tab.post('/2fa/verify', { code })));
    assert.deepEqual(
      answers.map(({ location }) => location),
      ['/account', '/account'],
    );
    const statuses = await Promise.all(tabs.map(async (tab) => (await tab.get('/account')).status));
    // Both get the one session that is verified. One that is kept in a cookie belongs to the first response alone.
    assert.deepEqual(statuses.sort(), kind.hasId ? [200, 200] : [200, 302]);
    if (kind.hasId) assert.equal(new Set(tabs.map(sessionIdOf)).size, 1);
    assert.equal(callsOf(app, 'check') - checks, 1);
    if (kind.hasId) assert.equal((await browser.get('/account')).status, 401);
  });

  if (kind.hasId) {
    it('does not come back by a request that the user started before signing out', async () => {
      const { browser, code } = await waitForCode(app);
      const [before, old] = [browser.fork(), browser.fork()];
      const held = await browser.hold('/2fa/verify', { code });
      await before.fork().post('/logout');
      assert.equal((await held.finish()).status, 401);
      for (const client of [browser, before]) assert.equal((await client.get('/account')).status, 401);
      assert.equal(await store.read(old), undefined);
    });
  }
}
