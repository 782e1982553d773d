import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { SessionData } from 'express-session';
import type { Client } from '../../support/client.js';
import { addUser, callsOf, recordOf, sessionIdOf, storedSession, waitForCode } from '../../support/second-step.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

describe('the binding of session data to user and session', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp({ twoFactor: { registerOptional: true } });
  });

  /** Writes to the store, like an attacker with write access to it. */
  async function edit(browser: Client, change: (session: Record<string, unknown>) => void): Promise<void> {
    const session = (await storedSession(app, browser)) ?? {};
    change(session);
    await new Promise<void>((resolve, reject) => {
      const data = session as unknown as SessionData;
      app.store.set(sessionIdOf(browser), data, (error) => (error ? reject(error) : resolve()));
    });
  }

  it('a verification works in its own session', async () => {
    const browser = await app.verified(addUser(app).id);
    await edit(browser, () => undefined);
    assert.equal((await browser.get('/account')).status, 200);
  });

  it('a verification copied into another session of the same user is invalid', async () => {
    const user = addUser(app);
    const record = await recordOf(app, await app.verified(user.id));
    const other = await app.signedIn(user.id);
    await other.get('/account');
    await edit(other, (session) => Object.assign(session, { 'twilio-2fa': record }));
    assert.equal((await other.get('/account')).location, '/2fa');
    assert.equal((await other.get('/2fa/success')).location, '/2fa');
  });

  it('a verification is invalid for another user in the same session', async () => {
    const browser = await app.verified(addUser(app).id);
    await edit(browser, (session) => Object.assign(session, { passport: { user: addUser(app).id } }));
    assert.equal((await browser.get('/account')).location, '/2fa');
    assert.equal((await browser.get('/2fa/success')).location, '/2fa');
  });

  it('a verification without its binding, or with a forged one, is invalid', async () => {
    for (const verified of [{ at: Date.now() }, { at: Date.now(), binding: 'x'.repeat(22) }, true, 'yes']) {
      const browser = await app.signedIn(addUser(app).id);
      await browser.get('/account');
      await edit(browser, (session) => Object.assign(session, { 'twilio-2fa': { verified } }));
      assert.equal((await browser.get('/account')).location, '/2fa');
    }
  });

  it('a skipped registration is invalid in another session and for another user', async () => {
    const user = addUser(app, { phone: undefined });
    const browser = await app.signedIn(user.id);
    await browser.post('/2fa/skip');
    assert.equal((await browser.get('/account')).status, 200);
    const record = await recordOf(app, browser);
    const other = await app.signedIn(user.id);
    await other.get('/account');
    await edit(other, (session) => Object.assign(session, { 'twilio-2fa': record }));
    assert.equal((await other.get('/account')).location, '/2fa');
    await edit(browser, (session) => Object.assign(session, { passport: { user: addUser(app).id } }));
    assert.equal((await browser.get('/account')).location, '/2fa');
  });

  it('a pending verification is invalid for another user, even one with the same number', async () => {
    const { user, browser, code } = await waitForCode(app);
    const twin = addUser(app, { phone: user.phone });
    await edit(browser, (session) => Object.assign(session, { passport: { user: twin.id } }));
    const before = callsOf(app, 'check');
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa');
    assert.equal(callsOf(app, 'check'), before);
    assert.equal((await browser.get('/account')).location, '/2fa');
  });

  it('an invalid record does not break a page', async () => {
    for (const record of ['text', 1, true, [], null]) {
      const browser = await app.signedIn(addUser(app).id);
      await browser.get('/account');
      await edit(browser, (session) => Object.assign(session, { 'twilio-2fa': record }));
      assert.equal((await browser.get('/2fa')).status, 200, JSON.stringify(record));
      assert.equal((await browser.get('/account')).location, '/2fa');
    }
  });
});
