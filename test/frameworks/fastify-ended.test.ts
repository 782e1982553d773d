import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryStore } from '@fastify/session';
import type { Client } from '../support/client.js';
import { newNumber } from '../support/second-step.js';
import { type FastifyApp, startFastifyApp } from './support/fastify-app.js';
import { jsonOf } from './support/json.js';

async function waiting(): Promise<{ app: FastifyApp; browser: Client; code: string }> {
  const app = await startFastifyApp({ kind: '@fastify/session', store: new MemoryStore() });
  app.users.set('ann', { id: 'ann', phone: newNumber() });
  const browser = await app.signedIn('ann');
  await browser.postJson('/second-step/start', { method: 'sms' });
  return { app, browser, code: await app.emulator.codeFor(app.users.get('ann')?.phone ?? '') };
}

const account = async (browser: Client) => (await browser.get('/account', { accept: 'application/json' })).status;

describe('a session of @fastify/session that ends while a code is checked', () => {
  it('a session that ended stays unverified and is not stored again', async () => {
    const { app, browser, code } = await waiting();
    app.emulator.fail({ call: 'check', delayMs: 300 });
    const answer = browser.fork().postJson('/second-step/check', { code });
    await app.emulator.codeFor(app.users.get('ann')?.phone ?? '');
    const before = browser.fork();
    await browser.postJson('/logout', {});
    assert.equal(jsonOf(await answer).code, 'login_required');
    assert.equal(await account(before), 401);
    assert.equal(jsonOf(await before.get('/second-step')).isVerified, false);
  });

  it('a session that lasts is verified', async () => {
    const { app, browser, code } = await waiting();
    app.emulator.fail({ call: 'check', delayMs: 300 });
    await browser.postJson('/second-step/check', { code });
    assert.equal(await account(browser), 200);
  });
});

describe('one code with @fastify/session', () => {
  it('three submits of a code at once verify one session, which all three get', async () => {
    const { app, browser, code } = await waiting();
    app.emulator.fail({ call: 'check', delayMs: 200 });
    const tabs = [browser.fork(), browser.fork(), browser.fork()];
    const answers = await Promise.all(tabs.map((tab) => tab.postJson('/second-step/check', { code })));
    assert.deepEqual(
      answers.map((answer) => jsonOf(answer).type),
      ['approved', 'approved', 'approved'],
    );
    assert.equal(new Set(tabs.map((tab) => tab.cookies.get('sessionId'))).size, 1);
    for (const tab of tabs) assert.equal(await account(tab), 200);
  });
});
