import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import cookieSession from 'cookie-session';
import express, { type Express } from 'express';
import { Passport } from 'passport';
import { TwilioVerifyStrategy } from 'passport-twilio-verify';
import { Client } from '../../support/client.js';
import { addUser, answerErrors, callsOf } from '../../support/second-step.js';
import { startTestApp, type TestApp, type TestUser } from '../../support/test-app.js';

const cookies = () => cookieSession({ name: 'kept', keys: ['a key of the test'] });

/** The session data in the browser: all of it, because the cookie is the store. */
function sessionIn(browser: Client): Record<string, unknown> {
  return JSON.parse(Buffer.from(browser.cookies.get('kept') ?? 'e30=', 'base64').toString('utf8'));
}

describe('a session without an id, with strategy.session()', () => {
  let app: TestApp;

  function routes(server: Express) {
    server.post('/remember', (req, res) => {
      (req.session as unknown as Record<string, unknown>).cart = ['book'];
      res.send('remembered');
    });
    server.post('/name', (req, res) => {
      Object.assign(req.session as object, { id: 'a cart', sessionId: 'a till' });
      res.send('named');
    });
    server.post('/again/:id', (req, res, next) => {
      const user = app.users.get(String(req.params.id)) as TestUser;
      req.logIn(user, { session: true, keepSessionInfo: true }, (error) => (error ? next(error) : void res.send('in')));
    });
  }

  before(async () => {
    app = await startTestApp({ session: cookies(), routes });
  });

  async function waiting() {
    const user = addUser(app);
    const browser = await app.signedIn(user.id);
    await browser.post('/2fa', { method: 'sms' });
    return { user, browser, code: await app.emulator.codeFor(user.phone) };
  }

  it('a cookie session supports a complete sign-in and keeps the data of the application', async () => {
    const { user, browser, code } = await waiting();
    await browser.post('/remember');
    assert.equal((await browser.get('/account')).location, '/2fa');
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/account');
    assert.equal((await browser.get('/account')).text, `account of ${user.id}`);
    assert.deepEqual(sessionIn(browser).cart, ['book']);
  });

  it('a cookie session holds no code and no recipient that its user could read', async () => {
    const { user, browser, code } = await waiting();
    const text = JSON.stringify(sessionIn(browser));
    assert.ok(!text.includes(user.phone));
    assert.ok(!text.includes(code));
  });

  it('a wrong code does not verify a cookie session', async () => {
    const { browser, code } = await waiting();
    await browser.post('/2fa/verify', { code: code.replace(/.$/, (digit) => String((Number(digit) + 1) % 10)) });
    assert.equal((await browser.get('/account')).location, '/2fa');
  });

  it('a sign-out, or a sign-in of the same or another user, ends the verification of a cookie session', async () => {
    for (const leave of ['/logout', `/login/${addUser(app).id}`, 'same'] as const) {
      const { user, browser, code } = await waiting();
      await browser.post('/2fa/verify', { code });
      assert.equal((await browser.get('/account')).status, 200);
      await browser.post(leave === 'same' ? `/login/${user.id}` : leave);
      assert.equal(sessionIn(browser)['twilio-2fa'], undefined);
      if (leave === '/logout') await browser.post(`/login/${user.id}`);
      assert.equal((await browser.get('/account')).location, '/2fa');
    }
  });

  it('an "id" that the application stores in the session is not used as the session ID', async () => {
    const { user, browser, code } = await waiting();
    await browser.post('/name');
    await browser.post('/2fa/verify', { code });
    assert.equal((await browser.get('/account')).status, 200);
    await browser.post('/name');
    await browser.post(`/again/${user.id}`);
    assert.equal(sessionIn(browser).id, 'a cart');
    assert.equal((await browser.get('/account')).location, '/2fa');
  });

  it('a record of a cookie session is invalid for another user', async () => {
    const verified = await waiting();
    await verified.browser.post('/2fa/verify', { code: verified.code });
    const record = sessionIn(verified.browser)['twilio-2fa'];
    assert.ok(record);
    const other = await startTestApp({
      session: cookies(),
      routes: (server) => {
        server.post('/plant', (req, res) => {
          Object.assign(req.session as object, { 'twilio-2fa': record });
          res.send('planted');
        });
      },
    });
    const browser = await other.signedIn(addUser(other).id);
    await browser.post('/plant');
    assert.equal((await browser.get('/account')).location, '/2fa');
  });

  it('a sign-in drops the pending verification of a cookie session', async () => {
    const { browser, code } = await waiting();
    await browser.post(`/login/${addUser(app).id}`);
    const checks = callsOf(app, 'check');
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa');
    assert.equal(callsOf(app, 'check'), checks);
  });

  it('a sign-in with keepSessionInfo keeps the data of the application, but not the verification', async () => {
    const { user, browser, code } = await waiting();
    await browser.post('/2fa/verify', { code });
    await browser.post('/remember');
    assert.equal((await browser.post(`/again/${user.id}`)).text, 'in');
    assert.equal((await browser.get('/account')).location, '/2fa');
    assert.deepEqual(sessionIn(browser).cart, ['book']);
  });

  it('the functions that Passport calls are not in the cookie', async () => {
    const { browser } = await waiting();
    assert.deepEqual(Object.keys(sessionIn(browser)).sort(), ['passport', 'twilio-2fa']);
  });

  it('two submits of a form verify a session without an ID once, and the second response sets no cookie', async () => {
    const { browser, code } = await waiting();
    const checks = callsOf(app, 'check');
    app.emulator.fail({ call: 'check', delayMs: 100 });
    const tabs = [browser.fork(), browser.fork()];
    const answers = await Promise.all(tabs.map((tab) => tab.post('/2fa/verify', { code })));
    assert.deepEqual(
      answers.map(({ location }) => location),
      ['/2fa/success', '/2fa/success'],
    );
    assert.equal(answers.filter(({ headers }) => headers['set-cookie'] !== undefined).length, 1);
    const statuses = await Promise.all(tabs.map(async (tab) => (await tab.get('/account')).status));
    assert.deepEqual(statuses.sort(), [200, 302]);
    assert.equal(callsOf(app, 'check') - checks, 1);
  });
});

