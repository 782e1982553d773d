import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import type { Request } from 'express';
import type { TestApp, TestOptions, TestStrategy } from '../../support/test-app.js';
import { startCoreApp, verified } from './support/core-app.js';

before(() => mock.timers.enable({ apis: ['Date'], now: Date.now() }));
after(() => mock.timers.reset());

interface Asked {
  readonly app: TestApp;
  /** What the strategy gives for a request with this path, before anything is awaited. */
  readonly given: (browser: { get(path: string): Promise<unknown> }, maxAge?: number) => Promise<unknown>;
}

/** An application of which a route asks whether the user is verified. */
async function askable(twoFactor: TestOptions = {}): Promise<Asked> {
  let last: unknown;
  const ask = (strategy: TestStrategy, req: Request) => {
    const { maxAge } = req.query;
    return maxAge === undefined
      ? strategy.isVerified(req)
      : strategy.isVerified(req, { maxAgeSeconds: Number(maxAge) });
  };
  const app = await startCoreApp({
    twoFactor,
    routes: (server, _passport, strategy) => {
      server.get('/ask', (req, res) => {
        try {
          last = ask(strategy, req);
        } catch (error) {
          last = error;
        }
        res.send('asked');
      });
    },
  });
  const given: Asked['given'] = async (browser, maxAge) => {
    await browser.get(maxAge === undefined ? '/ask' : `/ask?maxAge=${maxAge}`);
    return last;
  };
  return { app, given };
}

describe('isVerified', () => {
  it('answers at once, by the session, the user and the age that is asked for', async () => {
    const { app, given } = await askable();
    assert.equal(await given(app.client()), false, 'nobody');
    assert.equal(await given(await app.signedIn('ann')), false, 'the first step only');
    const browser = await verified(app, 'ann');
    assert.equal(await given(browser), true);
    mock.timers.tick(29_999);
    assert.equal(await given(browser, 30), true);
    mock.timers.tick(1);
    assert.equal(await given(browser, 30), false);
    assert.equal(await given(browser, 31), true);
    assert.equal(await given(browser), true);
    await browser.post('/logout');
    assert.equal(await given(browser), false);
  });

  it('is never older than the option maxAgeSeconds allows', async () => {
    const { app, given } = await askable({ maxAgeSeconds: 60 });
    const browser = await verified(app, 'ann');
    mock.timers.tick(60_000);
    assert.equal(await given(browser), false);
    assert.equal(await given(browser, 3_600), false);
  });

  for (const maxAge of [29, 0, -1, Number.NaN]) {
    it(`throws a TypeError for an age of ${maxAge}, that says what it must be`, async () => {
      const { app, given } = await askable();
      for (const browser of [await verified(app, 'ann'), app.client()]) {
        const error = await given(browser, maxAge);
        assert.ok(error instanceof TypeError);
        assert.match(error.message, /isVerified.*maxAgeSeconds.*30/);
      }
    });
  }

  it('is a promise where userId is asynchronous, and comes to the same', async () => {
    let asked: unknown;
    const app = await startCoreApp({
      twoFactor: { userId: async ({ user }) => user.id },
      routes: (server, _passport, strategy) => {
        server.get('/ask', (req, res, next) => {
          asked = strategy.isVerified(req, { maxAgeSeconds: 60 });
          Promise.resolve(asked).then((isVerified) => res.send(String(isVerified)), next);
        });
      },
    });
    const browser = await app.signedIn('ann');
    assert.equal((await browser.get('/ask')).text, 'false');
    assert.ok(asked instanceof Promise);
    assert.equal((await (await verified(app, 'ann')).get('/ask')).text, 'true');
    assert.ok(asked instanceof Promise);
  });

  it('does not write the session', async () => {
    const { app, given } = await askable();
    const browser = await verified(app, 'ann');
    const record = await app.record(browser);
    await given(browser);
    await given(browser, 60);
    assert.deepEqual(await app.record(browser), record);
  });
});
