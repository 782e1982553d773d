/**
 * T5. Attacker: any signed-in user. They put the ID or the name of another user into the body, the query, a header, or
 * a cookie of every step. Goal: codes sent in the victim's name, the victim locked out by wrong codes, the victim's
 * number changed, or the victim's session verified. Defense: every step acts for `req.user`, which the primary strategy
 * sets, and reads a user ID from nowhere else.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ALICE, isIn, MALLORY, startExample } from './support/example.js';
import { audited, callsOf, wrongCode } from './support/look.js';
import { pass, stopTheClock } from './support/time.js';

const VICTIM = Object.fromEntries(
  ['id', 'user', 'userId', 'user_id', 'uid', 'username', 'sub', 'user[id]', '_userProperty'].map((name) => [
    name,
    name === 'username' ? 'alice' : '1',
  ]),
);
const HEADERS = { 'x-user-id': '1', 'x-user': 'alice', 'x-forwarded-user': 'alice', 'remote-user': 'alice' };
const at = (path: string) => `${path}?${new URLSearchParams(VICTIM)}`;
const form = (fields: Record<string, string>) => ({ ...fields, ...VICTIM });

describe('T5: the id of another user in the request', () => {
  stopTheClock();

  it('a request without a signed-in user does nothing', async () => {
    const example = await startExample();
    const stranger = example.client();
    for (const path of [
      '/2fa',
      '/2fa/verify',
      '/2fa/resend',
      '/2fa/cancel',
      '/2fa/register',
      '/2fa/change',
      '/2fa/skip',
      '/2fa/other-sessions/end',
    ]) {
      const fields = form({ method: 'sms', code: '123456', phoneNumber: MALLORY });
      assert.equal((await stranger.post(at(path), fields, HEADERS)).status, 401, path);
    }
    assert.deepEqual(example.emulator.requests(), []);
    assert.equal(await isIn(stranger), false);
  });

  it("sends to, stores for and speaks of the user's own account only", async () => {
    const example = await startExample();
    const attacker = await example.signedIn('bob');
    await attacker.post(at('/2fa'), form({ method: 'sms' }), HEADERS);
    await attacker.post(at('/2fa/register'), form({ country: 'US', phoneNumber: MALLORY, method: 'sms' }), HEADERS);
    await attacker.post(
      at('/2fa/verify'),
      form({ code: example.emulator.messages(MALLORY).at(-1)?.code ?? '' }),
      HEADERS,
    );
    assert.deepEqual(example.emulator.messages(ALICE), []);
    assert.equal(await example.users.phoneNumberOf({ id: '1', username: 'alice', password: '' }), ALICE);
    assert.equal(await example.users.phoneNumberOf({ id: '2', username: 'bob', password: '' }), MALLORY);
    assert.deepEqual([...new Set(example.audit.map(({ userId }) => userId))], ['2']);
  });

  it("counts wrong codes for the user's own account only", async () => {
    const example = await startExample();
    const attacker = await example.signedIn('bob');
    await attacker.post('/2fa/register', { country: 'US', phoneNumber: MALLORY, method: 'sms' });
    for (const method of ['sms', 'call']) {
      if (method === 'call') await attacker.post(at('/2fa/register'), form({ phoneNumber: MALLORY, method }), HEADERS);
      for (let guess = 1; guess <= 5; guess += 1) {
        await attacker.post(at('/2fa/verify'), form({ code: wrongCode(example, MALLORY, guess) }), HEADERS);
      }
    }
    assert.equal(callsOf(example, 'check'), 10);
    assert.ok((await example.lockedUntil('2')) instanceof Date, 'the attacker is locked');
    assert.equal(await example.lockedUntil('1'), null, 'the victim is not');
  });

  it("leaves the victim's pending verification as it is", async () => {
    const example = await startExample();
    const victim = await example.waiting('alice');
    const attacker = await example.signedIn('bob');
    await attacker.post(at('/2fa/cancel'), VICTIM, HEADERS);
    pass(180);
    await attacker.post(at('/2fa/resend'), VICTIM, HEADERS);
    assert.equal(example.emulator.messages(ALICE).length, 1);
    assert.equal(audited(example, 'verificationCanceled').length, 0);
    await victim.post('/2fa/verify', { code: example.emulator.messages(ALICE)[0]?.code ?? '' });
    assert.equal(await isIn(victim), true);
    assert.equal(await isIn(attacker), false);
  });
});
