import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import type { Purpose } from 'passport-twilio-verify';
import { addUser, callsOf } from '../support/second-step.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const MINUTE = 60_000;

before(() => mock.timers.enable({ apis: ['Date'], now: Date.now() }));
after(() => mock.timers.reset());

/** An owner who waits for a sign-in code, and an attacker without a number who has waited for four minutes. */
async function ownerAndAttacker(app: TestApp) {
  const owner = addUser(app);
  const ownersBrowser = await app.signedIn(owner.id);
  await ownersBrowser.post('/2fa', { method: 'sms' });
  const code = await app.emulator.codeFor(owner.phone ?? '');
  mock.timers.tick(4 * MINUTE);
  const attacker = addUser(app, { phone: undefined });
  const attackersBrowser = await app.signedIn(attacker.id);
  const register = () =>
    attackersBrowser.post('/2fa/register', { phoneNumber: owner.phone ?? '', country: 'US', method: 'sms' });
  return { owner, ownersBrowser, code, attackersBrowser, register };
}

describe('a registration of a number that is signing in right now', () => {
  it('expiresAt of a registration counts from its own send', async () => {
    const app = await startTestApp();
    const { attackersBrowser, register } = await ownerAndAttacker(app);
    const now = Date.now();
    await register();
    const page = await attackersBrowser.get('/2fa/verify', { accept: 'application/json' });
    assert.equal(JSON.parse(page.text).pending.expiresAt, new Date(now + 10 * MINUTE).toISOString());
  });

  for (const { name, give } of [
    { name: 'canceling it', give: { path: '/2fa/cancel', fields: {} } },
    {
      name: 'typing another number',
      give: { path: '/2fa/register', fields: { phoneNumber: '+12025550177', country: 'US', method: 'sms' } },
    },
  ]) {
    it(`${name} leaves the owner's code valid`, async () => {
      const app = await startTestApp();
      const { ownersBrowser, code, attackersBrowser, register } = await ownerAndAttacker(app);
      await register();
      await attackersBrowser.post(give.path, give.fields);
      await ownersBrowser.post('/2fa/verify', { code });
      assert.match((await ownersBrowser.get('/account')).text, /^account of/);
    });
  }

  it("a registration's own code is canceled", async () => {
    const app = await startTestApp();
    const user = addUser(app, { phone: undefined });
    const browser = await app.signedIn(user.id);
    await browser.post('/2fa/register', { phoneNumber: '+12025550178', country: 'US', method: 'sms' });
    await browser.post('/2fa/resend');
    await browser.post('/2fa/cancel');
    assert.equal(callsOf(app, 'update'), 1);
  });
});

describe('a Verify service of its own for registrations', () => {
  it('serviceSid and rateLimits get the purpose of each call', async () => {
    const seen: Purpose[] = [];
    const app: TestApp = await startTestApp({
      twoFactor: {
        userId: ({ user }) => user.id,
        serviceSid: ({ purpose }) => {
          seen.push(purpose);
          return app.emulator.serviceSid;
        },
        rateLimits: ({ purpose }) => {
          seen.push(purpose);
          return undefined;
        },
      },
    });
    const user = addUser(app, { phone: undefined });
    const browser = await app.signedIn(user.id);
    await browser.post('/2fa/register', { phoneNumber: '+12025550179', country: 'US', method: 'sms' });
    await browser.post('/2fa/verify', { code: await app.emulator.codeFor('+12025550179') });
    assert.deepEqual(new Set(seen.splice(0)), new Set(['register']));
    await browser.post('/2fa/change', { phoneNumber: '+12025550180', country: 'US', method: 'sms' });
    await browser.post('/2fa/cancel');
    assert.deepEqual(new Set(seen.splice(0)), new Set(['change']));
    await app.verified(addUser(app).id);
    assert.deepEqual(new Set(seen), new Set(['signIn']));
  });
});
