import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import cookieSession from 'cookie-session';
import type { RequestHandler } from 'express';
import session from 'express-session';
import { startFastifyApp } from '../../frameworks/support/fastify-app.js';
import type { Client } from '../../support/client.js';
import { type Parts, startAppWith } from './support/app-with.js';

/** A primary step without a session, such as one with a token. */
const ann: RequestHandler = (req, _res, next) => {
  Object.assign(req, { user: { id: 'ann', phone: '+12025550123' } });
  next();
};

const JSON_ONLY = { accept: 'application/json' };

/** Every way in which a request can meet the second step. */
const WAYS: readonly { readonly name: string; readonly go: (browser: Client) => ReturnType<Client['get']> }[] = [
  { name: 'the gate, for a page', go: (browser) => browser.get('/account') },
  { name: 'the gate, for a program', go: (browser) => browser.postJson('/account', {}, JSON_ONLY) },
  { name: 'a page', go: (browser) => browser.get('/2fa') },
  { name: 'a form', go: (browser) => browser.post('/2fa', { method: 'sms' }) },
  { name: 'JSON', go: (browser) => browser.get('/2fa/verify', JSON_ONLY) },
  { name: 'the core, for a step', go: (browser) => browser.get('/core/start') },
  { name: 'the core, for the status', go: (browser) => browser.get('/core/status') },
  { name: 'the core, for verification', go: (browser) => browser.get('/core/verified') },
];

function addRoutes({ app, twoFactor, addLogin, addAccount }: Parts): void {
  addLogin();
  app.use('/2fa', twoFactor.router());
  addAccount();
  app.get('/core/start', (req, res, next) => void twoFactor.start(req, 'sms').then((result) => res.json(result), next));
  app.get('/core/status', (req, res, next) => void twoFactor.status(req).then((status) => res.json(status), next));
  app.get('/core/verified', async (req, res, next) => {
    try {
      res.json(await twoFactor.verification(req));
    } catch (error) {
      next(error);
    }
  });
}

