/**
 * T8. Attacker: someone who knows the victim's password and has a script. They guess, and try to reset the counters:
 * they request a new code, open new sessions, replay an old cookie, post two hundred guesses at once, or keep guessing
 * during a lockout. Or they make the counters lock the victim out, by registering the victim's number for their own
 * account. Goal: enough guesses for a code of six digits, or a victim who cannot sign in. Defense: wrong codes are
 * counted per user, in the limiter and not in the session, in one atomic step before the call to Twilio. Registrations
 * and sign-ins are counted separately.
 *
 * Several processes with one Redis: `test/distributed`.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Client } from '../support/client.js';
import { ALICE, addGate, isIn, type RunningExample, send, startExample } from './support/example.js';
import { audited, callsOf, lastCode, plant, recordOf, wrongCode } from './support/look.js';
import { pass, stopTheClock } from './support/time.js';

/** Twilio's own five checks and five sends would hide our limits. */
const PATIENT = { maxChecks: 1_000, maxSends: 1_000 };
const NO_PAUSE = { retryTimeSeconds: 0 };

const LOCK_SECONDS = 900;

async function guess(example: RunningExample, browser: Client, times: number): Promise<void> {
  for (let distance = 1; distance <= times; distance += 1) {
    await browser.post('/2fa/verify', { code: wrongCode(example, ALICE, distance) });
  }
}

/** Ten wrong codes, over the two verifications that they need. */
async function lock(example: RunningExample, browser: Client): Promise<void> {
  await guess(example, browser, 5);
  await send(browser, 'call');
  await guess(example, browser, 5);
}

describe('T8: the count of wrong codes', () => {
  stopTheClock();

  it('the count of wrong codes continues with a new verification, by another method or at a later time', async () => {
    const example = await startExample();
    const attacker = await example.waiting('alice');
    await guess(example, attacker, 5);
    const used = lastCode(example);
    await send(attacker, 'call');
    assert.notEqual(
      example.emulator.messages().at(-1)?.verificationSid,
      example.emulator.messages()[0]?.verificationSid,
    );
    await guess(example, attacker, 4);
    assert.equal(await example.lockedUntil('1'), null, 'nine are not ten');
    await guess(example, attacker, 1);
    assert.ok((await example.lockedUntil('1')) instanceof Date);
    for (const code of [used, lastCode(example)]) await attacker.post('/2fa/verify', { code });
    await attacker.post('/2fa', { method: 'whatsapp' });
    assert.equal(callsOf(example, 'check'), 10);
    assert.equal(example.emulator.messages().length, 2);
    assert.equal(await isIn(attacker), false);
  });

  it('the count of wrong codes continues in a new session', async () => {
    const example = await startExample({ emulator: PATIENT, twoFactor: NO_PAUSE });
    for (let session = 0; session < 5; session += 1) await guess(example, await example.waiting('alice'), 2);
    assert.equal(callsOf(example, 'check'), 10);
    const attacker = await example.signedIn('alice');
    assert.equal((await attacker.post('/2fa', { method: 'sms' })).location, '/2fa/failed');
    assert.ok((await example.lockedUntil('1')) instanceof Date);
  });

  it('the count of wrong codes continues when an old cookie or session record is replayed', async () => {
    const example = await startExample({ emulator: PATIENT });
    const attacker = await example.waiting('alice');
    const record = await recordOf(example, attacker);
    for (let distance = 1; distance <= 20; distance += 1) {
      await plant(example, attacker, record);
      await attacker.fork().post('/2fa/verify', { code: wrongCode(example, ALICE, distance) });
    }
    assert.equal(callsOf(example, 'check'), 10);
  });

  it('the count of wrong codes continues on a route with the strategy', async () => {
    const example = await startExample({ emulator: PATIENT });
    addGate(example, '/check');
    const attacker = await example.waiting('alice');
    await guess(example, attacker, 5);
    for (const method of ['call', 'whatsapp']) {
      await attacker.post('/2fa', { method });
      for (let distance = 1; distance <= 10; distance += 1) {
        await attacker.post('/check', { code: wrongCode(example, ALICE, distance) });
      }
    }
    assert.equal(callsOf(example, 'check'), 10);
    assert.ok((await example.lockedUntil('1')) instanceof Date);
  });

  for (const sessions of [1, 5]) {
    it(`200 parallel guesses from ${sessions} session(s) do not exceed the limit`, async () => {
      const example = await startExample({ emulator: PATIENT, twoFactor: NO_PAUSE });
      const attackers = await Promise.all(Array.from({ length: sessions }, () => example.waiting('alice')));
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, index) => {
          const attacker = attackers[index % sessions] as Client;
          return attacker.fork().post('/2fa/verify', { code: wrongCode(example, ALICE, index + 1) });
        }),
      );
      assert.equal(callsOf(example, 'check'), 10);
      assert.ok(answers.every(({ status }) => status < 500));
      assert.ok((await example.lockedUntil('1')) instanceof Date);
    });
  }

  it('the limit is ten wrong codes again after a correct code, although older guesses fail at Twilio after it', async () => {
    const example = await startExample({ emulator: PATIENT, twoFactor: NO_PAUSE });
    for (let round = 0; round < 3; round += 1) {
      const owner = await example.waiting('alice');
      const code = lastCode(example, ALICE);
      example.emulator.fail({ call: 'check', times: 9, status: 503, delayMs: 200 });
      const late = Array.from({ length: 9 }, (_, index) =>
        owner.fork().post('/2fa/verify', { code: wrongCode(example, ALICE, index + 1) }),
      );
      const areAnswered = Promise.all(late).then(() => true);
      // A guess that is refused here never reaches Twilio.
      while (callsOf(example, 'check') < 10 * round + 9 && !(await Promise.race([areAnswered, setImmediate(false)])));
      const right = owner.fork();
      await right.post('/2fa/verify', { code });
      assert.equal(await isIn(right), true);
      await Promise.all(late);
    }
    await lock(example, await example.waiting('alice'));
    assert.ok((await example.lockedUntil('1')) instanceof Date);
  });

  it('200 parallel guesses do not exceed the limit if Twilio counts to five as well', async () => {
    const example = await startExample();
    const attacker = await example.waiting('alice');
    const guesses = Array.from({ length: 200 }, (_, index) =>
      attacker.fork().post('/2fa/verify', { code: wrongCode(example, ALICE, index + 1) }),
    );
    assert.ok((await Promise.all(guesses)).every(({ status }) => status < 500));
    const judged = example.emulator.requests().filter(({ path, status }) => /Check$/.test(path) && status === 200);
    assert.equal(judged.length, 5, 'no guess beyond the fifth is judged');
  });
});

