/**
 * T29. Attacker: the next person at a shared browser, who knows the password of the user before. Goal: pass without a
 * code. Passport changes the session ID at sign-in, but an app that signs users in by itself may not, or leaves a guest
 * as the user. Defense: `session()` removes the verification of a request without its user, and an error reports a
 * `session()` that runs too early. A session that keeps its ID after a correct code verifies no one.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Express, RequestHandler } from 'express';
import session from 'express-session';
import {
  startTestApp,
  type TestApp,
  type TestAppOptions,
  type TestOptions,
  type TestUser,
} from '../support/test-app.js';

/**
 * An app that signs users in without Passport and keeps the session ID: `req.session.userId` decides who the user is.
 * `mount` adds the middleware that sets the user and `twoFactor.session()`, in the order under test.
 */
const ownSignIn = (
  mount: (server: Express, setUser: RequestHandler, twoFactor: RequestHandler) => void,
  { guest, twoFactor }: { readonly guest?: object; readonly twoFactor?: TestOptions } = {},
) => {
  const users = new Map<string, TestUser>([['ann', { id: 'ann', phone: '+12025550123' }]]);
  const setUser: RequestHandler = (req, _res, next) => {
    const { userId } = req.session as unknown as { userId?: string };
    const user = userId === undefined ? guest : users.get(userId);
    if (user) Object.assign(req, { user });
    next();
  };
  const options: TestAppOptions = {
    session: null,
    router: false,
    twoFactor: { mountPath: '/second', allowedMethods: ['sms'], ...twoFactor },
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
      server.get('/open', (_req, res) => void res.send('open to all'));
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

  const accountId: NonNullable<TestOptions['userId']> = ({ user }) => {
    const { account } = { account: user.id ? { id: user.id } : undefined } as { account: { id: string } };
    return account.id;
  };
  for (const { name, guest, twoFactor } of [
    { name: 'a guest without an ID', guest: { isGuest: true }, twoFactor: {} },
    { name: 'a guest with an ID of its own', guest: { id: 'guest-1' }, twoFactor: {} },
    { name: 'a guest for whom userId throws', guest: { isGuest: true }, twoFactor: { userId: accountId } },
    {
      name: 'a guest for whom userId rejects',
      guest: { isGuest: true },
      twoFactor: { userId: async (context: Parameters<typeof accountId>[0]) => accountId(context) },
    },
  ]) {
    for (const path of ['/open', '/second', '/own-account']) {
      it(`${name} who requests ${path} ends the verification of the user who signed out`, async () => {
        const app = await ownSignIn((server, setUser, middleware) => server.use(setUser, middleware), {
          guest,
          twoFactor,
        });
        const browser = await verify(app);
        await browser.post('/own-logout');
        await browser.get(path);
        await browser.post('/own-login');
        assert.equal((await browser.get('/own-account')).location, '/second');
      });
    }
  }

  it('a code that was pending at sign-out no longer verifies after requests of a guest', async () => {
    const app = await ownSignIn((server, setUser, twoFactor) => server.use(setUser, twoFactor), {
      guest: { id: 'guest-1' },
    });
    const browser = app.client();
    await browser.post('/own-login');
    await browser.post('/second', { method: 'sms' });
    const code = await app.emulator.codeFor('+12025550123');
    await browser.post('/own-logout');
    await browser.get('/open');
    await browser.post('/own-login');
    await browser.post('/second/verify', { code });
    assert.equal((await browser.get('/own-account')).location, '/second');
  });

  it('the user keeps a verification, and userId is called once for a protected request', async () => {
    let calls = 0;
    const app = await ownSignIn((server, setUser, twoFactor) => server.use(setUser, twoFactor), {
      guest: { id: 'guest-1' },
      twoFactor: {
        userId: async ({ user }) => {
          calls += 1;
          return user.id;
        },
      },
    });
    const browser = await verify(app);
    for (const path of ['/open', '/own-account', '/second']) {
      calls = 0;
      await browser.get(path);
      assert.equal(calls, 1, path);
    }
    assert.equal((await browser.get('/own-account')).text, 'account');
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

  for (const { name, mount, options } of [
    {
      name: 'mounted twice, the first time too early',
      mount: (server: Express, setUser: RequestHandler, twoFactor: RequestHandler) =>
        server.use(twoFactor, setUser, twoFactor),
      options: {},
    },
    {
      name: 'mounted between the guest and the user',
      mount: (server: Express, setUser: RequestHandler, twoFactor: RequestHandler) =>
        server.use((req, _res, next) => next(void Object.assign(req, { user: { id: 'guest-1' } })), twoFactor, setUser),
      options: {},
    },
    {
      name: 'mounted before the tenant that userId reads',
      mount: (server: Express, setUser: RequestHandler, twoFactor: RequestHandler) =>
        server.use(setUser, twoFactor, (req, _res, next) => next(void Object.assign(req, { tenant: 'acme' }))),
      options: {
        twoFactor: {
          userId: ({ user, req }) => `${(req as unknown as { tenant?: string }).tenant}:${user.id}`,
        } satisfies TestOptions,
      },
    },
  ]) {
    it(`twoFactor.session() ${name} throws ERR_TWILIO_VERIFY_SESSION_ORDER`, async () => {
      const app = await ownSignIn((...given) => void mount(...given), options);
      const browser = app.client();
      await browser.post('/own-login');
      assert.equal((await browser.get('/own-account')).location, '/second', 'nothing was removed yet');
      const sent = await browser.post('/second', { method: 'sms' });
      const fault = sent.status === 500 ? sent : await browser.get('/second/verify');
      assert.equal(fault.status, 500);
      assert.match(fault.text, /^ERR_TWILIO_VERIFY_SESSION_ORDER: /);
    });
  }

  it('twoFactor.session() twice after the middleware that sets the user changes nothing', async () => {
    const app = await ownSignIn((server, setUser, twoFactor) => server.use(setUser, twoFactor, twoFactor));
    const browser = await verify(app);
    await browser.post('/own-logout');
    await browser.post('/own-login');
    assert.equal((await browser.get('/own-account')).location, '/second');
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
