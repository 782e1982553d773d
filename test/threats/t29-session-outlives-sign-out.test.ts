import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Express, RequestHandler } from 'express';
import session from 'express-session';
import { startTestApp, type TestApp, type TestAppOptions, type TestUser } from '../support/test-app.js';

/**
 * An app that signs users in without Passport and keeps the session ID: `req.session.userId` decides who the user is.
 * `mount` adds the middleware that sets the user and `twoFactor.session()`, in the order under test.
 */
const ownSignIn = (mount: (server: Express, setUser: RequestHandler, twoFactor: RequestHandler) => void) => {
  const users = new Map<string, TestUser>([['ann', { id: 'ann', phone: '+12025550123' }]]);
  const setUser: RequestHandler = (req, _res, next) => {
    const { userId } = req.session as unknown as { userId?: string };
    if (userId !== undefined) Object.assign(req, { user: users.get(userId) });
    next();
  };
  const options: TestAppOptions = {
    session: null,
    router: false,
    twoFactor: { mountPath: '/second', allowedMethods: ['sms'] },
    routes: (server, passport, strategy) => {
      server.use(session({ secret: 'test', resave: false, saveUninitialized: false }));
      mount(server, setUser, strategy.session() as RequestHandler);
      server.post('/own-login', (req, res, next) => {
        Object.assign(req.session, { userId: 'ann' });
        Object.assign(req, { user: users.get('ann') });
        if (!req.query.send) return void res.send('in');
        strategy.sendOnLogin()(req, res, next);
      });
      server.post('/own-logout', (req, res) => {
        delete (req.session as unknown as { userId?: string }).userId;
        res.send('out');
      });
      server.use('/second', strategy.router());
      server.get('/own-account', passport.authenticate('twilio-2fa'), (_req, res) => void res.send('account'));
    },
  };
  return startTestApp(options);
};

async function verify(app: TestApp) {
  const browser = app.client();
  await browser.post('/own-login');
  assert.equal((await browser.get('/own-account')).location, '/second');
  assert.equal((await browser.post('/second', { method: 'sms' })).location, '/second/verify');
  await browser.post('/second/verify', { code: await app.emulator.codeFor('+12025550123') });
  assert.equal((await browser.get('/own-account')).text, 'account');
  return browser;
}

describe('a sign-out that keeps the session ID', () => {
  it('a verification does not outlive a sign-out that keeps the session ID', async () => {
    const app = await ownSignIn((server, setUser, twoFactor) => server.use(setUser, twoFactor));
    const browser = await verify(app);
    await browser.post('/own-logout');
    await browser.post('/own-login');
    assert.equal((await browser.get('/own-account')).location, '/second');
  });

  it('a code that was pending at sign-out no longer verifies', async () => {
    const app = await ownSignIn((server, setUser, twoFactor) => server.use(setUser, twoFactor));
    const browser = app.client();
    await browser.post('/own-login');
    await browser.post('/second', { method: 'sms' });
    const code = await app.emulator.codeFor('+12025550123');
    await browser.post('/own-logout');
    await browser.post('/own-login');
    await browser.post('/second/verify', { code });
    assert.equal((await browser.get('/own-account')).location, '/second');
  });

  it('an app without twoFactor.session() gets one warning with the line to add', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error & { code?: string }) => warnings.push(`${warning.code}: ${warning.message}`);
    process.on('warning', listen);
    try {
      const app = await ownSignIn((server, setUser) => server.use(setUser));
      await verify(app);
      await new Promise(setImmediate);
    } finally {
      process.off('warning', listen);
    }
    const own = warnings.filter((text) => text.startsWith('TWILIO_VERIFY_SESSION_NOT_MOUNTED'));
    assert.equal(own.length, 1);
    assert.match(own[0] ?? '', /app\.use\(twoFactor\.session\(\)\)/);
  });
});

describe('twoFactor.session() before the middleware that sets the user', () => {
  it('a protected route and a page throw ERR_TWILIO_VERIFY_SESSION_ORDER', async () => {
    const app = await ownSignIn((server, setUser, twoFactor) => server.use(twoFactor, setUser));
    const browser = app.client();
    await browser.post('/own-login');
    assert.equal((await browser.get('/own-account')).location, '/second', 'nothing was removed yet');
    const page = await browser.get('/second');
    assert.equal(page.status, 500);
    assert.match(page.text, /^ERR_TWILIO_VERIFY_SESSION_ORDER: .*after app\.use\(passport\.session\(\)\)/);
  });

  it('sendOnLogin() on a stale session sends the code and throws nothing', async () => {
    const app = await ownSignIn((server, setUser, twoFactor) => server.use(setUser, twoFactor));
    const browser = await verify(app);
    await browser.post('/own-logout');
    const answer = await browser.post('/own-login?send=1');
    assert.equal(answer.location, '/second/verify', answer.text);
  });
});

describe('a session that keeps its ID', () => {
  for (const { name, regenerate, reason } of [
    { name: 'has no regenerate()', regenerate: undefined, reason: /has no regenerate\(\)/ },
    { name: 'keeps its ID in regenerate()', regenerate: (done: () => void) => done(), reason: /keeps its ID/ },
  ]) {
    it(`a code verifies nothing if the session ${name}`, async () => {
      const app = await startTestApp({
        session: (req, res, next) => {
          session({ secret: 'test', resave: false, saveUninitialized: false, store })(req, res, () => {
            if (req.path.startsWith('/2fa')) Object.defineProperty(req.session, 'regenerate', { value: regenerate });
            app.passport.session()(req, res, () => app.strategy.session()(req, res, next));
          });
        },
      });
      const browser = await app.signedIn('ann');
      await browser.post('/2fa', { method: 'sms' });
      const answer = await browser.post('/2fa/verify', { code: await app.emulator.codeFor('+12025550123') });
      assert.equal(answer.status, 500);
      assert.match(answer.text, /^ERR_TWILIO_VERIFY_SESSION_STORE/);
      assert.match(answer.text, reason);
      assert.equal((await browser.get('/account')).location, '/2fa');
    });
  }
});

describe('the page that the user wanted before the sign-in', () => {
  it('req.session.returnTo survives the sign-in', async () => {
    const app = await startTestApp({
      routes: (server) => {
        server.get('/wanted', (req, res) => {
          Object.assign(req.session, { returnTo: '/deep?link=1' });
          res.send('kept');
        });
        server.get('/return-to', (req, res) => void res.json((req.session as { returnTo?: string }).returnTo));
      },
    });
    const browser = app.client();
    await browser.get('/wanted');
    await browser.post('/login/ann');
    assert.equal((await browser.get('/return-to')).text, '"/deep?link=1"');
  });
});

const store = new session.MemoryStore();
