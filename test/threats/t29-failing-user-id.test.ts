/**
 * T29. Who: a user whose record has no ID, or anyone while the app's user store is down. What they do: reach a route
 * behind the strategy that calls `req.logIn`, where the option `userId` throws. What they gain: Passport ignores
 * promises, so an error without a handler ends the process for everyone. The defense: the error reaches the callback or
 * the promise of `req.logIn`, as an error of Passport would.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import express, { type RequestHandler } from 'express';
import { answerErrors } from '../support/second-step.js';
import { startTestApp, type TestOptions, type TestUser } from '../support/test-app.js';

const BROKEN: TestUser = { id: 'broken' };

const FAILING: readonly { name: string; userId: NonNullable<TestOptions['userId']> }[] = [
  {
    name: 'throws',
    userId: ({ user }) => {
      if (user.id === BROKEN.id) throw new Error('no id');
      return user.id;
    },
  },
  {
    name: 'rejects at once',
    userId: ({ user }) => (user.id === BROKEN.id ? Promise.reject(new Error('no id')) : user.id),
  },
  {
    name: 'rejects later',
    userId: async ({ user }) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (user.id === BROKEN.id) throw new Error('no id');
      return user.id;
    },
  },
];

const ROUTES: readonly { name: string; handler: RequestHandler }[] = [
  {
    name: 'with a callback',
    handler: (req, res, next) => req.logIn(BROKEN, (error) => (error ? next(error) : void res.send('in'))),
  },
  {
    name: 'with options and a callback',
    handler: (req, res, next) =>
      req.logIn(BROKEN, { session: true, keepSessionInfo: true }, (error) =>
        error ? next(error) : void res.send('in'),
      ),
  },
  {
    name: 'in an async handler of Express 5',
    handler: async (req, res) => {
      await (req.logIn as unknown as (user: unknown) => Promise<void>)(BROKEN);
      res.send('in');
    },
  },
  {
    name: 'in a promise',
    handler: (req, res, next) => {
      const done = (req.logIn as unknown as (user: unknown) => Promise<void>)(BROKEN);
      done.then(() => res.send('in'), next);
    },
  },
];

describe('T29: a userId that fails in req.logIn', () => {
  for (const { name, userId } of FAILING) {
    for (const route of ROUTES) {
      it(`a userId that ${name} answers req.logIn ${route.name} with an error, and the process lives`, async () => {
        const app = await startTestApp({
          twoFactor: { userId },
          routes: (server, passport) =>
            server.post('/become', express.json(), passport.authenticate('twilio-2fa'), route.handler, answerErrors),
        });
        const browser = await app.verified('ann');
        const { status, text } = await browser.post('/become');
        assert.deepEqual([status, text], [500, 'Error: no id']);
        assert.equal((await browser.get('/account')).text, 'account of ann');
      });
    }
  }

  for (const { name, userId } of FAILING) {
    it(`a userId that ${name} for the user of the request fails the protected route`, async () => {
      const app = await startTestApp({ twoFactor: { userId } });
      app.users.set(BROKEN.id, BROKEN);
      const browser = await app.signedIn(BROKEN.id);
      for (const path of ['/account', '/2fa']) {
        const { status, text } = await browser.get(path);
        assert.deepEqual([status, text], [500, 'Error: no id'], path);
      }
    });
  }
});
