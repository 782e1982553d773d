import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import express, { type RequestHandler } from 'express';
import { type Parts, startAppWith } from './support/app-with.js';

const pass: RequestHandler = (_req, _res, next) => next();

/** Sessions and a log-in, then what a row adds, then the gate. */
const around = (add: (parts: Parts) => void) => (parts: Parts) => {
  parts.app.use(...parts.sessions);
  parts.addLogin();
  add(parts);
  parts.addAccount();
};

describe('a router that was never made', () => {
  it('is told where the gate would send a page to it, with the line that mounts it', async () => {
    const app = await startAppWith(around(() => {}));
    const { status, text } = await (await app.signedIn()).get('/account');
    assert.equal(status, 500);
    assert.match(text, /^ERR_TWILIO_VERIFY_NO_ROUTER: .*Add app\.use\('\/2fa', twoFactor\.router\(\)\)/);
    assert.match(text, /the option mountPath: '/);
  });

  it('is told where sendOnLogin() would, before a code is sent', async () => {
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

  it('is no mistake where "mountPath" says that the pages are elsewhere', async () => {
    const app = await startAppWith(
      around(() => {}),
      { mountPath: '/my/own' },
    );
    assert.equal((await (await app.signedIn()).get('/account')).location, '/my/own');
  });

  it('is no mistake where nobody is sent to the pages', async () => {
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

describe('a router that is not where the gate sends people', () => {
  for (const { name, add, mountPath } of [
    { name: 'mounted nowhere', add: ({ twoFactor }: Parts) => void twoFactor.router() },
    {
      name: 'mounted at another path',
      add: ({ app, twoFactor }: Parts) => app.use('/second', twoFactor.router()),
    },
    {
      name: 'mounted at another path, below a router',
      add: ({ app, twoFactor }: Parts) => app.use('/auth', express.Router().use('/2fa', twoFactor.router())),
    },
    {
      name: 'mounted at the default path, with another "mountPath"',
      add: ({ app, twoFactor }: Parts) => app.use('/2fa', twoFactor.router()),
      mountPath: '/second',
    },
    {
      name: 'behind a route for POST only',
      add: ({ app, twoFactor }: Parts) => app.post('/2fa', pass).use('/second', twoFactor.router()),
    },
    {
      name: 'behind a handler of errors only',
      add: ({ app, twoFactor }: Parts) => {
        const explain: express.ErrorRequestHandler = (error, _req, _res, next) => next(error);
        app.use('/2fa', explain).use('/second', twoFactor.router());
      },
    },
  ]) {
    it(`is told at the gate: ${name}`, async () => {
      const app = await startAppWith(around(add), mountPath === undefined ? {} : { mountPath });
      const { status, text } = await (await app.signedIn()).get('/account');
      assert.equal(status, 500);
      assert.match(
        text,
        /^ERR_TWILIO_VERIFY_NO_ROUTER: .*Add app\.use\('.*', twoFactor\.router\(\)\), or .*"mountPath"/,
      );
      assert.ok(text.includes(`'${mountPath ?? '/2fa'}'`));
    });
  }

  it('is told at a gate that is itself mounted, and no route', async () => {
    const app = await startAppWith(
      around(({ app, twoFactor, passport }) => {
        app.use('/second', twoFactor.router()).use('/area', passport.authenticate('twilio-2fa'));
      }),
    );
    assert.match((await (await app.signedIn()).get('/area/51')).text, /^ERR_TWILIO_VERIFY_NO_ROUTER/);
  });

  it('is told at a gate in an application within the application', async () => {
    const app = await startAppWith(
      around(({ app, twoFactor, passport }) => {
        app.use('/second', twoFactor.router());
        app.use('/area', express().get('/inner', passport.authenticate('twilio-2fa')));
      }),
    );
    assert.match((await (await app.signedIn()).get('/area/inner')).text, /^ERR_TWILIO_VERIFY_NO_ROUTER/);
  });

  it('is told at a gate before a router that is mounted at the root', async () => {
    const app = await startAppWith((parts) => {
      around(() => {})(parts);
      parts.app.use(parts.twoFactor.router());
    });
    assert.match((await (await app.signedIn()).get('/account')).text, /^ERR_TWILIO_VERIFY_NO_ROUTER/);
  });

  it('is told beside a router that is mounted on itself', async () => {
    const app = await startAppWith(
      around(({ app, twoFactor }) => {
        twoFactor.router();
        const thread = express.Router();
        app.use('/threads', thread.use('/:id/replies', thread));
      }),
    );
    assert.match((await (await app.signedIn()).get('/account')).text, /^ERR_TWILIO_VERIFY_NO_ROUTER/);
  });

  it('is told at a gate in a router of its own', async () => {
    const app = await startAppWith(
      around(({ app, twoFactor, passport }) => {
        twoFactor.router();
        app.use('/area', express.Router().get('/:number', passport.authenticate('twilio-2fa')));
      }),
    );
    assert.match((await (await app.signedIn()).get('/area/51')).text, /^ERR_TWILIO_VERIFY_NO_ROUTER/);
  });

  it('is not told any more as soon as it is there', async () => {
    let mount = () => {};
    const app = await startAppWith(
      around(({ app, twoFactor }) => {
        const later = express.Router();
        app.use(later);
        const router = twoFactor.router();
        mount = () => void later.use('/2fa', router);
      }),
    );
    const browser = await app.signedIn();
    for (const _ of [1, 2]) assert.match((await browser.get('/account')).text, /^ERR_TWILIO_VERIFY_NO_ROUTER/);
    mount();
    assert.equal((await browser.get('/account')).location, '/2fa');
  });
});

describe('a router that is where the gate sends people, or may be', () => {
  for (const { name, add, mountPath } of [
    {
      name: 'with middleware of its own before it',
      add: ({ app, twoFactor }: Parts) => app.use('/2fa', pass, twoFactor.router()),
    },
    {
      name: 'at one of several paths',
      add: ({ app, twoFactor }: Parts) => app.use(['/two', '/2fa'], twoFactor.router()),
    },
    {
      name: 'at a path that is an expression',
      add: ({ app, twoFactor }: Parts) => app.use(/\/2fa/, twoFactor.router()),
    },
    {
      name: 'below two routers',
      add: ({ app, twoFactor }: Parts) =>
        app.use('/auth', express.Router().use('/second', express.Router().use(pass, twoFactor.router()))),
      mountPath: '/auth/second/',
    },
    {
      name: 'at the root',
      add: ({ app, twoFactor }: Parts) => app.use(twoFactor.router()),
      mountPath: '/',
    },
    {
      name: 'made twice, the second of which is mounted',
      add: ({ app, twoFactor }: Parts) => {
        app.use('/second', twoFactor.router()).use('/2fa', twoFactor.router());
      },
    },
    {
      name: 'in another case than the option',
      add: ({ app, twoFactor }: Parts) => app.use('/2FA', twoFactor.router()),
    },
    {
      name: 'in a function that knows it',
      add: ({ app, twoFactor }: Parts) => {
        const router = twoFactor.router();
        app.use('/2fa', (req, res, next) => router(req, res, next));
      },
    },
    {
      name: 'in a function that knows it, in a router',
      add: ({ app, twoFactor }: Parts) => {
        const router = twoFactor.router();
        app.use(
          '/2fa',
          express.Router().use((req, res, next) => router(req, res, next)),
        );
      },
    },
    {
      name: 'below a function that knows it',
      add: ({ app, twoFactor }: Parts) => {
        const auth = express.Router().use('/second', twoFactor.router());
        app.use('/auth', (req, res, next) => auth(req, res, next));
      },
      mountPath: '/auth/second',
    },
    {
      name: 'in an application of its own',
      add: ({ app, twoFactor }: Parts) => app.use('/auth', express().use('/second', twoFactor.router())),
      mountPath: '/auth/second',
    },
    {
      name: 'in an application of its own, at the root',
      add: ({ app, twoFactor }: Parts) => app.use(express().use('/2fa', twoFactor.router())),
    },
    {
      name: 'wrapped by a tool that measures',
      add: ({ app, twoFactor }: Parts) => {
        const router = twoFactor.router();
        const measured: RequestHandler = (req, res, next) => router(req, res, next);
        app.use('/2fa', Object.assign(measured, { stack: router.stack }));
      },
    },
  ]) {
    it(`is no mistake: ${name}`, async () => {
      const app = await startAppWith(around(add), mountPath === undefined ? {} : { mountPath });
      const browser = await app.signedIn();
      const { status, location } = await browser.get('/account');
      assert.equal(status, 302);
      assert.equal((await browser.get(location ?? '')).status, 200);
    });
  }

  it('is no mistake where a page of the application stands in its place', async () => {
    const app = await startAppWith(
      around(({ app, twoFactor }) => {
        app.get('/2fa', (_req, res) => void res.send('a page of our own')).use('/second', twoFactor.router());
      }),
    );
    assert.equal((await (await app.signedIn()).get('/account')).location, '/2fa');
  });

  it('is no mistake in a gate of an application within the application', async () => {
    const app = await startAppWith((parts) => {
      const { app, twoFactor, passport } = parts;
      const inner = express().get('/inner', passport.authenticate('twilio-2fa'));
      around(() => app.use('/2fa', twoFactor.router()).use('/area', inner))(parts);
    });
    assert.equal((await (await app.signedIn()).get('/area/inner')).location, '/2fa');
  });

  for (const { name, inner } of [
    { name: 'which stands in the inner one', inner: true },
    { name: 'which stands in the outer one', inner: false },
  ]) {
    it(`is no mistake in an application that another one calls, ${name}`, async () => {
      const app = await startAppWith((parts) => {
        const { app, serve, twoFactor } = parts;
        const outer = express();
        const hides: RequestHandler = (req, res, next) => app(req, res, next);
        around(() => {
          if (inner) app.use('/2fa', twoFactor.router());
        })(parts);
        outer.use(...parts.sessions);
        if (!inner) outer.use('/2fa', twoFactor.router());
        outer.use(hides);
        serve(outer);
      });
      const browser = await app.signedIn();
      assert.equal((await browser.get('/account')).location, '/2fa');
      assert.equal((await browser.get('/2fa')).status, 200);
    });
  }

  it('is no mistake where the whole application stands in a function', async () => {
    const app = await startAppWith((parts) => {
      const { app, passport, twoFactor } = parts;
      const hidden = express.Router().use('/2fa', twoFactor.router());
      hidden.get('/hidden', passport.authenticate('twilio-2fa'));
      around(() => app.use((req, res, next) => hidden(req, res, next)))(parts);
    });
    assert.equal((await (await app.signedIn()).get('/hidden')).location, '/2fa');
  });

  it('is no mistake where the server has taken a part of the path off', async () => {
    const app = await startAppWith(
      (parts) => {
        around(() => parts.app.use('/2fa', parts.twoFactor.router()))(parts);
        parts.serve((req, res) => {
          Object.assign(req, { originalUrl: req.url, url: req.url?.replace('/prefix', '') });
          parts.app(req, res);
        });
      },
      { mountPath: '/prefix/2fa' },
    );
    const browser = app.client();
    await browser.post('/prefix/login/ann');
    assert.equal((await browser.get('/prefix/account')).location, '/prefix/2fa');
  });

  it('is no mistake where the application has changed the path', async () => {
    const app = await startAppWith(
      (parts) => {
        parts.app.use((req, _res, next) => {
          req.url = req.url.replace('/prefix', '');
          next();
        });
        around(() => parts.app.use('/2fa', parts.twoFactor.router()))(parts);
      },
      { mountPath: '/prefix/2fa' },
    );
    assert.equal((await (await app.signedIn()).get('/prefix/account')).location, '/prefix/2fa');
  });

  it('is looked for without disturbing a request that is on its way', async () => {
    let arrive = () => {};
    let goOn = () => {};
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const looked = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const app = await startAppWith(
      around(({ app, twoFactor }) => {
        app.use('/:area', (req, res, next) => {
          if (req.params.area !== 'one') return next();
          arrive();
          looked.then(() => res.send(`${req.params.area} of ${req.baseUrl}, ${req.url}`), next);
        });
        app.use('/2fa', twoFactor.router());
      }),
    );
    const onItsWay = app.client().get('/one/more');
    await arrived;
    assert.equal((await (await app.signedIn()).get('/account')).location, '/2fa');
    goOn();
    assert.equal((await onItsWay).text, 'one of /one, /more');
  });
});

describe('a router that a request has reached by another way than "mountPath"', () => {
  for (const { name, at, mountPath, to = at, found = at } of [
    { name: 'mounted elsewhere', at: '/second' },
    { name: 'mounted elsewhere than the option says', at: '/2fa', mountPath: '/second' },
    { name: 'mounted below', at: '/auth/2fa', to: '/auth/2fa/verify' },
    { name: 'mounted at the root', at: '/', to: '/anything' },
    { name: 'mounted at a path with a parameter', at: '/:tenant/2fa', to: '/acme/2fa', found: '/acme/2fa' },
  ]) {
    it(`is told, with both paths and the line: ${name}`, async () => {
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
    it(`is the same way: ${name}`, async () => {
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

describe('a gate in front of the router', () => {
  const start = () =>
    startAppWith(
      around(({ app, passport, twoFactor }) => {
        app.use('/2fa', passport.authenticate('twilio-2fa'), twoFactor.router());
      }),
    );
  const program = { accept: 'application/json', 'sec-fetch-mode': 'cors' };

  for (const path of ['', '/', '/verify', '/register', '/change', '/success', '/failed', '/verify?x=1']) {
    it(`is told for a page, and for a program: GET /2fa${path}`, async () => {
      const browser = await (await start()).signedIn();
      for (const headers of [{}, program]) {
        const { status, text } = await browser.get(`/2fa${path}`, headers);
        assert.equal(status, 500);
        assert.match(
          text,
          /^ERR_TWILIO_VERIFY_GATE_ON_ROUTER: .*Put app\.use\('\/2fa', twoFactor\.router\(\)\) before it/,
        );
      }
    });
  }

  for (const path of ['', '/verify', '/resend', '/cancel', '/register', '/skip', '/change']) {
    it(`is told for a form, and for a program: POST /2fa${path}`, async () => {
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

  it('is told for the whole application, before the router', async () => {
    const app = await startAppWith(
      around(({ app, passport, twoFactor }) => {
        app.use(passport.authenticate('twilio-2fa')).use('/2fa', twoFactor.router());
      }),
    );
    const browser = await app.signedIn();
    assert.equal((await browser.get('/account')).location, '/2fa');
    assert.match((await browser.get('/2fa')).text, /^ERR_TWILIO_VERIFY_GATE_ON_ROUTER/);
  });

  it('is none where the application has pages of its own below the path of the router', async () => {
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
