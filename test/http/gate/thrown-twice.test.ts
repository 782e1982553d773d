import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addUser } from '../../support/second-step.js';
import { startTestApp } from '../../support/test-app.js';

describe('a custom callback that throws on every call', () => {
  // `({ user }) => user.id` without a look at the error is a slip that every application can make.
  it('a custom callback that throws on every call does not end the process', async () => {
    const unhandled: unknown[] = [];
    const app = await startTestApp({
      twoFactor: { userId: async ({ user }) => user.id },
      routes: (express, passport) => {
        express.get('/throws', (req, res, next) => {
          const alwaysThrows = () => {
            throw new Error('thrown again');
          };
          passport.authenticate('twilio-2fa', alwaysThrows)(req, res, next);
          // The answer is the application's, and it never comes: the test must not wait for it.
          setTimeout(() => res.headersSent || res.end('given up'), 50);
        });
      },
    });
    const browser = await app.signedIn(addUser(app).id);
    // The test runner has its own listener, which would fail a different test.
    const listeners = process.rawListeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', (reason) => unhandled.push(reason));
    try {
      await browser.get('/throws', { accept: 'application/json' });
    } finally {
      process.removeAllListeners('unhandledRejection');
      for (const listener of listeners) process.on('unhandledRejection', listener as never);
    }
    assert.deepEqual(unhandled, []);
  });
});
