/**
 * T4. Attacker: someone who knows the victim's password and holds their own phone. They have a code sent to that phone,
 * through their own account or any form that uses the same Verify service. Then they name that verification in the
 * session that waits for the victim's code. Or they cancel other people's verifications by naming them. Goal: the
 * account, or the power to stop everyone's sign-in. Defense: the SID comes from the session. User, purpose, SID, and
 * `to` are compared, the last two with Twilio's own answer.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EmulatorFault } from 'passport-twilio-verify/emulator';
import { ALICE, addGate, isIn, MALLORY, type RunningExample, startExample } from './support/example.js';
import { callsOf, lastCode, plant, recordOf } from './support/look.js';
import { stopTheClock } from './support/time.js';

/** A verification of the attacker's own, whose code is on the attacker's phone. */
async function attackersOwn(example: RunningExample) {
  const own = await example.signedIn('bob');
  await own.post('/2fa/register', { country: 'US', phoneNumber: MALLORY, method: 'sms' });
  const { code, verificationSid: sid } = example.emulator.messages(MALLORY).at(-1) ?? { code: '', verificationSid: '' };
  return { own, code, sid };
}

/** An attacker who has a number, and waits for a code. */
const attackersSignIn = (example: RunningExample) => example.waiting('bob');

const namesOf = (sid: string) =>
  Object.fromEntries(
    ['sid', 'Sid', 'verificationSid', 'VerificationSid', 'verification_sid', 'to', 'To', 'twilio-2fa[sid]'].map(
      (name) => [name, name.toLowerCase() === 'to' ? MALLORY : sid],
    ),
  );

describe("T4: a verification of the attacker's choice", () => {
  stopTheClock();

  it('another verification is not checked, however the request names it', async () => {
    const example = await startExample();
    addGate(example, '/check');
    const { own, code, sid } = await attackersOwn(example);
    const attacker = await example.waiting('alice');
    const query = new URLSearchParams(namesOf(sid)).toString();
    await attacker.post('/2fa/verify', { code, ...namesOf(sid) });
    await attacker.post(`/2fa/verify?${query}`, { code });
    await attacker.postJson('/2fa/verify', { code, ...namesOf(sid) });
    await attacker.post(`/check?${query}`, { code, ...namesOf(sid) });
    assert.equal(await isIn(attacker), false);
    await own.post('/2fa/verify', { code });
    assert.equal(await isIn(own), true, 'the verification was left alone: Twilio was not asked about it');
  });

  const attackers: readonly { name: string; phoneNumbers: Map<string, string>; own: typeof attackersSignIn }[] = [
    {
      name: 'a registration',
      phoneNumbers: new Map(),
      own: async (example) => (await attackersOwn(example)).own,
    },
    // Only a sign-in is canceled at Twilio.
    { name: 'a sign-in', phoneNumbers: new Map([['2', MALLORY]]), own: attackersSignIn },
  ];
  for (const { name, phoneNumbers, own } of attackers) {
    it(`another verification is not canceled, however the request names it: ${name}`, async () => {
      const example = await startExample({ phoneNumbers });
      const victim = await example.waiting('alice');
      const sid = example.emulator.messages(ALICE).at(-1)?.verificationSid ?? '';
      const attacker = await own(example);
      await attacker.post(`/2fa/cancel?${new URLSearchParams(namesOf(sid))}`, namesOf(sid));
      assert.deepEqual(
        example.emulator.requests().filter(({ path }) => path.endsWith(sid)),
        [],
      );
      await victim.post('/2fa/verify', { code: lastCode(example, ALICE) });
      assert.equal(await isIn(victim), true);
    });
  }

  const answers: readonly { name: string; body: (sid: string, otherSid: string) => object }[] = [
    {
      name: 'another SID',
      body: (_, otherSid) => ({ sid: otherSid, to: ALICE, status: 'approved', valid: true }),
    },
    { name: 'another address', body: (sid) => ({ sid, to: MALLORY, status: 'approved', valid: true }) },
    { name: 'another status', body: (sid) => ({ sid, to: ALICE, status: 'pending', valid: true }) },
    { name: 'a status nobody knows', body: (sid) => ({ sid, to: ALICE, status: 'APPROVED', valid: true }) },
    { name: 'no status', body: (sid) => ({ sid, to: ALICE, valid: true }) },
  ];
  for (const { name, body } of answers) {
    it(`a code is not accepted if Twilio answers with ${name}`, async () => {
      const example = await startExample();
      const { sid: otherSid } = await attackersOwn(example);
      const attacker = await example.waiting('alice');
      const { verificationSid = '' } = example.emulator.messages(ALICE).at(-1) ?? {};
      const fault: EmulatorFault = {
        call: 'check',
        status: 200,
        body: JSON.stringify(body(verificationSid, otherSid)),
      };
      const { hits } = await (async () => {
        const handle = example.emulator.fail(fault);
        await attacker.post('/2fa/verify', { code: '123456' });
        return handle;
      })();
      assert.equal(hits, 1, 'Twilio was asked');
      assert.equal(await isIn(attacker), false);
    });
  }

  it('a verification in a copied session record does not verify another user', async () => {
    // Both users have the same phone, so the two verifications differ only in their user.
    const example = await startExample({ phoneNumbers: { get: () => ALICE, set: () => undefined } });
    const own = await example.waiting('bob');
    const attacker = await example.signedIn('alice');
    await plant(example, attacker, { pending: (await recordOf(example, own)).pending });
    await attacker.post('/2fa/verify', { code: lastCode(example) });
    assert.equal(await isIn(attacker), false);
    assert.equal(callsOf(example, 'check'), 0);
  });

  it('a verification for a change of number does not sign anyone in', async () => {
    const example = await startExample();
    addGate(example, '/payout', { maxAgeSeconds: 30 });
    const browser = await example.verified('alice');
    const checks = callsOf(example, 'check');
    await browser.post('/2fa/change', { country: 'US', phoneNumber: MALLORY, method: 'sms' });
    const record = await recordOf(example, browser);
    // The verification is too old for the payout, and still recent enough to finish the change.
    await plant(example, browser, {
      ...record,
      verified: { ...(record.verified as object), at: Date.now() - 60_000 },
    });
    const answer = await browser.post('/payout', { code: lastCode(example, MALLORY) });
    assert.equal(answer.location, '/2fa');
    assert.equal(callsOf(example, 'check'), checks);
  });
});
