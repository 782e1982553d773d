import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryStore, type SessionStore } from '@fastify/session';
import Fastify from 'fastify';
import { TwilioVerifyStrategy } from 'passport-twilio-verify';
import type { Client } from '../support/client.js';
import { newNumber, wrongCode } from '../support/second-step.js';
import type { TestUser } from '../support/test-app.js';
import { type FastifyApp, type FastifyAppOptions, type SessionKind, startFastifyApp } from './support/fastify-app.js';
import { jsonOf } from './support/json.js';

const KINDS: readonly SessionKind[] = ['@fastify/session', '@fastify/secure-session'];

async function start(options: FastifyAppOptions): Promise<FastifyApp> {
  const app = await startFastifyApp(options);
  app.users.set('ann', { id: 'ann', phone: newNumber() });
  app.users.set('ben', { id: 'ben', phone: newNumber() });
  return app;
}

async function waiting(app: FastifyApp, id = 'ann') {
  const browser = await app.signedIn(id);
  assert.equal((await browser.postJson('/second-step/start', { method: 'sms' })).status, 200);
  return { browser, code: await app.emulator.codeFor(app.users.get(id)?.phone ?? '') };
}

const account = (browser: Client) => browser.get('/account', { accept: 'application/json' });

/** The content of the browser's cookie from `@fastify/secure-session`. */
function contentsOf(app: FastifyApp, browser: Client): object {
  return app.app.decodeSecureSession(decodeURIComponent(browser.cookies.get('session') ?? ''))?.data() ?? {};
}

describe('a session of @fastify/session', () => {
  const kind = '@fastify/session';

  it('the session ID changes after a verification, and the old one is invalid', async () => {
    const app = await start({ kind });
    const { browser, code } = await waiting(app);
    await browser.postJson('/remember', {});
    const before = browser.fork();
    await browser.postJson('/second-step/check', { code });
    assert.notEqual(browser.cookies.get('sessionId'), before.cookies.get('sessionId'));
    assert.equal((await account(browser)).status, 200);
    assert.equal((await browser.get('/cart')).text, '["book"]');
    assert.equal((await before.get('/second-step')).status, 200);
    assert.equal(jsonOf(await before.get('/second-step')).isRequired, true);
    assert.equal((await account(before)).text, 'Unauthorized');
  });

  it('keeps the settings of its cookie', async () => {
    const routes: FastifyAppOptions['routes'] = (app) => {
      app.post('/stay', async (request) => {
        request.session.options({ maxAge: 3_600_000, sameSite: 'strict', secure: false });
        return 'staying';
      });
    };
    const app = await start({ kind, routes });
    const { browser, code } = await waiting(app);
    await browser.postJson('/stay', {});
    const answer = await browser.postJson('/second-step/check', { code });
    // The first takes the old id from the browser.
    const cookie = answer.headers['set-cookie']?.at(-1) ?? '';
    assert.match(cookie, /SameSite=Strict/);
    assert.match(cookie, /Expires=/);
  });

  it('verified users pass without strategy.session(), and a refused request ends in an error that names it', async () => {
    const app = await start({ kind, isUnwatched: true });
    const { browser, code } = await waiting(app);
    assert.equal(jsonOf(await browser.postJson('/second-step/check', { code })).type, 'approved');
    assert.equal((await account(browser)).status, 200);
    await browser.postJson('/logout', {});
    await browser.postJson('/login/ann', {});
    const refused = await account(browser);
    assert.equal(refused.status, 500);
    assert.equal(jsonOf(refused).code, 'ERR_TWILIO_VERIFY_SESSION_NOT_MOUNTED');
    assert.match(String(jsonOf(refused).message), /app\.addHook\('preValidation', twoFactor\.session\(\)\)/);
  });

  it('a failing session store causes an error, and verifies no one', async () => {
    let failures = 0;
    class FailingStore extends MemoryStore {
      override set(...args: Parameters<SessionStore['set']>): void {
        failures -= 1;
        if (failures === 0) args[2](new Error('the store is away'));
        else super.set(...args);
      }
    }
    // The new session ID first, the verification second.
    for (const call of [1, 2]) {
      const app = await start({ kind, store: new FailingStore() });
      const { browser, code } = await waiting(app);
      failures = call;
      const answer = await browser.postJson('/second-step/check', { code });
      assert.equal(answer.status, 503);
      assert.equal(jsonOf(answer).code, 'ERR_TWILIO_VERIFY_SESSION_STORE');
      assert.equal((await account(browser)).status, 401);
    }
  });
});

