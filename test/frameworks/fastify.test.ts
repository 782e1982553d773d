import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import type { Client } from '../support/client.js';
import { newNumber, type OwnUser, wrongCode } from '../support/second-step.js';
import { type FastifyApp, type SessionKind, startFastifyApp } from './support/fastify-app.js';
import { jsonOf } from './support/json.js';

const KINDS: readonly SessionKind[] = ['@fastify/session', '@fastify/secure-session'];
const NOW = Date.parse('2026-03-01T10:00:00Z');

let users = 0;

function addUser(app: FastifyApp): OwnUser {
  users += 1;
  const user = { id: `user-${users}`, phone: newNumber() };
  app.users.set(user.id, user);
  return user;
}

for (const kind of KINDS) {
  describe(`Fastify with ${kind}`, () => {
    let app: FastifyApp;
    let user: OwnUser;
    let browser: Client;

    before(async () => {
      mock.timers.enable({ apis: ['Date'], now: NOW });
      app = await startFastifyApp({ kind });
    });

    after(() => mock.timers.reset());

    async function signIn() {
      user = addUser(app);
      browser = await app.signedIn(user.id);
    }

    async function startCode() {
      await signIn();
      assert.equal((await browser.postJson('/second-step/start', { method: 'sms' })).status, 200);
      return app.emulator.codeFor(user.phone);
    }

    async function passBoth() {
      const code = await startCode();
      assert.equal(jsonOf(await browser.postJson('/second-step/check', { code })).type, 'approved');
      return code;
    }

    const account = (client = browser) => client.get('/account', { accept: 'application/json' });

    it('answers 401 where there is no user', async () => {
      const answer = await account(app.client());
      assert.deepEqual([answer.status, answer.text], [401, 'Unauthorized']);
    });

    it('answers 401 to a script, and sends a page request to mountPath', async () => {
      await signIn();
      assert.equal((await account()).status, 401);
      const page = await browser.get('/account');
      assert.deepEqual([page.status, page.location], [302, '/code']);
    });

    it('goes through the whole flow with the core alone', async () => {
      await signIn();
      const status = jsonOf(await browser.get('/second-step'));
      assert.deepEqual(
        [status.isRequired, status.isVerified, status.canRegister, status.pending, status.isFresh],
        [true, false, false, undefined, false],
      );
      assert.deepEqual(
        (status.methods as { method: string }[]).map(({ method }) => method),
        ['sms', 'call', 'whatsapp'],
      );
      assert.ok(!JSON.stringify(status).includes(user.phone.slice(2)));

      const sent = jsonOf(await browser.postJson('/second-step/start', { method: 'sms' }));
      assert.equal(sent.type, 'sent');
      const pending = sent.pending as Record<string, unknown>;
      assert.equal(pending.expiresAt, new Date(NOW + 600_000).toISOString());
      assert.equal(pending.attemptsLeft, 5);
      const code = await app.emulator.codeFor(user.phone);

      const wrong = await browser.postJson('/second-step/check', { code: wrongCode(code) });
      assert.equal(wrong.status, 422);
      assert.deepEqual([jsonOf(wrong).code, jsonOf(wrong).attemptsLeft], ['code_wrong', 4]);
      assert.equal((await account()).status, 401);

      const right = await browser.postJson('/second-step/check', { code });
      assert.deepEqual([right.status, jsonOf(right).type, jsonOf(right).purpose], [200, 'approved', 'signIn']);
      const passed = await account();
      assert.deepEqual([passed.status, passed.text], [200, `account of ${user.id}`]);
      const end = jsonOf(await browser.get('/second-step'));
      assert.deepEqual([end.isVerified, end.isFresh, end.pending], [true, true, undefined]);
    });

    it('a route with the strategy checks a posted code, and keeps the values of the session', async () => {
      const code = await startCode();
      await browser.postJson('/remember', {});
      assert.equal((await browser.postJson('/enter', { code: wrongCode(code) })).status, 422);
      const entered = await browser.postJson('/enter', { code });
      assert.deepEqual([entered.status, entered.text], [200, `entered as ${user.id}`]);
      assert.equal((await account()).status, 200);
      assert.equal((await browser.get('/cart')).text, '["book"]');
    });

    it('the headless API sends again after the delay, cancels, and rejects the code of a canceled verification', async () => {
      const code = await startCode();
      const early = await browser.postJson('/second-step/resend', {});
      assert.equal(early.status, 429);
      mock.timers.tick(181_000);
      assert.equal(jsonOf(await browser.postJson('/second-step/resend', {})).type, 'sent');
      assert.equal(jsonOf(await browser.postJson('/second-step/cancel', {})).type, 'canceled');
      assert.equal(jsonOf(await browser.get('/second-step')).pending, undefined);
      assert.equal(jsonOf(await browser.postJson('/second-step/check', { code })).code, 'nothing_pending');
      assert.equal((await account()).status, 401);
    });

    it('registers a first number, and stores it when the code was right', async () => {
      await signIn();
      const phoneNumber = user.phone;
      Object.assign(user, { phone: undefined });
      assert.equal(jsonOf(await browser.get('/second-step')).canRegister, true);
      const body = { phoneNumber: phoneNumber.slice(2), country: 'US', method: 'sms' };
      assert.equal(jsonOf(await browser.postJson('/second-step/register', body)).type, 'sent');
      assert.equal(user.phone, undefined);
      const code = await app.emulator.codeFor(phoneNumber);
      const done = jsonOf(await browser.postJson('/second-step/check', { code }));
      assert.deepEqual([done.type, done.purpose], ['approved', 'register']);
      assert.equal(user.phone, phoneNumber);
      assert.equal((await account()).status, 200);
    });

    it('locks after ten wrong codes, in another session of the user, too', async () => {
      let code = await startCode();
      for (let guess = 1; guess <= 10; guess += 1) {
        const answer = await browser.postJson('/second-step/check', { code: wrongCode(code) });
        const expected = guess === 5 ? 'too_many_checks' : guess === 10 ? 'locked' : 'code_wrong';
        assert.equal(jsonOf(answer).code, expected, `guess ${guess}`);
        if (guess === 5) {
          await browser.postJson('/second-step/start', { method: 'sms' });
          code = await app.emulator.codeFor(user.phone);
        }
      }
      const elsewhere = await app.signedIn(user.id);
      const locked = await elsewhere.postJson('/second-step/start', { method: 'sms' });
      assert.deepEqual([locked.status, jsonOf(locked).code], [429, 'locked']);
    });

    it('a route with maxAgeSeconds requires a recent verification', async () => {
      await passBoth();
      assert.equal((await browser.postJson('/transfer', {})).text, 'transferred');
      mock.timers.tick(301_000);
      assert.equal((await browser.postJson('/transfer', {})).status, 401);
      assert.equal((await account()).status, 200);
      assert.equal(jsonOf(await browser.get('/second-step')).isFresh, false);

      await browser.postJson('/second-step/start', { method: 'sms' });
      const code = await app.emulator.codeFor(user.phone);
      assert.equal(jsonOf(await browser.postJson('/second-step/check', { code })).type, 'approved');
      assert.equal((await browser.postJson('/transfer', {})).text, 'transferred');
    });

    it('no verification survives a sign-out', async () => {
      await passBoth();
      await browser.postJson('/logout', {});
      assert.equal((await account()).status, 401);
      await browser.postJson(`/login/${user.id}`, {});
      assert.equal((await account()).status, 401);
      assert.equal(jsonOf(await browser.get('/second-step')).isVerified, false);
    });

    for (const keep of ['', '?keep=1']) {
      it(`no verification survives a sign-in ${keep && 'with keepSessionInfo'}`, async () => {
        await passBoth();
        const first = user;
        const other = addUser(app);
        await browser.postJson(`/login/${other.id}${keep}`, {});
        assert.equal((await account()).status, 401);
        await browser.postJson(`/login/${first.id}${keep}`, {});
        assert.equal((await account()).status, 401);

        await passBoth();
        await browser.postJson(`/login/${user.id}${keep}`, {});
        assert.equal((await account()).status, 401);
      });
    }

    it('gives the cookie of before the second step nothing of it', async () => {
      const code = await startCode();
      const thief = browser.fork();
      assert.equal(jsonOf(await browser.postJson('/second-step/check', { code })).type, 'approved');
      assert.equal((await account()).status, 200);
      assert.equal((await account(thief)).status, 401);
      assert.notEqual((await thief.postJson('/second-step/check', { code })).status, 200);
      assert.equal((await account(thief)).status, 401);
    });

    it('refuses a request that comes from another site', async () => {
      const code = await startCode();
      for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }]) {
        const answer = await browser.postJson('/second-step/check', { code }, headers);
        assert.deepEqual([answer.status, jsonOf(answer).code], [403, 'cross_site']);
        assert.equal((await browser.postJson('/enter', { code }, headers)).status, 403);
      }
      const own = { origin: app.url };
      assert.equal((await browser.postJson('/second-step/check', { code }, own)).status, 200);
    });

    it('a change of number ends every other session, and this one can end them for good', async () => {
      await passBoth();
      const other = await app.signedIn(user.id);
      mock.timers.tick(1_000);
      await other.postJson('/second-step/start', { method: 'sms' });
      await other.postJson('/second-step/check', { code: await app.emulator.codeFor(user.phone) });
      assert.equal((await account(other)).status, 200);

      const body = { phoneNumber: newNumber(), method: 'sms' };
      assert.equal(jsonOf(await browser.postJson('/second-step/change', body)).type, 'sent');
      const code = await app.emulator.codeFor(body.phoneNumber);
      assert.equal(jsonOf(await browser.postJson('/second-step/check', { code })).type, 'approved');
      assert.equal((await account()).status, 200);
      assert.equal((await account(other)).status, 401);
      assert.equal(jsonOf(await browser.postJson('/second-step/end-other-sessions', {})).type, 'otherSessionsEnded');
      assert.equal(jsonOf(await other.postJson('/second-step/end-other-sessions', {})).code, 'verification_required');
    });

    it('listeners receive the events', async () => {
      const heard: string[] = [];
      app.strategy.once('verificationSent', ({ user: { id }, method }) => void heard.push(`sent ${id} ${method}`));
      app.strategy.once('verificationApproved', ({ user: { id } }) => void heard.push(`approved ${id}`));
      await passBoth();
      assert.deepEqual(heard, [`sent ${user.id} sms`, `approved ${user.id}`]);
    });
  });
}
