import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import type { Client } from '../../support/client.js';
import { lastCode } from '../../support/steps.js';
import { startTestApp, type TestApp, type TestOptions } from '../../support/test-app.js';

const ACTION = '/2fa/other-sessions/end';
const JSON_ONLY = { accept: 'application/json' };

before(() => mock.timers.enable({ apis: ['Date'], now: Date.now() }));
after(() => mock.timers.reset());

interface Site {
  readonly app: TestApp;
  /** IDs of the users whose sessions the app was asked to end. */
  readonly ended: string[];
}

async function start(twoFactor: TestOptions = {}): Promise<Site> {
  const ended: string[] = [];
  const app = await startTestApp({
    twoFactor: {
      retryTimeSeconds: 0,
      endOtherSessions: async ({ user, req }) => {
        assert.equal(req.method, 'POST');
        ended.push(user.id);
      },
      ...twoFactor,
    },
    routes: (server, _passport, strategy) => {
      server.post('/headless', (req, res, next) => {
        strategy.endOtherSessions(req).then((result) => res.json(result), next);
      });
    },
  });
  return { app, ended };
}

async function change(app: TestApp, browser: Client): Promise<void> {
  await browser.post('/2fa/change', { phoneNumber: '+12025550177', method: 'sms' });
  await browser.post('/2fa/verify', { code: lastCode(app) });
}

const hasButton = async (browser: Client) => (await browser.get('/2fa/success')).text.includes(`action="${ACTION}"`);

describe('the button that ends other sessions', () => {
  it('the success page shows the button after a change of the number only, for 5 minutes', async () => {
    const { app } = await start();
    const browser = await app.verified('ann');
    assert.equal(await hasButton(browser), false);
    await change(app, browser);
    assert.ok(await hasButton(browser));
    assert.ok(await hasButton(browser), 'after a reload too');
    mock.timers.tick(299_999);
    assert.ok(await hasButton(browser));
    mock.timers.tick(1);
    assert.equal(await hasButton(browser), false);
  });

  it('the success page shows no button without the option', async () => {
    const { app } = await start({ endOtherSessions: undefined as never });
    const browser = await app.verified('ann');
    await change(app, browser);
    assert.equal(await hasButton(browser), false);
  });

  it('the button ends the sessions, and the success page confirms it once', async () => {
    const { app, ended } = await start();
    const browser = await app.verified('ann');
    await change(app, browser);
    assert.deepEqual((({ status, location }) => [status, location])(await browser.post(ACTION)), [303, '/2fa/success']);
    assert.deepEqual(ended, ['ann']);
    assert.match((await browser.get('/2fa/success')).text, /signed out everywhere else/);
    assert.doesNotMatch((await browser.get('/2fa/success')).text, /signed out everywhere else/);
  });
});

describe('POST /other-sessions/end', () => {
  it('JSON clients get the result and the step', async () => {
    const { app, ended } = await start();
    const browser = await app.verified('ann');
    const { status, text } = await browser.postJson(ACTION, {}, JSON_ONLY);
    const { step, result, canEndOtherSessions } = JSON.parse(text);
    assert.deepEqual([status, step, result, canEndOtherSessions], [200, 'done', 'otherSessionsEnded', false]);
    assert.deepEqual(ended, ['ann']);
  });

  for (const { name, arrive } of [
    { name: 'a user who is not verified', arrive: ({ app }: Site) => app.signedIn('ann') },
    {
      name: 'a verification that is 5 minutes old',
      arrive: async ({ app }: Site) => {
        const browser = await app.verified('ann');
        mock.timers.tick(300_000);
        return browser;
      },
    },
  ]) {
    it(`${name} gets verification_required and ends nothing`, async () => {
      const site = await start();
      const browser = await arrive(site);
      const { status, text } = await browser.postJson(ACTION, {}, JSON_ONLY);
      assert.deepEqual([status, JSON.parse(text).code], [401, 'verification_required']);
      assert.equal((await browser.post(ACTION)).location, '/2fa');
      assert.equal(JSON.parse((await browser.postJson('/headless', {})).text).code, 'verification_required');
      assert.deepEqual(site.ended, []);
    });
  }

  it('a change proves the user for 5 minutes, however old the verification is', async () => {
    const { app, ended } = await start();
    const browser = await app.verified('ann');
    mock.timers.tick(290_000);
    await change(app, browser);
    mock.timers.tick(290_000);
    assert.equal((await browser.post(ACTION)).location, '/2fa/success');
    assert.deepEqual(ended, ['ann']);
  });

  it('a request from another site ends nothing', async () => {
    const { app, ended } = await start();
    const browser = await app.verified('ann');
    for (const path of [ACTION, '/headless']) {
      await browser.post(path, {}, { 'sec-fetch-site': 'cross-site' });
    }
    assert.deepEqual(ended, []);
  });

  it('a request without a user gets 401', async () => {
    const { app, ended } = await start();
    assert.equal((await app.client().post(ACTION)).status, 401);
    assert.deepEqual(ended, []);
  });

  it('an error of the callback reaches the app, and no page says that sessions ended', async () => {
    for (const endOtherSessions of [
      () => Promise.reject(new Error('the store is down')),
      () => {
        throw new Error('the store is down');
      },
    ]) {
      const { app } = await start({ endOtherSessions });
      const browser = await app.verified('ann');
      for (const path of [ACTION, '/headless']) {
        const { status, text } = await browser.post(path);
        assert.equal(status, 500);
        assert.match(text, /the store is down/);
      }
      assert.doesNotMatch((await browser.get('/2fa/success')).text, /signed out everywhere else/);
    }
  });

  it('the route does not exist, and the method throws a TypeError, without the option "endOtherSessions"', async () => {
    const { app } = await start({ endOtherSessions: undefined as never });
    const browser = await app.verified('ann');
    assert.equal((await browser.post(ACTION)).status, 404);
    const { status, text } = await browser.post('/headless');
    assert.equal(status, 500);
    assert.match(text, /^TypeError: .*endOtherSessions\(\) needs the option "endOtherSessions"/);
  });

  it('the headless API ends the sessions', async () => {
    const { app, ended } = await start();
    const browser = await app.verified('ann');
    assert.deepEqual(JSON.parse((await browser.post('/headless')).text), { type: 'otherSessionsEnded' });
    assert.deepEqual(ended, ['ann']);
  });
});