describe('a session of @fastify/secure-session', () => {
  const kind = '@fastify/secure-session';

  it("@fastify/secure-session keeps the application's values, and contains no recipient and no code", async () => {
    const app = await start({ kind });
    const { browser, code } = await waiting(app);
    await browser.postJson('/remember', {});
    const pending = JSON.stringify(contentsOf(app, browser));
    assert.ok(pending.includes('twilio-2fa'));
    assert.ok(!pending.includes(code) && !pending.includes(app.users.get('ann')?.phone ?? ''));
    await browser.postJson('/second-step/check', { code });
    assert.equal((await browser.get('/cart')).text, '["book"]');
    assert.deepEqual(Object.keys(contentsOf(app, browser)).sort(), ['cart', 'passport', 'twilio-2fa']);
  });

  it('a missing strategy.session() causes an error that names it', async () => {
    const app = await start({ kind, isUnwatched: true });
    const browser = await app.signedIn('ann');
    for (const answer of [await account(browser), await browser.postJson('/second-step/start', { method: 'sms' })]) {
      assert.equal(answer.status, 500);
      assert.equal(jsonOf(answer).code, 'ERR_TWILIO_VERIFY_NO_SESSION_ID');
      assert.match(String(jsonOf(answer).message), /app\.addHook\('preValidation', strategy\.session\(\)\)/);
    }
  });

  // Here Passport itself leaves everything in the session but the user.
  for (const leave of ['/logout', '/login/ben', '/login/ann'] as const) {
    it(`holds no verification after ${leave} with clearSessionOnLogin: false`, async () => {
      const app = await start({ kind, passport: { clearSessionOnLogin: false } });
      const { browser, code } = await waiting(app);
      await browser.postJson('/remember', {});
      await browser.postJson('/second-step/check', { code });
      assert.equal((await account(browser)).status, 200);
      await browser.postJson(leave, {});
      assert.equal((await browser.get('/cart')).text, '["book"]');
      assert.ok(!('twilio-2fa' in contentsOf(app, browser)));
      await browser.postJson('/login/ann', {});
      assert.equal((await account(browser)).status, 401);
    });
  }

  it('a value that the application stores as "id" is not mistaken for the session ID', async () => {
    const routes: FastifyAppOptions['routes'] = (app) => {
      app.post('/name', async (request) => {
        Object.assign(request.session, { id: 'a cart', sessionId: 'a till' });
        return 'named';
      });
    };
    const app = await start({ kind, routes, passport: { clearSessionOnLogin: false } });
    const { browser, code } = await waiting(app);
    await browser.postJson('/name', {});
    await browser.postJson('/second-step/check', { code });
    assert.equal((await account(browser)).status, 200);
    await browser.postJson('/logout', {});
    await browser.postJson('/login/ann', {});
    assert.equal((await account(browser)).status, 401);
  });
});

