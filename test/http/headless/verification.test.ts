import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { lastCode } from '../../support/steps.js';
import type { TestApp, TestOptions } from '../../support/test-app.js';
import { call, startCoreApp, verified } from './support/headless-app.js';

before(() => mock.timers.enable({ apis: ['Date'], now: Date.now() }));
after(() => mock.timers.reset());

type Browser = { get(path: string): Promise<unknown> };

interface Queried {
  readonly app: TestApp;
  /** Result of `verification` for a request of this browser, or the error that it rejects with. */
  readonly query: (browser: Browser, maxAge?: number) => Promise<unknown>;
  readonly isVerified: (browser: Browser, maxAge?: number) => Promise<boolean>;
}

/** An app with a route that queries the verification. */
async function queriedApp(twoFactor: TestOptions = {}): Promise<Queried> {
  let last: unknown;
  const app = await startCoreApp({
    twoFactor,
    routes: (server, _passport, strategy) => {
      server.get('/query', async (req, res) => {
        const { maxAge } = req.query;
        const options = maxAge === undefined ? [] : [{ maxAgeSeconds: Number(maxAge) }];
        last = await strategy.verification(req, ...options).catch((error) => error);
        res.send('done');
      });
    },
  });
  const query: Queried['query'] = async (browser, maxAge) => {
    await browser.get(maxAge === undefined ? '/query' : `/query?maxAge=${maxAge}`);
    return last;
  };
  const isVerified: Queried['isVerified'] = async (browser, maxAge) => {
    const { isVerified } = (await query(browser, maxAge)) as { isVerified: boolean };
    return isVerified;
  };
  return { app, query, isVerified };
}

describe('verification', () => {
  it('verification depends on the session, the user, and the requested age', async () => {
    const { app, isVerified } = await queriedApp();
    assert.equal(await isVerified(app.client()), false, 'no user');
    assert.equal(await isVerified(await app.signedIn('ann')), false, 'primary strategy only');
    const browser = await verified(app, 'ann');
    assert.equal(await isVerified(browser), true);
    mock.timers.tick(29_999);
    assert.equal(await isVerified(browser, 30), true);
    mock.timers.tick(1);
    assert.equal(await isVerified(browser, 30), false);
    assert.equal(await isVerified(browser, 31), true);
    assert.equal(await isVerified(browser), true);
    await browser.post('/logout');
    assert.equal(await isVerified(browser), false);
  });

  it('verification returns the factor and the time', async () => {
    const { app, query } = await queriedApp();
    const at = new Date();
    const browser = await verified(app, 'ann');
    mock.timers.tick(60_000);
    assert.deepEqual(await query(browser), { isVerified: true, by: 'sms', at });
    assert.deepEqual(await query(browser, 30), { isVerified: false });
  });

  it('a change of number keeps the factor and the age of the verification', async () => {
    const { app, query } = await queriedApp();
    const at = new Date();
    const browser = await verified(app, 'ann');
    mock.timers.tick(60_000);
    await call(browser, 'change', { phoneNumber: '+12025550177', method: 'call' });
    const { body } = await call(browser, 'check', { code: lastCode(app) });
    assert.equal(body.type, 'approved');
    assert.deepEqual(await query(browser), { isVerified: true, by: 'sms', at });
  });

  it('a verification is never older than the option maxAgeSeconds', async () => {
    const { app, isVerified } = await queriedApp({ maxAgeSeconds: 60 });
    const browser = await verified(app, 'ann');
    mock.timers.tick(60_000);
    assert.equal(await isVerified(browser), false);
    assert.equal(await isVerified(browser, 3_600), false);
  });

  for (const maxAge of [29, 0, -1, Number.NaN]) {
    it(`verification rejects with a TypeError for a maxAgeSeconds of ${maxAge}`, async () => {
      const { app, query } = await queriedApp();
      for (const browser of [await verified(app, 'ann'), app.client()]) {
        const error = await query(browser, maxAge);
        assert.ok(error instanceof TypeError);
        assert.match(error.message, /verification.*maxAgeSeconds.*30/);
      }
    });
  }

  it('verification works with an async userId', async () => {
    const { app, isVerified } = await queriedApp({ userId: async ({ user }) => user.id });
    assert.equal(await isVerified(await app.signedIn('ann'), 60), false);
    assert.equal(await isVerified(await verified(app, 'ann'), 60), true);
  });

  it('verification does not write the session', async () => {
    const { app, query } = await queriedApp();
    const browser = await verified(app, 'ann');
    const record = await app.record(browser);
    await query(browser);
    await query(browser, 60);
    assert.deepEqual(await app.record(browser), record);
  });
});
