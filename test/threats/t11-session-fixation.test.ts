/**
 * T11. Attacker: someone who planted a session ID in the victim's browser before the verification, who has an old
 * cookie of the victim, or who can copy session records. They wait until the victim has verified, and use the same ID.
 * Or they copy the verification of another user, of a session that was signed out, or of an older session into their
 * own session. Goal: a verified session without a code. Defense: the session ID changes on success, and the
 * verification is bound to the user ID and the session ID.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BOB, isIn, send, startExample } from './support/example.js';
import { lastCode, plant, recordOf, sessionIdOf, storedSession } from './support/look.js';
import { pass, stopTheClock } from './support/time.js';

describe('T11: a session id from before the second step', () => {
  stopTheClock();

  it('the session ID from before a verification is invalid after it', async () => {
    const example = await startExample();
    const planted = await example.signedIn('alice');
    const victim = planted.fork();
    await send(victim);
    const before = sessionIdOf(planted);
    await victim.post('/2fa/verify', { code: lastCode(example) });
    assert.equal(await isIn(victim), true);
    assert.notEqual(sessionIdOf(victim), before);
    assert.equal(await isIn(planted), false);
    assert.equal(
      (await planted.get('/account')).location,
      '/login',
      'the old session is gone, the password step with it',
    );
    const { cookie: _cookie, returnTo, ...rest } = await storedSession(example, planted);
    assert.deepEqual([returnTo, rest], ['/account', {}], 'a new session, which holds the page to go to');
  });

  it('the old session ID is invalid after a registration, a change, or a skipped registration too', async () => {
    const example = await startExample({ twoFactor: { registerOptional: true } });
    const register = { country: 'US', phoneNumber: BOB, method: 'sms' };
    const victim = await example.signedIn('bob');
    const steps = [
      async () => void (await victim.post('/2fa/skip')),
      async () => {
        await victim.post('/2fa/register', register);
        await victim.post('/2fa/verify', { code: lastCode(example, BOB) });
      },
      async () => {
        await victim.post('/2fa/change', { ...register, phoneNumber: '+12025550178' });
        await victim.post('/2fa/verify', { code: lastCode(example, '+12025550178') });
      },
    ];
    for (const step of steps) {
      const planted = victim.fork();
      await step();
      assert.notEqual(sessionIdOf(victim), sessionIdOf(planted));
      assert.equal(await isIn(victim), true);
      assert.equal(await isIn(planted), false);
    }
  });

  it('takes nothing else out of the session', async () => {
    const example = await startExample();
    const browser = await example.waiting('alice');
    const before = await storedSession(example, browser);
    await browser.post('/2fa/verify', { code: lastCode(example) });
    const after = await storedSession(example, browser);
    assert.deepEqual(after.passport, before.passport);
  });
});

describe('T11: a verification from elsewhere', () => {
  stopTheClock();

  it('the verification of another user is invalid', async () => {
    const example = await startExample();
    const { verified } = await recordOf(example, await example.verified('alice'));
    assert.ok(verified);
    const attacker = await example.signedIn('bob');
    await plant(example, attacker, { verified });
    assert.equal(await isIn(attacker), false);
  });

  it('the verification of another user is invalid even in that user’s own session', async () => {
    const example = await startExample();
    const session = await example.verified('alice');
    const { passport } = await storedSession(example, session);
    assert.deepEqual(passport, { user: '1' });
    const stored = { ...(await storedSession(example, session)), passport: { user: '2' } };
    await new Promise<void>((resolve) => example.store.set(sessionIdOf(session), stored as never, () => resolve()));
    assert.equal(await isIn(session), false);
  });

  it('the verification of an older session of the same user is invalid', async () => {
    const example = await startExample();
    const { verified } = await recordOf(example, await example.verified('alice'));
    const attacker = await example.signedIn('alice');
    await plant(example, attacker, { verified });
    assert.equal(await isIn(attacker), false);
  });

  it('the verification of a session that was signed out is invalid', async () => {
    const example = await startExample();
    const browser = await example.verified('alice');
    const old = browser.fork();
    const { verified } = await recordOf(example, browser);
    await browser.post('/logout');
    assert.equal(await isIn(old), false, 'the old cookie');
    assert.equal(await isIn(browser), false, 'the new one');
    await browser.post('/login', { username: 'alice', password: 'alice' });
    assert.equal(await isIn(browser), false, 'after the password');
    await plant(example, browser, { verified });
    assert.equal(await isIn(browser), false, 'with the old mark');
  });

  it('does not come with the password of the same user, or of another, in a verified session', async () => {
    const example = await startExample();
    for (const username of ['alice', 'bob']) {
      const browser = await example.verified('alice');
      await browser.post('/login', { username, password: username });
      assert.equal(await isIn(browser), false, username);
      pass(180);
    }
  });

  it('a registration that was skipped in another session is invalid', async () => {
    const example = await startExample({ twoFactor: { registerOptional: true } });
    const browser = await example.signedIn('bob');
    await browser.post('/2fa/skip');
    assert.equal(await isIn(browser), true);
    const record = await recordOf(example, browser);
    for (const username of ['bob', 'alice']) {
      const attacker = await example.signedIn(username);
      await plant(example, attacker, record);
      assert.equal(await isIn(attacker), false, username);
    }
  });
});
