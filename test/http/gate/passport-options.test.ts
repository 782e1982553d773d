import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import express, { type Express, type RequestHandler } from 'express';
import type { PassportStatic } from 'passport';
import { addUser, recordOf, sessionIdOf, storedSession, waitForCode } from '../../support/second-step.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { ENGLISH } from '../../support/texts.js';

/** The options that Passport's own types do not know are ours. */
type RouteOptions = Record<string, unknown>;

const readForm = express.urlencoded({ extended: false });

function gated(options: RouteOptions) {
  return (app: Express, passport: PassportStatic) => {
    app.use('/gate', readForm);
    app.use('/gate', ((req, _res, next) => {
      // The application's own, to be found again after the second step.
      if (req.query.keep) (req.session as unknown as Record<string, unknown>).cart = ['book'];
      next();
    }) as RequestHandler);
    app.all('/gate', passport.authenticate('twilio-2fa', options), (req, res) => {
      res.json({ user: req.user, account: (req as { account?: unknown }).account, info: req.authInfo });
    });
    app.get('/show', (req, res) => {
      const { cart, messages } = req.session as unknown as Record<string, unknown>;
      res.json({ cart, messages });
    });
  };
}

const start = (options: RouteOptions, twoFactor = {}) => startTestApp({ routes: gated(options), twoFactor });

async function shown(browser: { get(path: string): Promise<{ text: string }> }) {
  return JSON.parse((await browser.get('/show')).text) as { cart?: string[]; messages?: string[] };
}

describe('failureRedirect', () => {
  let app: TestApp;
  before(async () => {
    app = await start({ failureRedirect: '/sorry' });
  });

  it('failureRedirect redirects an unverified user to its own path instead of the pages', async () => {
    const answer = await (await app.signedIn(addUser(app).id)).get('/gate');
    assert.equal(answer.status, 302);
    assert.equal(answer.location, '/sorry');
  });

  it('failureRedirect also applies to a wrong code, and a right one passes', async () => {
    const { browser, code, wrong } = await waitForCode(app);
    assert.equal((await browser.post('/gate', { code: wrong })).location, '/sorry');
    assert.equal((await browser.post('/gate', { code })).status, 200);
  });
});

describe('failureMessage', () => {
  it('true: puts our text into the session, where the next page shows and forgets it', async () => {
    const app = await start({ failureRedirect: '/2fa/verify', failureMessage: true });
    const { browser, wrong } = await waitForCode(app);
    assert.equal((await browser.post('/gate', { code: wrong })).location, '/2fa/verify');
    const { messages = [] } = await shown(browser);
    assert.equal(messages.length, 1);
    const [told = ''] = messages;
    assert.equal(told, ENGLISH.text('refusal.code_wrong', { attemptsLeft: 4 }));
    assert.ok((await browser.get('/2fa/verify')).text.includes(told));
    assert.equal((await shown(browser)).messages, undefined);
  });

  it('a string: puts that text into the session', async () => {
    const app = await start({ failureRedirect: '/sorry', failureMessage: 'Код неверен — 再試行' });
    const { browser, wrong } = await waitForCode(app);
    assert.equal((await browser.post('/gate', { code: wrong })).location, '/sorry');
    assert.deepEqual((await shown(browser)).messages, ['Код неверен — 再試行']);
  });

  it('true without failureRedirect: text in no Latin script is a 403 and not a 500', async () => {
    const app = await startTestApp({
      routes: gated({ failureMessage: true }),
      verify: (_user, _info, done) => done(null, false, 'Счёт закрыт — 帳戶已關閉'),
    });
    const { browser, code } = await waitForCode(app);
    const answer = await browser.post('/gate', { code });
    assert.equal(answer.status, 403);
    assert.equal(answer.headers['www-authenticate'], undefined);
    assert.deepEqual((await shown(browser)).messages, ['Счёт закрыт — 帳戶已關閉']);
  });
});

describe('failWithError', () => {
  it('failWithError passes the refusal to the error handler, with its status', async () => {
    const app = await start({ failWithError: true });
    const { browser, wrong } = await waitForCode(app);
    const stopped = await browser.get('/gate');
    assert.equal(stopped.status, 401);
    assert.equal(stopped.text, 'AuthenticationError: Unauthorized');
    const refused = await browser.post('/gate', { code: wrong });
    assert.equal(refused.status, 422);
    assert.match(refused.text, /^AuthenticationError: /);
  });
});

describe('successRedirect', () => {
  it('successRedirect applies after the code, and to each later request of a verified user', async () => {
    const app = await start({ successRedirect: '/done' });
    const { browser, code } = await waitForCode(app);
    assert.equal((await browser.post('/gate', { code })).location, '/done');
    assert.equal((await browser.get('/gate')).location, '/done');
  });
});

