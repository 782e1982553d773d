import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { VerifyEmulatorOptions } from '../../src/emulator/index';
import { ALICE, BOB, setUp, stopAfterEach, wrongCode } from './support/fixture';

stopAfterEach();

/** Sends a code and uses up all five attempts. */
async function setUpUsedUp(options: VerifyEmulatorOptions = {}) {
  const parts = await setUp(options);
  const { sid } = await parts.send();
  const code = await parts.emulator.codeFor(ALICE);
  const answers = [];
  for (let attempt = 0; attempt < 5; attempt += 1) answers.push(await parts.check(wrongCode(code)));
  return { ...parts, sid, code, answers };
}

describe('checking a code', () => {
  it('approves the right one', async () => {
    const { emulator, send, check } = await setUp();
    const { sid } = await send();
    const checked = await check(await emulator.codeFor(ALICE));
    assert.deepEqual([checked.sid, checked.status, checked.valid], [sid, 'approved', true]);
  });

  it('takes the SID instead of the phone number', async () => {
    const { emulator, service, send } = await setUp();
    const { sid } = await send();
    const code = await emulator.codeFor(ALICE);
    assert.equal((await service.verificationChecks.create({ verificationSid: sid, code })).status, 'approved');
  });

  it('answers a wrong one with 200, pending and not valid', async () => {
    const { emulator, send, check } = await setUp();
    await send();
    const checked = await check(wrongCode(await emulator.codeFor(ALICE)));
    assert.deepEqual([checked.status, checked.valid], ['pending', false]);
    assert.equal(emulator.requests().at(-1)?.status, 200);
    assert.equal((await check(await emulator.codeFor(ALICE))).status, 'approved');
  });

  it('answers with 201 if the option checkStatus is 201', async () => {
    const { emulator, send, check } = await setUp({ checkStatus: 201 });
    await send();
    await check(await emulator.codeFor(ALICE));
    assert.equal(emulator.requests().at(-1)?.status, 201);
  });

  it('finds nothing for a number that no code was sent to', async () => {
    const { check } = await setUp();
    await assert.rejects(check('123456'), { status: 404, code: 20404 });
  });

  it('answers pending and not valid without a pending code, if checkWithoutPending allows it', async () => {
    const { check } = await setUp({ checkWithoutPending: 'pending' });
    const checked = await check('123456');
    assert.deepEqual([checked.status, checked.valid, checked.to], ['pending', false, ALICE]);
  });

  it('takes SID and number only where they belong together', async () => {
    const { emulator, service, send } = await setUp();
    const { sid } = await send(ALICE);
    await send(BOB);
    const code = await emulator.codeFor(ALICE);
    const check = service.verificationChecks.create({ verificationSid: sid, to: BOB, code });
    await assert.rejects(check, { code: 20404 });
  });

  it('lets one of two checks at once win', async () => {
    const { emulator, send, check } = await setUp();
    await send();
    const code = await emulator.codeFor(ALICE);
    const outcomes = await Promise.allSettled([check(code), check(code)]);
    assert.deepEqual(outcomes.map((outcome) => outcome.status).sort(), ['fulfilled', 'rejected']);
  });
});

describe('five wrong codes', () => {
  it('get the answer pending and not valid each', async () => {
    const { answers } = await setUpUsedUp();
    assert.deepEqual(new Set(answers.map((answer) => `${answer.status} ${answer.valid}`)), new Set(['pending false']));
  });

  it('make the sixth check 60202, even with the right code', async () => {
    const { check, code } = await setUpUsedUp();
    await assert.rejects(check(wrongCode(code)), { status: 429, code: 60202 });
    await assert.rejects(check(code), { status: 429, code: 60202 });
  });

  it('leave a verification that can be fetched as max_attempts_reached', async () => {
    const { service, sid } = await setUpUsedUp();
    assert.equal((await service.verifications(sid).fetch()).status, 'max_attempts_reached');
  });

  it('bring the dead one back on the next create, until it is canceled', async () => {
    const { emulator, service, send, check, sid, code } = await setUpUsedUp();
    assert.equal((await send()).sid, sid);
    await assert.rejects(check(code), { code: 60202 });
    await service.verifications(sid).update({ status: 'canceled' });
    assert.notEqual((await send()).sid, sid);
    assert.equal((await check(await emulator.codeFor(ALICE))).status, 'approved');
  });

  it('count across resends', async () => {
    const { emulator, send, check } = await setUp();
    await send();
    const wrong = wrongCode(await emulator.codeFor(ALICE));
    for (let attempt = 0; attempt < 3; attempt += 1) await check(wrong);
    await send(ALICE, 'call');
    for (let attempt = 0; attempt < 2; attempt += 1) await check(wrong);
    await assert.rejects(check(wrong), { code: 60202 });
  });

  it('stop counting when the verification expires', async () => {
    const { emulator, send, check } = await setUpUsedUp();
    emulator.clock.advance(600_000);
    await send();
    assert.equal((await check(await emulator.codeFor(ALICE))).status, 'approved');
  });

  it('delete the verification if afterMaxChecks is deleted, and the next create starts a new one', async () => {
    const { service, send, check, sid, code } = await setUpUsedUp({ afterMaxChecks: 'deleted' });
    await assert.rejects(check(code), { status: 429, code: 60202 });
    await assert.rejects(service.verifications(sid).fetch(), { status: 404, code: 20404 });
    assert.notEqual((await send()).sid, sid);
  });

  it('become one wrong code if maxChecks is 1', async () => {
    const { emulator, send, check } = await setUp({ maxChecks: 1 });
    await send();
    const code = await emulator.codeFor(ALICE);
    await check(wrongCode(code));
    await assert.rejects(check(code), { code: 60202 });
  });
});

describe('a payment (PSD2)', () => {
  it('approves a payment only with its own amount and payee', async () => {
    const { emulator, service } = await setUp();
    await service.update({ psd2Enabled: true });
    const payment = { amount: '39.99', payee: 'Acme' };
    await assert.rejects(service.verifications.create({ to: ALICE, channel: 'sms' }), { code: 60206 });
    await assert.rejects(service.verifications.create({ to: ALICE, channel: 'call', ...payment }), { code: 60214 });
    const verification = await service.verifications.create({ to: ALICE, channel: 'sms', ...payment });
    assert.deepEqual([verification.amount, verification.payee], ['39.99', 'Acme']);
    const code = await emulator.codeFor(ALICE);
    const other = await service.verificationChecks.create({ to: ALICE, code, amount: '9999', payee: 'Acme' });
    assert.equal(other.valid, false);
    const right = await service.verificationChecks.create({ to: ALICE, code, ...payment });
    assert.deepEqual([right.status, right.amount, right.payee], ['approved', '39.99', 'Acme']);
  });
});