describe('T8: a locked door', () => {
  stopTheClock();

  it('guesses during a lockout do not extend it, and none is checked', async () => {
    const example = await startExample({ emulator: PATIENT, twoFactor: NO_PAUSE });
    const attacker = await example.waiting('alice');
    const early = await example.waiting('alice');
    await lock(example, attacker);
    const until = Number(await example.lockedUntil('1'));
    assert.equal(until, Date.now() + LOCK_SECONDS * 1000);
    const asked = () => callsOf(example, 'create') + callsOf(example, 'check');
    const calls = asked();
    // A door that the attacker keeps in hand: a session record from before the lock.
    const pending = await recordOf(example, early);
    for (let knock = 0; knock < 30; knock += 1) {
      pass(LOCK_SECONDS / 60);
      await attacker.post('/2fa', { method: 'whatsapp' });
      await plant(example, attacker, pending);
      await attacker.post('/2fa/verify', { code: '123456' });
      assert.equal(Number(await example.lockedUntil('1')), until);
    }
    assert.equal(asked(), calls);
    pass(LOCK_SECONDS / 2);
    const owner = await example.verified('alice');
    assert.equal(await isIn(owner), true, 'and then the owner is let in');
  });
});

describe("T8: the victim's number, registered by the attacker", () => {
  stopTheClock();

  it('registrations of the victim’s number use up their own sends, and none of the victim’s', async () => {
    const example = await startExample({ emulator: PATIENT, twoFactor: NO_PAUSE });
    const attacker = await example.signedIn('bob');
    for (let attempt = 0; attempt < 8; attempt += 1) {
      await attacker.post('/2fa/register', { country: 'US', phoneNumber: ALICE, method: 'sms' });
    }
    assert.equal(example.emulator.messages(ALICE).length, 5);
    assert.equal(await isIn(await example.verified('alice')), true);
  });

  it('locks the attacker by wrong codes, and not the victim', async () => {
    const example = await startExample({ emulator: PATIENT });
    const attacker = await example.signedIn('bob');
    await attacker.post('/2fa/register', { country: 'US', phoneNumber: ALICE, method: 'sms' });
    await guess(example, attacker, 5);
    await attacker.post('/2fa/register', { country: 'US', phoneNumber: ALICE, method: 'call' });
    await guess(example, attacker, 7);
    assert.ok((await example.lockedUntil('2')) instanceof Date);
    assert.equal(await example.lockedUntil('1'), null);
    assert.equal(audited(example, 'verificationRejected').length, 10);
    assert.equal(await isIn(await example.verified('alice')), true);
  });
});