describe('a session without an id, without strategy.session()', () => {
  const stops: (() => void)[] = [];
  after(() => {
    for (const stop of stops) stop();
  });

  async function start(arrange: (app: Express, passport: InstanceType<typeof Passport>) => void): Promise<Client> {
    const passport = new Passport();
    passport.use(
      new TwilioVerifyStrategy<TestUser>({ phoneNumber: () => undefined, storePhoneNumber: () => undefined }),
    );
    const app = express();
    app.use(cookies(), (req, _res, next) => {
      Object.assign(req, { user: { id: 'ann' } });
      next();
    });
    arrange(app, passport);
    app.get('/account', passport.authenticate('twilio-2fa'));
    app.use(answerErrors);
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    stops.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return new Client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  it('a missing strategy.session() is an error that names it', async () => {
    const client = await start((app, passport) => app.use(passport.session()));
    const answer = await client.get('/account');
    assert.equal(answer.status, 500);
    assert.match(answer.text, /ERR_TWILIO_VERIFY_NO_SESSION_ID: .*strategy\.session\(\).*passport\.session\(\)/);
  });

  it('a strategy.session() before passport.session() is an error, because it would not notice a sign-in', async () => {
    const client = await start((app, passport) => {
      const strategy = new TwilioVerifyStrategy<TestUser>({ phoneNumber: () => undefined, storePhoneNumber: () => {} });
      app.use(strategy.session(), passport.session());
    });
    const answer = await client.get('/account');
    assert.equal(answer.status, 500);
    assert.match(answer.text, /ERR_TWILIO_VERIFY_NO_SESSION_ID/);
  });
});
