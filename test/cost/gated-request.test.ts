import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import session from 'express-session';
import { createMemoryLimiter, type Limiter } from '../../src/limits/limiter-store.js';
import type { Client } from '../support/client.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const REQUESTS = 5;

/** Everything that is called on some objects, by name. */
class Calls {
  private names: string[] = [];

  /** The same object; what is called on it is written down. */
  watch<T extends object>(object: T): T {
    return new Proxy(object, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          this.names.push(String(name));
          return member.apply(target, args);
        };
      },
    });
  }

  /** Returns the calls since the last time. */
  take(): readonly string[] {
    const taken = this.names.sort();
    this.names = [];
    return taken;
  }
}

describe('a request of a verified session', () => {
  const storeCalls = new Calls();
  const limiterCalls = new Calls();
  const store = storeCalls.watch(new session.MemoryStore());
  let app: TestApp;
  let browser: Client;

  before(async () => {
    app = await startTestApp({
      session: session({ secret: 'test', resave: false, saveUninitialized: false, store }),
      twoFactor: {
        createLimiter: async (options) => limiterCalls.watch((await createMemoryLimiter(options)) as Limiter),
      },
      routes: (express, passport) => {
        express.get('/open', (_req, res) => void res.send('open'));
        express.get(
          '/young',
          passport.authenticate('twilio-2fa', { maxAgeSeconds: 300 }),
          (_req, res) => void res.send('in'),
        );
        express.post('/transfer', passport.authenticate('twilio-2fa'), (_req, res) => void res.send('done'));
      },
    });
    browser = await app.verified('ann');
  });

  it('calls are counted at all: a sign-in reads and writes its session, and checks the rate limits', async () => {
    storeCalls.take();
    limiterCalls.take();
    await app.verified('eve');
    assert.ok(storeCalls.take().includes('set'));
    assert.ok(limiterCalls.take().includes('consume'));
  });

  for (const { name, request } of [
    { name: 'a page', request: () => browser.get('/account') },
    { name: 'data', request: () => browser.get('/account', { accept: 'application/json' }) },
    { name: 'a route that asks for a young verification', request: () => browser.get('/young') },
    { name: 'something posted', request: () => browser.post('/transfer', { amount: '5' }) },
  ]) {
    it(`a protected request for ${name} costs the session calls of an unprotected one, and no call to the limits`, async () => {
      const callsOf = async (ask: () => Promise<{ readonly status: number }>) => {
        storeCalls.take();
        limiterCalls.take();
        for (let time = 0; time < REQUESTS; time += 1) assert.equal((await ask()).status, 200);
        return { store: storeCalls.take(), limiter: limiterCalls.take() };
      };
      const open = await callsOf(() => browser.get('/open'));
      assert.deepEqual(await callsOf(request), open);
      assert.ok(!open.store.includes('set'));
      assert.deepEqual(open.limiter, []);
    });
  }
});
