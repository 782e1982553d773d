/**
 * T1. Attacker: someone who knows the victim's password, and nothing else. Before the verification they change the
 * number to their own and verify with their own phone. Or they register their own number in addition to the victim's
 * email address. Goal: the account. Defense: a change needs a verification in this session from the last five minutes.
 * Only a user without any usable recipient can register. Both rules are checked on POST and again when the code is
 * approved.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ALICE, BOB, isIn, MALLORY, send, startExample } from './support/example.js';
import { audited, lastCode, plant, recordOf, tells } from './support/look.js';
import { pass, stopTheClock } from './support/time.js';

const JSON_ANSWER = { accept: 'application/json' };
const OWN_NUMBER = { country: 'US', phoneNumber: MALLORY, method: 'sms' };

describe('T1: another number before the second step', () => {
  stopTheClock();

  for (const [page, whereTo] of [
    ['/2fa/change', '/2fa'],
    ['/2fa/register', '/2fa/failed'],
  ] as const) {
    it(`a number is not accepted by POST ${page} after the password alone`, async () => {
      const example = await startExample();
      const attacker = await example.signedIn('alice');
      const answer = await attacker.post(page, OWN_NUMBER);
      assert.equal(answer.location, whereTo);
      assert.equal((await attacker.get(page)).status, 303, 'the form is not shown either');
      assert.deepEqual(example.emulator.messages(MALLORY), []);
      assert.equal((await recordOf(example, attacker)).pending, undefined);
      assert.equal(await example.users.phoneNumberOf({ id: '1', username: 'alice', password: '' }), ALICE);
    });

    it(`a number is not accepted by POST ${page} while the code to the victim's number is pending`, async () => {
      const example = await startExample();
      const attacker = await example.waiting('alice');
      await attacker.post(page, OWN_NUMBER);
      await attacker.post('/2fa', { method: 'call' });
      assert.deepEqual(example.emulator.messages(MALLORY), []);
    });
  }

  it('a new number is rejected once the verification is five minutes old, and accepted a second earlier', async () => {
    const example = await startExample();
    const browser = await example.verified('alice');
    pass(300);
    assert.equal((await browser.post('/2fa/change', OWN_NUMBER)).location, '/2fa');
    assert.deepEqual(example.emulator.messages(MALLORY), []);
    const again = await startExample();
    const owner = await again.verified('alice');
    pass(299);
    assert.equal((await owner.post('/2fa/change', OWN_NUMBER)).location, '/2fa/verify');
  });

  it('a number cannot be registered next to an email address that can receive codes', async () => {
    const email = ({ user }: { user: { username: string } }) => `${user.username}@example.com`;
    const example = await startExample({ twoFactor: { email, allowedMethods: ['sms', 'email'] } });
    const attacker = await example.signedIn('bob');
    assert.equal((await attacker.get('/2fa/register')).location, '/2fa');
    assert.equal((await attacker.post('/2fa/register', OWN_NUMBER)).location, '/2fa/failed');
    assert.ok(tells((await attacker.get('/2fa/failed')).text, 'registration_not_allowed'));
    assert.deepEqual(example.emulator.messages(MALLORY), []);
  });

  it('a registration that began without a stored number is not stored once the owner has registered one', async () => {
    const example = await startExample();
    const attacker = await example.signedIn('bob');
    await attacker.post('/2fa/register', OWN_NUMBER);
    const owner = await example.signedIn('bob');
    await owner.post('/2fa/register', { ...OWN_NUMBER, phoneNumber: BOB });
    await owner.post('/2fa/verify', { code: lastCode(example, BOB) });
    assert.equal(await isIn(owner), true);

    await attacker.post('/2fa/verify', { code: lastCode(example, MALLORY) });
    assert.equal(await isIn(attacker), false);
    assert.equal(await example.users.phoneNumberOf({ id: '2', username: 'bob', password: '' }), BOB);
    assert.equal(audited(example, 'phoneNumberRegistered').length, 1);
  });

  it('a change that was copied from a verified session stores no number', async () => {
    const example = await startExample();
    const verified = await example.verified('alice');
    await verified.post('/2fa/change', OWN_NUMBER);
    const { pending } = await recordOf(example, verified);
    const attacker = await example.signedIn('alice');
    await plant(example, attacker, { pending });
    await attacker.post('/2fa/verify', { code: lastCode(example, MALLORY) });
    assert.equal(await isIn(attacker), false);
    assert.equal(audited(example, 'phoneNumberChanged').length, 0);
  });

  it('a number typed before the verification must be typed again after it', async () => {
    const example = await startExample();
    const owner = await example.signedIn('alice');
    await owner.post('/2fa/change', OWN_NUMBER);
    await send(owner);
    const { location } = await owner.post('/2fa/verify', { code: lastCode(example, ALICE) });
    assert.equal(location, '/2fa/change', 'the owner goes on to the form');
    assert.doesNotMatch((await owner.get('/2fa/change')).text, /2025550199/);
  });

  it('a user with an unused recovery code cannot register a number', async () => {
    let stored: string | undefined = ALICE;
    const registerOptional = true;
    const example = await startExample({
      twoFactor: {
        phoneNumber: ({ user }) => (user.username === 'alice' ? stored : undefined),
        storePhoneNumber: ({ phoneNumber }) => {
          stored = phoneNumber;
        },
        registerOptional,
      },
    });
    const owner = await example.verified('alice');
    const { codes } = JSON.parse((await owner.postJson('/2fa/recovery-codes', {}, JSON_ANSWER)).text);
    await owner.post('/2fa/recovery-codes/confirm', { code: codes[0] });
    // Support has removed the lost number.
    stored = undefined;
    const attacker = await example.signedIn('alice');
    assert.equal((await attacker.post('/2fa/register', OWN_NUMBER)).location, '/2fa/failed');
    assert.equal((await attacker.get('/2fa/register')).location, '/2fa');
    assert.equal((await attacker.post('/2fa/skip')).location, '/2fa/failed');
    assert.deepEqual(example.emulator.messages(MALLORY), []);
    assert.equal(await isIn(attacker), false);

    await attacker.post('/2fa/recovery', { code: codes[1] });
    assert.equal(await isIn(attacker), true, 'the owner gets in by the code');
    await attacker.post('/2fa/change', OWN_NUMBER);
    await attacker.post('/2fa/verify', { code: lastCode(example) });
    assert.equal(stored, MALLORY);
  });
});