for (const kind of KINDS) {
  describe(`the strategy on Fastify, with ${kind}`, () => {
    it('takes two submits in flight together', async () => {
      const app = await start({ kind });
      const { browser, code } = await waiting(app);
      app.emulator.fail({ call: 'check', delayMs: 100 });
      const tabs = [browser.fork(), browser.fork()];
      const answers = await Promise.all(tabs.map((tab) => tab.postJson('/second-step/check', { code })));
      assert.deepEqual(
        answers.map((answer) => [answer.status, jsonOf(answer).type]),
        [
          [200, 'approved'],
          [200, kind === '@fastify/session' ? 'approved' : 'alreadyVerified'],
        ],
      );
      const statuses = await Promise.all(tabs.map(async (tab) => (await account(tab)).status));
      // A session that is kept in a cookie belongs to the first response alone.
      assert.deepEqual(statuses, kind === '@fastify/session' ? [200, 200] : [200, 401]);
    });

    it('finds the user under the name that the application has given', async () => {
      const app = await start({ kind, passport: { userProperty: 'member' } });
      const browser = await app.verified('ann');
      assert.equal((await account(browser)).text, 'account of ann');
      const { browser: other, code } = await waiting(app, 'ben');
      assert.equal((await other.postJson('/enter', { code })).text, 'entered as ben');
      assert.equal((await account(await app.signedIn('ann'))).status, 401);
    });

    it('gives a callback of the route what has happened, and status, message and code', async () => {
      const routes: FastifyAppOptions['routes'] = (app, passport) => {
        const gate = passport.authenticate('twilio-2fa', async (_request, reply, error, user, info, status) => {
          if (error) throw error;
          if (!user) await reply.code(status ?? 401).send(info);
        });
        app.post('/mine', { preValidation: gate }, async () => 'mine');
      };
      const app = await start({ kind, routes });
      const { browser, code } = await waiting(app);
      const wrong = await browser.postJson('/mine', { code: wrongCode(code) });
      assert.deepEqual([wrong.status, jsonOf(wrong).code, jsonOf(wrong).attemptsLeft], [422, 'code_wrong', 4]);
      assert.equal((await browser.postJson('/mine', { code })).text, 'mine');
      const nobody = await app.client().postJson('/mine', {});
      assert.deepEqual([nobody.status, jsonOf(nobody).code], [401, 'login_required']);
    });

    it('keeps a verification when a callback of the route logs the user in again', async () => {
      const routes: FastifyAppOptions['routes'] = (app, passport) => {
        const gate = passport.authenticate('twilio-2fa', async (request, _reply, error, user) => {
          if (error || !user) throw error ?? new Error('not verified');
          await new Promise(setImmediate);
          await request.logIn(user);
        });
        app.post('/again', { preValidation: gate }, async () => 'again');
      };
      const app = await start({ kind, routes });
      const { browser, code } = await waiting(app);
      assert.equal((await browser.postJson('/again', { code })).text, 'again');
      assert.equal((await account(browser)).status, 200);
      assert.equal((await browser.postJson('/again', {})).text, 'again');
      assert.equal((await account(browser)).status, 200);
    });

    it('an outage of Twilio causes a 503, on protected routes and from the headless API', async () => {
      const app = await start({ kind });
      const { browser, code } = await waiting(app);
      app.emulator.fail({ call: 'check', status: 500, times: 2 });
      for (const path of ['/enter', '/second-step/check']) {
        const answer = await browser.postJson(path, { code });
        assert.equal(answer.status, 503, answer.text);
        assert.equal(jsonOf(answer).code, 'ERR_TWILIO_VERIFY_UNAVAILABLE');
      }
      assert.equal((await browser.postJson('/second-step/check', { code })).status, 200);
    });
  });
}

describe('a proxy before Fastify', () => {
  async function warningsOf(trustProxy: boolean): Promise<Error[]> {
    const warnings: Error[] = [];
    const listen = (warning: Error) => void warnings.push(warning);
    process.on('warning', listen);
    const app = await start({ kind: '@fastify/session', trustProxy });
    app.users.set('new', { id: 'new' });
    const browser = await app.signedIn('new');
    const number = { phoneNumber: newNumber(), method: 'sms' };
    const headers = { 'x-forwarded-for': '203.0.113.7' };
    assert.equal((await browser.postJson('/second-step/register', number, headers)).status, 200);
    await new Promise(setImmediate);
    process.off('warning', listen);
    return warnings.filter((warning) => 'code' in warning && warning.code === 'TWILIO_VERIFY_TRUST_PROXY');
  }

  // In this order: the process emits the warning once.
  it('an untrusted proxy causes a warning, and a trusted one does not', async () => {
    assert.deepEqual(await warningsOf(true), []);
    assert.match(String((await warningsOf(false))[0]), /trustProxy/);
  });
});

describe('Fastify without a session', () => {
  it('a missing session causes an error that names the plugin to register', async (context) => {
    const app = Fastify();
    context.after(() => app.close());
    const strategy = new TwilioVerifyStrategy<TestUser>({
      phoneNumber: () => undefined,
      allowRegister: false,
      allowChange: false,
    });
    app.addHook('onRequest', async (request) => void Object.assign(request, { user: { id: 'ann' } }));
    app.post('/start', async (request) => strategy.start(request, 'sms'));
    const answer = await app.inject({ method: 'POST', url: '/start' });
    assert.equal(answer.statusCode, 500);
    assert.equal(answer.json().code, 'ERR_TWILIO_VERIFY_NO_SESSION');
    assert.match(answer.json().message, /@fastify\/session/);
  });
});