describe('without express-session', () => {
  for (const { name, go } of WAYS) {
    it(`missing sessions are an error with the line to add at ${name}`, async () => {
      const app = await startAppWith((parts) => {
        parts.app.use(ann);
        addRoutes(parts);
      });
      const { status, text } = await go(app.client());
      assert.equal(status, 500);
      assert.match(text, /^ERR_TWILIO_VERIFY_NO_SESSION: .*Add express-session \(app\.use\(session\(\{ … \}\)\)\)/);
    });
  }

  it('missing sessions are an error on a protected route even if no one has signed in', async () => {
    const app = await startAppWith(addRoutes);
    assert.match((await app.client().get('/account')).text, /^ERR_TWILIO_VERIFY_NO_SESSION: .*app\.use\(session\(/);
  });

  it('Passport reports missing sessions first where it needs them', async () => {
    const own =
      /^Error: Login sessions require session support\. Did you forget to use `express-session` middleware\?$/;
    const withPassport = await startAppWith((parts) => {
      parts.app.use(parts.passport.session(), parts.twoFactor.session());
      addRoutes(parts);
    });
    assert.match((await withPassport.client().get('/account')).text, own);
    const without = await startAppWith(addRoutes);
    assert.match((await without.client().post('/login/ann')).text, own);
  });
});

describe('without passport.session()', () => {
  for (const { name, go } of WAYS) {
    it(`a missing passport.session() is an error with the line to add at ${name}`, async () => {
      const app = await startAppWith((parts) => {
        parts.app.use(parts.expressSession);
        addRoutes(parts);
      });
      const { status, text } = await go(await app.signedIn());
      assert.equal(status, 500);
      assert.match(text, /^ERR_TWILIO_VERIFY_NO_PASSPORT_SESSION: .*Add app\.use\(passport\.session\(\)\) after/);
    });
  }

  it('a late passport.session() is an error, even for a user whose serialized form is 0', async () => {
    const app = await startAppWith((parts) => {
      parts.app.use(parts.expressSession);
      addRoutes(parts);
      parts.app.use(parts.passport.session());
    });
    const browser = await app.signedIn();
    assert.match((await browser.get('/account')).text, /^ERR_TWILIO_VERIFY_NO_PASSPORT_SESSION/);
    const zero = await startAppWith((parts) => {
      parts.app.use((req, _res, next) => {
        Object.assign(req, { session: { id: 'an id', passport: { user: 0 } } });
        next();
      });
      addRoutes(parts);
    });
    assert.match((await zero.client().get('/account')).text, /^ERR_TWILIO_VERIFY_NO_PASSPORT_SESSION/);
  });

  it('a missing passport.session() causes no error for a user who has not signed in', async () => {
    const app = await startAppWith((parts) => {
      parts.app.use(parts.expressSession);
      addRoutes(parts);
    });
    assert.equal((await app.client().get('/account')).status, 401);
    assert.equal((await app.client().get('/2fa')).status, 401);
  });
});

describe('with passport.session(), a user who is missing', () => {
  const start = () =>
    startAppWith((parts) => {
      parts.app.use(...parts.sessions);
      addRoutes(parts);
      parts.app.post('/logout', (req, res, next) => req.logOut((error) => (error ? next(error) : res.send('out'))));
    });

  it('a missing user causes no error if the application no longer knows the user', async () => {
    const app = await start();
    const browser = await app.signedIn();
    app.users.delete('ann');
    for (const { name, go } of WAYS.slice(0, 5)) assert.equal((await go(browser)).status, 401, name);
  });

  it('a missing user causes no error after a sign-out', async () => {
    const browser = await (await start()).signedIn();
    await browser.post('/logout');
    assert.equal((await browser.get('/account')).status, 401);
  });

  it('a missing user causes no error with Fastify, where Passport keeps something else in the session', async () => {
    const app = await startFastifyApp({
      kind: '@fastify/session',
      routes: (fastify) => {
        // As if the user had been serialized to an object; the request then has no user.
        fastify.addHook('preValidation', async (request) => {
          const { session } = request as unknown as { session: { passport?: unknown } };
          session.passport = { name: 'ann' };
        });
      },
    });
    assert.equal((await app.client().get('/account')).status, 401);
  });
});

describe('cookie-session without strategy.session()', () => {
  const cookies = () => cookieSession({ name: 'kept', keys: ['a key of the test'] });

  it('cookie-session without strategy.session() fails at sign-in with an error from Passport', async () => {
    const app = await startAppWith((parts) => {
      parts.app.use(cookies(), parts.passport.session());
      addRoutes(parts);
    });
    const { status, text } = await app.client().post('/login/ann');
    assert.equal(status, 500);
    assert.match(text, /^TypeError: req\.session\.regenerate is not a function$/);
  });

  for (const { name, go } of WAYS) {
    it(`cookie-session is an error with the line to add at ${name} if Passport did not sign the user in`, async () => {
      const app = await startAppWith((parts) => {
        parts.app.use(cookies(), parts.passport.session(), ann);
        addRoutes(parts);
      });
      const { status, text } = await go(app.client());
      assert.equal(status, 500);
      assert.match(
        text,
        /^ERR_TWILIO_VERIFY_NO_SESSION_ID: .*Add app\.use\(\w+\.session\(\)\) after passport\.session\(\)/,
      );
    });
  }

  it('cookie-session works with strategy.session()', async () => {
    const app = await startAppWith((parts) => {
      parts.app.use(cookies(), parts.passport.session(), parts.twoFactor.session());
      addRoutes(parts);
    });
    assert.equal((await (await app.signedIn()).get('/account')).location, '/2fa');
  });
});

describe('a store of sessions that fails', () => {
  it('a failing session store opens no route, and the error names the place to check', async () => {
    const store = new FailingStore();
    const app = await startAppWith((parts) => {
      const sessions = session({ store, secret: 'test', resave: false, saveUninitialized: false });
      parts.app.use(sessions, parts.passport.session(), parts.twoFactor.session());
      addRoutes(parts);
    });
    const browser = await app.signedIn();
    await browser.post('/2fa', { method: 'sms' });
    const code = await app.emulator.codeFor('+12025550123');
    store.isAway = true;
    const { status, text } = await browser.post('/2fa/verify', { code });
    assert.equal(status, 503);
    assert.match(text, /^ERR_TWILIO_VERIFY_SESSION_STORE: .*no one was verified.*"store"/);
  });
});

class FailingStore extends session.MemoryStore {
  isAway = false;

  override set(...args: Parameters<session.MemoryStore['set']>): void {
    if (this.isAway) args[2]?.(new Error('the store is away'));
    else super.set(...args);
  }
}
