import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import express, { type Express } from 'express';
import type { PassportStatic } from 'passport';
import { addUser, sessionIdOf, storedSession, waitForCode } from '../../support/second-step.js';
import { startTestApp, type TestApp, type TestStrategy, type TestUser } from '../../support/test-app.js';
import { ENGLISH } from '../../support/texts.js';

// If a response went to the wrong request, the right one would wait forever, so a time limit applies.
const AT_ONCE = 50;

/** Waits a number of turns of the event loop that differs from call to call, so that requests overtake each other. */
function outOfOrder() {
  let calls = 0;
  return async () => {
    calls += 1;
    for (let turns = (calls * 7) % 11; turns > 0; turns -= 1) await nextTurn();
  };
}

function routes(app: Express, passport: PassportStatic, strategy: TestStrategy) {
  app.use(['/by-name', '/by-instance'], express.urlencoded({ extended: false }));
  const gates = { '/by-name': 'twilio-2fa', '/by-instance': strategy as never };
  for (const [path, gate] of Object.entries(gates)) {
    app.all(path, passport.authenticate(gate), (req, res) => void res.send((req.user as TestUser).id));
  }
}

describe('one strategy for many requests at once', () => {
  let app: TestApp;
  before(async () => {
    const wait = outOfOrder();
    app = await startTestApp({
      routes,
      twoFactor: {
        userId: async ({ user }) => {
          await wait();
          return user.id;
        },
      },
    });
  });

  for (const path of ['/by-name', '/by-instance']) {
    it(`${path}: ${AT_ONCE} requests, half of them verified, each get their own answer`, {
      timeout: 20_000,
    }, async () => {
      const clients = await Promise.all(
        Array.from({ length: AT_ONCE }, async (_, index) => {
          const user = addUser(app);
          const isVerified = index % 2 === 0;
          const browser = isVerified ? await app.verified(user.id) : await app.signedIn(user.id);
          return { user, isVerified, browser };
        }),
      );
      const answers = await Promise.all(
        clients.map(async ({ user, isVerified, browser }) => ({ user, isVerified, answer: await browser.get(path) })),
      );
      for (const { user, isVerified, answer } of answers) {
        if (isVerified) assert.deepEqual([answer.status, answer.text], [200, user.id]);
        else assert.deepEqual([answer.status, answer.location], [302, '/2fa']);
      }
    });

    it(`${path}: ${AT_ONCE} codes at once, half of them wrong, each get their own answer`, {
      timeout: 20_000,
    }, async () => {
      const waiting = await Promise.all(Array.from({ length: AT_ONCE }, () => waitForCode(app)));
      const answers = await Promise.all(
        waiting.map(async ({ user, browser, code, wrong }, index) => {
          const isRight = index % 2 === 0;
          return { user, isRight, answer: await browser.post(path, { code: isRight ? code : wrong }) };
        }),
      );
      for (const { user, isRight, answer } of answers) {
        if (isRight) assert.deepEqual([answer.status, answer.text], [200, user.id]);
        else assert.equal(answer.status, 422);
      }
    });
  }
});

describe('a custom callback', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp({
      routes: (server, passport, strategy) => {
        server.use('/custom', express.urlencoded({ extended: false }));
        server.use('/custom', (req, _res, next) => {
          if (req.query.keep) (req.session as unknown as Record<string, unknown>).cart = ['book'];
          next();
        });
        for (const [path, gate] of Object.entries({ '/custom/name': 'twilio-2fa', '/custom/instance': strategy })) {
          server.all(path, (req, res, next) => {
            const answer = (error: unknown, user: TestUser | false, info?: unknown, status?: number) => {
              if (error) return next(error);
              const send = () =>
                res.status(user ? 200 : (status ?? 401)).json({ id: user ? user.id : false, info, status });
              if (!user || !req.query.login) return send();
              req.logIn(user, (problem) => (problem ? next(problem) : send()));
            };
            passport.authenticate(gate as never, answer as never)(req, res, next);
          });
        }
        server.all('/custom/late', (req, res, next) => {
          passport.authenticate('twilio-2fa', (async (_error: unknown, user: TestUser) => {
            await nextTurn();
            req.logIn(user, (problem) => (problem ? next(problem) : res.json({ id: user.id })));
          }) as never)(req, res, next);
        });
        server.all('/custom/throws', (req, res, next) => {
          passport.authenticate('twilio-2fa', ((error: unknown) => {
            if (error) return next(error);
            throw new Error('thrown by the custom callback');
          }) as never)(req, res, next);
        });
      },
    });
  });

  for (const path of ['/custom/name', '/custom/instance']) {
    it(`${path}: the callback of an unverified user receives the reason, the next location, and the status`, async () => {
      const browser = await app.signedIn(addUser(app).id);
      const answer = await browser.postJson(path, {});
      const { id, status, info } = JSON.parse(answer.text);
      assert.deepEqual({ id, status }, { id: false, status: 401 });
      assert.deepEqual(info, {
        message: ENGLISH.text('refusal.verification_required'),
        code: 'verification_required',
        location: '/2fa',
      });
    });

    it(`${path}: the callback receives the number of attempts left`, async () => {
      const { browser, wrong } = await waitForCode(app);
      const { id, info, status } = JSON.parse((await browser.post(path, { code: wrong })).text);
      assert.equal(id, false);
      assert.equal(status, 422);
      assert.equal(info.code, 'code_wrong');
      assert.equal(info.attemptsLeft, 4);
    });

    for (const query of ['', '?login=1']) {
      it(`${path}${query}: gets the user, and the session is verified and kept`, async () => {
        const { user, browser, code } = await waitForCode(app);
        await browser.get(`${path}?keep=1`);
        const id = sessionIdOf(browser);
        const answer = await browser.post(path + query, { code });
        assert.equal(JSON.parse(answer.text).id, user.id);
        assert.equal(answer.status, 200);
        assert.notEqual(sessionIdOf(browser), id);
        assert.equal((await browser.get('/account')).status, 200);
        assert.deepEqual((await storedSession(app, browser))?.cart, ['book']);
        const again = await browser.get(path + query);
        assert.equal(JSON.parse(again.text).id, user.id);
        assert.equal((await browser.get('/account')).status, 200);
      });
    }
  }

  it('a callback can wait before it signs the user in: the verification moves to the new session ID', async () => {
    const { user, browser, code } = await waitForCode(app);
    assert.equal(JSON.parse((await browser.post('/custom/late', { code })).text).id, user.id);
    assert.equal((await browser.get('/account')).status, 200);
  });

  it('a callback that throws sends its error to the error handler, and the process keeps running', async () => {
    for (const browser of [await app.verified(addUser(app).id), await app.signedIn(addUser(app).id)]) {
      const answer = await browser.postJson('/custom/throws', {});
      assert.equal(answer.status, 500);
      assert.equal(answer.text, 'Error: thrown by the custom callback');
    }
  });
});
