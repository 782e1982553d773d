import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasForm, linksTo } from '../../support/page.js';
import { lastCode, withCode } from '../../support/steps.js';
import { startTestApp, type TestApp, type TestAppOptions, type TestOptions } from '../../support/test-app.js';

const start = (twoFactor: TestOptions, rest: TestAppOptions = {}) => startTestApp({ twoFactor, ...rest });

/** Returns the location after a right code. */
async function wayOn(app: TestApp, id: string, stoppedAt?: string): Promise<string | null> {
  const browser = await app.signedIn(id);
  if (stoppedAt !== undefined) await browser.get(stoppedAt);
  await browser.post('/2fa', { method: 'sms' });
  return (await browser.post('/2fa/verify', { code: lastCode(app) })).location;
}

describe('option "verifySuccessUrl"', () => {
  for (const { name, verifySuccessUrl, id = 'ann', stoppedAt, expected } of [
    { name: 'is the success page by default', expected: '/2fa/success' },
    { name: 'may be a path', verifySuccessUrl: '/home?from=2fa', expected: '/home?from=2fa' },
    { name: 'may be a URL', verifySuccessUrl: 'https://app.example.com/', expected: 'https://app.example.com/' },
    {
      name: 'may be a callback, which is asked for every user',
      verifySuccessUrl: async ({ user, req }: { user: { id: string }; req: { method: string } }) =>
        `/users/${user.id}/${req.method}`,
      id: 'eve',
      expected: '/users/eve/POST',
    },
    {
      name: 'is the success page where a callback gives nothing',
      verifySuccessUrl: () => undefined,
      expected: '/2fa/success',
    },
    {
      name: 'gives way to the page that the gate stopped',
      verifySuccessUrl: '/home',
      stoppedAt: '/account?tab=1',
      expected: '/account?tab=1',
    },
  ]) {
    it(name, async () => {
      const app = await start(verifySuccessUrl === undefined ? {} : { verifySuccessUrl });
      assert.equal(await wayOn(app, id, stoppedAt), expected);
    });
  }

  it('verifySuccessUrl applies only if the strategy stopped no page before', async () => {
    const app = await start({ verifySuccessUrl: '/home' });
    const browser = await app.signedIn('ann');
    await browser.get('/account?first');
    await browser.get('/account?last');
    await browser.post('/2fa', { method: 'sms' });
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/account?last');
  });
});

describe('option "loginUrl"', () => {
  it('loginUrl has no default: 401 on protected routes and on the pages', async () => {
    const app = await start({});
    for (const path of ['/account', '/2fa', '/2fa/verify', '/2fa/register', '/2fa/success', '/2fa/failed']) {
      const { status, location } = await app.client().get(path);
      assert.deepEqual({ path, status, location }, { path, status: 401, location: null });
    }
  });

  it('a page request without a primary user goes to loginUrl', async () => {
    const app = await start({ loginUrl: '/login?next' });
    for (const path of ['/account', '/2fa', '/2fa/verify', '/2fa/register', '/2fa/success', '/2fa/failed']) {
      assert.equal((await app.client().get(path)).location, '/login?next', path);
    }
  });

  it('a request for anything except a page gets 401 instead of loginUrl', async () => {
    const app = await start({ loginUrl: '/login' });
    for (const { status, location } of [
      await app.client().get('/account', { accept: 'application/json' }),
      await app.client().get('/account', { 'sec-fetch-mode': 'cors' }),
      await app.client().post('/2fa', { method: 'sms' }),
      await app.client().post('/2fa/verify', { code: '123456' }),
    ]) {
      assert.deepEqual({ status, location }, { status: 401, location: null });
    }
  });
});

describe('options "logoutUrl" and "helpUrl"', () => {
  const pages = async (twoFactor: TestOptions) => {
    const browser = await withCode(await start(twoFactor), 'ann');
    return Promise.all(['/2fa', '/2fa/verify'].map(async (path) => (await browser.get(path)).text));
  };

  it('logoutUrl and helpUrl are not shown by default', async () => {
    for (const text of await pages({})) assert.doesNotMatch(text, /<footer/);
  });

  it('logoutUrl adds a sign-out form to the pages', async () => {
    for (const text of await pages({ logoutUrl: '/logout' })) assert.ok(hasForm(text, '/logout'));
  });

  it('helpUrl adds help for a lost phone to the pages', async () => {
    for (const text of await pages({ helpUrl: 'https://help.example.com/2fa' })) {
      assert.ok(linksTo(text, 'https://help.example.com/2fa'));
    }
  });
});

describe('option "mountPath"', () => {
  it('mountPath is the target of redirects from protected routes and from sendOnLogin()', async () => {
    const app = await start(
      { mountPath: '/auth/second/', allowedMethods: ['sms'] },
      {
        afterLogin: (strategy) => strategy.sendOnLogin(),
        routes: (express, _passport, strategy) => express.use('/auth/second', strategy.router()),
      },
    );
    const browser = app.client();
    assert.equal((await browser.post('/login/ann')).location, '/auth/second/verify');
    assert.equal((await browser.get('/account')).location, '/auth/second');
    assert.ok(hasForm((await browser.get('/auth/second/verify')).text, '/auth/second/verify'));
    const code = lastCode(app);
    assert.equal((await browser.post('/auth/second/verify', { code })).location, '/account');
    assert.equal((await browser.get('/account')).text, 'account of ann');
  });

  it('mountPath can be the root', async () => {
    const app = await start(
      { mountPath: '/' },
      { routes: (express, _passport, strategy) => express.use(strategy.router()) },
    );
    const browser = await app.signedIn('ann');
    const { status, location } = await browser.get('/account');
    assert.deepEqual({ status, location }, { status: 302, location: '/' });
    assert.ok(hasForm((await browser.get('/')).text, '/'));
  });

  for (const path of ['/guarded', '/guarded/verify', '/guarded?x']) {
    it(`makes a gate in front of the router an error: ${path}`, async () => {
      const app = await start(
        { mountPath: '/guarded' },
        {
          routes: (express, passport, strategy) =>
            express.use('/guarded', passport.authenticate('twilio-2fa'), strategy.router()),
        },
      );
      const { status, text } = await (await app.signedIn('ann')).get(path);
      assert.equal(status, 500);
      assert.match(text, /^ERR_TWILIO_VERIFY_GATE_ON_ROUTER: .*"mountPath"/);
    });
  }

  it('does not make an error of a page whose path only begins alike', async () => {
    const app = await start(
      { mountPath: '/guard' },
      {
        routes: (express, passport, strategy) =>
          express.use('/guard', strategy.router()).use('/guarded', passport.authenticate('twilio-2fa')),
      },
    );
    assert.equal((await (await app.signedIn('ann')).get('/guarded')).location, '/guard');
  });
});
