import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { GateOptions } from 'passport-twilio-verify';
import type { Client } from '../support/client.js';
import { newNumber, wrongCode } from '../support/second-step.js';
import { type FastifyApp, type FastifyAppOptions, type SessionKind, startFastifyApp } from './support/fastify-app.js';
import { jsonOf } from './support/json.js';

const KINDS: readonly SessionKind[] = ['@fastify/session', '@fastify/secure-session'];

/** Routes with options that `@fastify/passport` itself has. */
const routes: FastifyAppOptions['routes'] = (app, passport) => {
  const gate = (options: Parameters<typeof passport.authenticate>[1]) => ({
    preValidation: passport.authenticate('twilio-2fa', options),
  });
  const quiet: GateOptions = { redirect: false };
  app.get('/quiet', gate(quiet), async () => 'quiet');
  app.post('/sent-on', gate({ successRedirect: '/welcome', failureRedirect: '/again' }), async () => 'never');
  app.post('/back', gate({ successReturnToOrRedirect: '/nowhere' }), async () => 'never');
  app.post('/thrown', gate({ failWithError: true }), async () => 'thrown');
  app.post('/told', gate({}), async (request) => request.authInfo);
  app.post('/no-session', gate({ session: false }), async () => 'in');
};

for (const kind of KINDS) {
  describe(`options of @fastify/passport, with ${kind}`, () => {
    let app: FastifyApp;
    let users = 0;

    before(async () => {
      app = await startFastifyApp({ kind, routes });
    });

    async function waiting(): Promise<{ browser: Client; code: string; id: string }> {
      users += 1;
      const user = { id: `user-${users}`, phone: newNumber() };
      app.users.set(user.id, user);
      const browser = await app.signedIn(user.id);
      await browser.postJson('/second-step/start', { method: 'sms' });
      return { browser, code: await app.emulator.codeFor(user.phone), id: user.id };
    }

    it('failureRedirect and successRedirect go where they say', async () => {
      const { browser, code } = await waiting();
      assert.equal((await browser.postJson('/sent-on', { code: wrongCode(code) })).location, '/again');
      assert.equal((await browser.postJson('/sent-on', { code })).location, '/welcome');
      assert.equal((await browser.get('/account')).status, 200);
    });

    it('successReturnToOrRedirect returns to the page that required the verification', async () => {
      const { browser, code } = await waiting();
      assert.equal((await browser.get('/account?tab=2')).location, '/code');
      assert.equal((await browser.postJson('/back', { code })).location, '/account?tab=2');
      assert.equal((await browser.postJson('/back', {})).location, '/nowhere');
    });

    it('failWithError throws', async () => {
      const { browser, code } = await waiting();
      const answer = await browser.postJson('/thrown', { code: wrongCode(code) });
      assert.deepEqual([answer.status, jsonOf(answer).message], [422, 'Unprocessable Entity']);
    });

    it('redirect: false answers 401 to a page request, too', async () => {
      const { browser } = await waiting();
      assert.equal((await browser.get('/quiet')).status, 401);
    });

    it('request.authInfo contains the verification SID, method, and purpose', async () => {
      const { browser, code } = await waiting();
      const info = jsonOf(await browser.postJson('/told', { code }));
      assert.match(String(info.verificationSid), /^VE/);
      assert.deepEqual([info.method, info.purpose], ['sms', 'signIn']);
    });

    it('session: false does not keep the verification from the session', async () => {
      const { browser, code, id } = await waiting();
      assert.equal((await browser.postJson('/no-session', { code })).text, 'in');
      assert.equal((await browser.get('/account')).text, `account of ${id}`);
    });
  });
}
