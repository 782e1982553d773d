/**
 * T30. Attacker: someone without a phone number, who registers the number of a stranger. Goal: learn that the stranger is
 * signing in right now, or make the stranger's code invalid. Both share one verification at Twilio. Defense: a
 * registration shows times of its own, and neither a registration nor a change cancels anything that someone else can
 * wait for.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import type { Purpose } from 'passport-twilio-verify';
import type { Client } from '../support/client.js';
import { addUser, callsOf, newNumber, wrongCode } from '../support/second-step.js';
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

  const number = (phoneNumber: string) => ({ phoneNumber, country: 'US', method: 'sms' });
  const ENDINGS: readonly { name: string; end: (app: TestApp, attacker: Client) => Promise<unknown> }[] = [
    { name: 'canceling it', end: (_app, attacker) => attacker.post('/2fa/cancel') },
    { name: 'typing another number', end: (_app, attacker) => attacker.post('/2fa/register', number(newNumber())) },
    { name: 'skipping it', end: (_app, attacker) => attacker.post('/2fa/skip') },
    {
      name: 'getting an address meanwhile',
      end: async (app, attacker) => {
        for (const [id, user] of app.users) if (user.phone === undefined) app.users.set(id, { id, phone: newNumber() });
        await attacker.post('/2fa', { method: 'sms' });
      },
    },
    {
      name: 'typing codes that Twilio refuses to count',
      end: async (app, attacker) => {
        app.emulator.fail({ call: 'check', code: 60200, times: 5 });
        for (let count = 0; count < 5; count += 1) await attacker.post('/2fa/verify', { code: '1234567890' });
      },
    },
    {
      name: 'getting locked out',
      end: async (_app, attacker) => {
        for (let count = 0; count < 2; count += 1) await attacker.post('/2fa/verify', { code: '0000' });
      },
    },
  ];
  for (const { name, end } of ENDINGS) {
    for (const isFirst of [false, true]) {
      const order = isFirst ? 'before the owner signs in' : 'after the owner signed in';
      it(`${name} leaves the owner's code valid if the registration starts ${order}`, async () => {
        const limits = name === 'getting locked out' ? { wrongCodesPerLock: 2 } : {};
        const app = await startTestApp({ twoFactor: { registerOptional: true, retryTimeSeconds: 0, limits } });
        const owner = addUser(app);
        const [ownersBrowser, attacker] = [
          await app.signedIn(owner.id),
          await app.signedIn(addUser(app, { phone: undefined }).id),
        ];
        const steps = [
          () => ownersBrowser.post('/2fa', { method: 'sms' }),
          () => attacker.post('/2fa/register', number(owner.phone)),
        ];
        for (const step of isFirst ? steps.toReversed() : steps) assert.equal((await step()).location, '/2fa/verify');
        const code = await app.emulator.codeFor(owner.phone);
        await end(app, attacker);
        assert.equal(callsOf(app, 'update'), 0);
        await ownersBrowser.post('/2fa/verify', { code });
        assert.equal((await ownersBrowser.get('/account')).text, `account of ${owner.id}`);
      });
    }
  }

  it("a change that is canceled leaves the owner's code valid", async () => {
    const app = await startTestApp({ twoFactor: { retryTimeSeconds: 0 } });
    const owner = addUser(app);
    const attacker = await app.verified(addUser(app).id);
    await attacker.post('/2fa/change', number(owner.phone));
    const ownersBrowser = await app.signedIn(owner.id);
    await ownersBrowser.post('/2fa', { method: 'sms' });
    const code = await app.emulator.codeFor(owner.phone);
    await attacker.post('/2fa/cancel');
    await ownersBrowser.post('/2fa/verify', { code });
    assert.equal((await ownersBrowser.get('/account')).text, `account of ${owner.id}`);
  });

  it('a used-up verification is replaced for both, because no one can use it', async () => {
    const app = await startTestApp({ twoFactor: { retryTimeSeconds: 0 } });
    const owner = addUser(app);
    const ownersBrowser = await app.signedIn(owner.id);
    await ownersBrowser.post('/2fa', { method: 'sms' });
    const attacker = await app.signedIn(addUser(app, { phone: undefined }).id);
    await attacker.post('/2fa/register', number(owner.phone));
    const used = await app.emulator.codeFor(owner.phone);
    for (let count = 0; count < 5; count += 1) await attacker.post('/2fa/verify', { code: wrongCode(used) });
    assert.equal(callsOf(app, 'update'), 0);
    assert.equal((await attacker.post('/2fa/register', number(owner.phone))).location, '/2fa/verify');
    assert.equal(callsOf(app, 'update'), 1);
    assert.equal((await ownersBrowser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
    await ownersBrowser.post('/2fa/verify', { code: await app.emulator.codeFor(owner.phone) });
    assert.equal((await ownersBrowser.get('/account')).text, `account of ${owner.id}`);
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
