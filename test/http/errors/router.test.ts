import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RequestHandler } from 'express';
import { TwilioVerifyStrategy } from 'passport-twilio-verify';
import { PAGE_PATHS, POST_PATHS } from '../../../src/common/page-paths.js';
import { type Parts, startAppWith } from './support/app-with.js';

const pass: RequestHandler = (_req, _res, next) => next();

/** Sessions and a login route, then the row's addition, then the protected route. */
const around = (add: (parts: Parts) => void) => (parts: Parts) => {
  parts.app.use(...parts.sessions);
  parts.addLogin();
  add(parts);
  parts.addAccount();
};

describe('a router that was never made', () => {
  it('a missing router is an error with the line to add when the strategy redirects a page to it', async () => {
    const app = await startAppWith(around(() => {}));
    const { status, text } = await (await app.signedIn()).get('/account');
    assert.equal(status, 500);
    assert.match(text, /^ERR_TWILIO_VERIFY_NO_ROUTER: .*Add app\.use\('\/2fa', twoFactor\.router\(\)\)/);
    assert.match(text, /the option mountPath: '/);
  });

  it('a missing router is an error in sendOnLogin(), before a code is sent', async () => {
    const app = await startAppWith(
      (parts) => {
        parts.app.use(...parts.sessions);
        parts.addLogin(parts.twoFactor.sendOnLogin());
      },
      { allowedMethods: ['sms'] },
    );
    const { status, text } = await app.client().post('/login/ann');
    assert.equal(status, 500);
    assert.match(text, /^ERR_TWILIO_VERIFY_NO_ROUTER/);
    assert.deepEqual(app.emulator.messages(), []);
  });

  it('a missing router causes no error if "mountPath" points to pages elsewhere', async () => {
    const app = await startAppWith(
      around(() => {}),
      { mountPath: '/my/own' },
    );
    assert.equal((await (await app.signedIn()).get('/account')).location, '/my/own');
  });

  it('a missing router causes no error if no request is redirected to the pages', async () => {
    const app = await startAppWith(
      around(({ app, passport }) => {
        app.get('/api', passport.authenticate('twilio-2fa', { redirect: false }), pass);
      }),
    );
    const browser = await app.signedIn();
    assert.equal((await browser.get('/api')).status, 401);
    assert.equal((await browser.postJson('/account', {})).status, 401);
  });
});

describe('a router that a request reaches through a path other than "mountPath"', () => {
  for (const { name, at, mountPath, to = at, found = at } of [
    { name: 'mounted elsewhere', at: '/second' },
    { name: 'mounted elsewhere than the option says', at: '/2fa', mountPath: '/second' },
    { name: 'mounted below', at: '/auth/2fa', to: '/auth/2fa/verify' },
    { name: 'mounted at the root', at: '/', to: '/anything' },
    { name: 'mounted at the root, with the path of the pages', at: '/', to: '/2fa' },
    { name: 'mounted at a path with a parameter', at: '/:tenant/2fa', to: '/acme/2fa', found: '/acme/2fa' },
  ]) {
    it(`a router at another path is an error with both paths and the line to change: ${name}`, async () => {
      const app = await startAppWith(
        (parts) => {
          parts.app.use(...parts.sessions).use(at, parts.twoFactor.router());
        },
        mountPath === undefined ? {} : { mountPath },
      );
      const wanted = mountPath ?? '/2fa';
      for (const answer of [await app.client().get(to), await app.client().postJson(to, { method: 'sms' })]) {
        assert.equal(answer.status, 500);
        assert.ok(answer.text.startsWith('ERR_TWILIO_VERIFY_MOUNT_PATH: '), answer.text);
        assert.ok(answer.text.includes(`Add the option mountPath: '${found}'`), answer.text);
        assert.ok(answer.text.includes(`app.use('${wanted}', twoFactor.router())`), answer.text);
      }
    });
  }

  for (const { name, at, mountPath, to } of [
    { name: 'slashes at the end', at: '/2fa/', mountPath: '/2fa//', to: '/2fa/' },
    { name: 'letters of another case', at: '/Second', mountPath: '/second', to: '/SECOND' },
    { name: 'the root', at: '/', mountPath: '/', to: '/' },
  ]) {
    it(`an equivalent path causes no error: ${name}`, async () => {
      const app = await startAppWith(
        (parts) => {
          parts.app.use(...parts.sessions);
          parts.addLogin();
          parts.app.use(at, parts.twoFactor.router());
        },
        { mountPath },
      );
      const { text } = await (await app.signedIn()).get(to);
      assert.match(text, /name="method"/);
    });
  }
});

describe('route protection before the router', () => {
  const start = () =>
    startAppWith(
      around(({ app, passport, twoFactor }) => {
        app.use('/2fa', passport.authenticate('twilio-2fa'), twoFactor.router());
      }),
    );
  const program = { accept: 'application/json', 'sec-fetch-mode': 'cors' };

  for (const path of ['', ...PAGE_PATHS, '/verify?x=1']) {
    it(`a protected router is an error for a page and for an API client: GET /2fa${path}`, async () => {
      const browser = await (await start()).signedIn();
      for (const headers of [{}, program]) {
        const { status, text } = await browser.get(`/2fa${path}`, headers);
        assert.equal(status, 500);
        assert.match(
          text,
          /^ERR_TWILIO_VERIFY_GATE_ON_ROUTER: .*add app\.use\('\/2fa', twoFactor\.router\(\)\) before it/,
        );
      }
    });
  }

  for (const path of POST_PATHS) {
    it(`a protected router is an error for a form and for an API client: POST /2fa${path}`, async () => {
      const browser = await (await start()).signedIn();
      for (const send of [
        browser.post(`/2fa${path}`, { code: '1234' }),
        browser.postJson(`/2fa${path}`, {}, program),
      ]) {
        const { status, text } = await send;
        assert.equal(status, 500);
        assert.match(text, /^ERR_TWILIO_VERIFY_GATE_ON_ROUTER/);
      }
    });
  }

  it('route protection for the whole application before the router is an error', async () => {
    const app = await startAppWith(
      around(({ app, passport, twoFactor }) => {
        app.use(passport.authenticate('twilio-2fa')).use('/2fa', twoFactor.router());
      }),
    );
    const browser = await app.signedIn();
    assert.equal((await browser.get('/account')).location, '/2fa');
    assert.match((await browser.get('/2fa')).text, /^ERR_TWILIO_VERIFY_GATE_ON_ROUTER/);
  });

  it('route protection causes no error if the application has its own pages below the path of the router', async () => {
    const app = await startAppWith(
      around(({ app, passport, twoFactor }) => {
        app.use('/2fa', twoFactor.router());
        app.get('/2fa/settings', passport.authenticate('twilio-2fa'));
        app.get('/2fa/cancel', passport.authenticate('twilio-2fa'));
      }),
    );
    const browser = await app.signedIn();
    assert.equal((await browser.get('/2fa/settings')).location, '/2fa');
    assert.equal((await browser.get('/2fa/cancel')).location, '/2fa');
  });
});

describe('two strategies whose pages are at one path', () => {
  /** The second strategy protects `/payments`, alone or after the first. */
  const start = (
    protectedBy: readonly string[],
    options: { name: string; mountPath?: string } = { name: 'payments' },
  ) =>
    startAppWith((parts) => {
      const { app, passport, sessions, addLogin, twoFactor, needed } = parts;
      const payments = new TwilioVerifyStrategy({ ...needed, ...options });
      passport.use(payments);
      app.use(...sessions, payments.session());
      addLogin();
      app.use('/2fa', twoFactor.router());
      app.use(options.mountPath ?? '/2fa', payments.router());
      const guards: RequestHandler[] = protectedBy.map((name) => passport.authenticate(name));
      app.get('/payments', ...guards, (_req, res) => void res.send('paid'));
      parts.addAccount();
    });
  const SHARED =
    /^ERR_TWILIO_VERIFY_SHARED_PATH: Strategy "twilio-2fa": .*strategy "payments".*mountPath: '\/payments'/;

  it('two routers at one path throw SHARED_PATH at the first redirect of the hidden strategy', async () => {
    const browser = await (await start(['payments'])).signedIn();
    assert.equal((await browser.get('/payments')).location, '/2fa');
    const { status, text } = await browser.get('/2fa');
    assert.equal(status, 500);
    assert.match(text, SHARED);
  });

  it('two routers at one path throw SHARED_PATH after the verification by the first strategy', async () => {
    const app = await start(['twilio-2fa', 'payments']);
    const browser = await app.signedIn();
    await browser.get('/payments');
    await browser.post('/2fa', { method: 'sms' });
    const code = app.emulator.messages().at(-1)?.code ?? '';
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/payments');
    assert.equal((await browser.get('/payments')).location, '/2fa');
    assert.match((await browser.get('/2fa')).text, SHARED);
  });

  it('two routers at one path serve users whom only the first strategy redirects', async () => {
    const browser = await (await start(['payments'])).signedIn();
    await browser.get('/account');
    assert.equal((await browser.get('/2fa')).status, 200);
  });

  it('two routers at two paths serve their users', async () => {
    const browser = await (await start(['payments'], { name: 'payments', mountPath: '/pay-2fa' })).signedIn();
    assert.equal((await browser.get('/payments')).location, '/pay-2fa');
    for (const path of ['/2fa', '/pay-2fa']) assert.equal((await browser.get(path)).status, 200);
  });
});