describe('successReturnToOrRedirect', () => {
  let app: TestApp;
  before(async () => {
    app = await start({ successReturnToOrRedirect: '/done' });
  });

  it('successReturnToOrRedirect redirects to the page that the strategy stopped', async () => {
    const { browser, code } = await waitForCode(app);
    await browser.get('/account?tab=2');
    assert.equal((await browser.post('/gate', { code })).location, '/account?tab=2');
    assert.equal((await browser.get('/account?tab=2')).status, 200);
    assert.equal((await storedSession(app, browser))?.returnTo, undefined);
  });

  it('successReturnToOrRedirect uses its own target if no page was stopped', async () => {
    const { browser, code } = await waitForCode(app);
    assert.equal((await browser.post('/gate', { code })).location, '/done');
  });

  it('successReturnToOrRedirect follows the return path that connect-ensure-login has set', async () => {
    const withReturnTo = await startTestApp({
      routes: (app, passport) => {
        app.use('/plan', (req, res) => {
          (req.session as unknown as Record<string, unknown>).returnTo = '/planned';
          res.send('planned');
        });
        gated({ successReturnToOrRedirect: '/done' })(app, passport);
      },
    });
    const { browser, code } = await waitForCode(withReturnTo);
    await browser.get('/account');
    await browser.get('/plan');
    assert.equal((await browser.post('/gate', { code })).location, '/planned');
  });

  it('a route without successReturnToOrRedirect leaves req.session.returnTo alone', async () => {
    const without = await start({});
    const { browser, code } = await waitForCode(without);
    await browser.get('/account');
    for (let submit = 1; submit <= 2; submit += 1) {
      assert.equal((await browser.post('/gate', { code })).status, 200);
      assert.equal((await storedSession(without, browser))?.returnTo, undefined);
    }
  });

  it('both submits of a double submit lead to the page that was stopped', async () => {
    const { browser, code } = await waitForCode(app);
    await browser.get('/account?tab=3');
    app.emulator.fail({ call: 'check', times: 1, delayMs: 100 });
    const [first, second] = await Promise.all([
      browser.fork().post('/gate', { code }),
      browser.fork().post('/gate', { code }),
    ]);
    assert.equal(first.location, '/account?tab=3');
    assert.equal(second.location, '/account?tab=3');
  });

  it('successReturnToOrRedirect uses its own target if the strategy stopped this same route', async () => {
    const { browser, code } = await waitForCode(app);
    assert.equal((await browser.get('/gate')).location, '/2fa');
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/gate');
    assert.equal((await browser.get('/gate')).location, '/done');
  });

  it('a later submit on the verified session leads to the same page as the first', async () => {
    const { browser, code } = await waitForCode(app);
    await browser.get('/account?tab=4');
    assert.equal((await browser.post('/gate', { code })).location, '/account?tab=4');
    assert.equal((await browser.post('/gate', { code })).location, '/account?tab=4');
  });
});

describe('the session under Passport’s other options', () => {
  const cases: readonly { name: string; options: RouteOptions }[] = [
    { name: 'default', options: {} },
    { name: 'keepSessionInfo: true', options: { keepSessionInfo: true } },
    { name: 'session: false', options: { session: false } },
    { name: 'authInfo: false', options: { authInfo: false } },
    { name: 'maxAgeSeconds', options: { maxAgeSeconds: 300 } },
  ];
  for (const { name, options } of cases) {
    it(`${name}: the session gets a new ID and keeps the user and the application data`, async () => {
      const app = await start(options);
      const { user, browser, code } = await waitForCode(app);
      await browser.get('/gate?keep=1');
      const id = sessionIdOf(browser);
      assert.equal((await browser.post('/gate', { code })).status, 200);
      assert.notEqual(sessionIdOf(browser), id);
      assert.deepEqual((await shown(browser)).cart, ['book']);
      assert.deepEqual((await storedSession(app, browser))?.passport, { user: user.id });
      const after = sessionIdOf(browser);
      assert.equal((await browser.get('/gate')).status, 200);
      assert.equal(sessionIdOf(browser), after, 'a request that passes changes no id');
      assert.equal((await browser.get('/account')).text, `account of ${user.id}`);
    });
  }
});

describe('passport.authorize', () => {
  it('passport.authorize sets req.account, verifies the session, and signs no one in', async () => {
    const app = await startTestApp({
      routes: (express, passport) => {
        express.use('/link', readForm);
        express.all('/link', passport.authorize('twilio-2fa'), (req, res) => {
          res.json({ account: (req as { account?: unknown }).account, user: req.user });
        });
      },
    });
    const { user, browser, code } = await waitForCode(app);
    assert.equal((await browser.get('/link')).location, '/2fa');
    const answer = await browser.post('/link', { code });
    assert.deepEqual(JSON.parse(answer.text), { account: user, user });
    assert.ok((await recordOf(app, browser)).verified);
    const id = sessionIdOf(browser);
    assert.equal((await browser.get('/link')).status, 200);
    assert.equal((await browser.get('/account')).status, 200);
    assert.equal(sessionIdOf(browser), id);
  });
});

describe('several strategies on one route', () => {
  it('a refusal by the strategy passes the request to the next strategy', async () => {
    const app = await startTestApp({
      routes: (express, passport) => {
        passport.use('never', {
          authenticate(this: { fail(challenge: object, status: number): void }) {
            this.fail({ message: 'no' }, 418);
          },
        } as never);
        express.post('/either', passport.authenticate(['twilio-2fa', 'never']), (_req, res) => void res.send('in'));
        express.post('/other', passport.authenticate(['never', 'twilio-2fa']), (_req, res) => void res.send('in'));
      },
    });
    const stopped = await app.signedIn(addUser(app).id);
    assert.equal((await stopped.postJson('/either', {})).status, 401);
    assert.equal((await stopped.postJson('/other', {})).status, 418);
    const verified = await app.verified(addUser(app).id);
    assert.equal((await verified.post('/either')).status, 200);
    assert.equal((await verified.post('/other')).status, 200);
  });
});
