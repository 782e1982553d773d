import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ALICE, BOB, setUp, stopAfterEach, wrongCode } from './support/fixture';

stopAfterEach();

const MINUTE_MS = 60_000;

describe('starting a verification', () => {
  it('answers with a pending verification and sends a code of six digits', async () => {
    const { emulator, send } = await setUp();
    const verification = await send();
    assert.equal(verification.status, 'pending');
    assert.equal(verification.valid, false);
    assert.equal(verification.to, ALICE);
    assert.equal(verification.channel, 'sms');
    assert.match(await emulator.codeFor(ALICE), /^\d{6}$/);
  });

  it('chooses a new code for every verification, of full length even if it begins with zeros', async () => {
    const { emulator, send } = await setUp({ codeLength: 4 });
    for (let number = 1_000; number < 1_200; number += 1) await send(`+1202555${number}`);
    const codes = emulator.messages().map((message) => message.code);
    assert.ok(codes.every((code) => /^\d{4}$/.test(code)));
    assert.ok(codes.some((code) => code.startsWith('0')));
    assert.ok(new Set(codes).size > 150);
  });

  for (const { name, options, pattern } of [
    { name: 'four digits', options: { codeLength: 4 }, pattern: /^\d{4}$/ },
    { name: 'ten digits', options: { codeLength: 10 }, pattern: /^\d{10}$/ },
  ]) {
    it(`sends codes of ${name} if the service has that length`, async () => {
      const { emulator, send } = await setUp(options);
      await send();
      assert.match(await emulator.codeFor(ALICE), pattern);
    });
  }

  for (const channel of ['sms', 'call', 'whatsapp']) {
    it(`sends by ${channel}`, async () => {
      const { emulator, send } = await setUp();
      const verification = await send(ALICE, channel);
      assert.equal(verification.channel, channel);
      assert.equal(emulator.messages(ALICE).at(-1)?.channel, channel);
    });
  }

  it('sends by email to an address', async () => {
    const { emulator, send, check } = await setUp();
    await send('ann@example.com', 'email');
    const checked = await check(await emulator.codeFor('ann@example.com'), 'ann@example.com');
    assert.equal(checked.status, 'approved');
  });

  it('lets Verify choose the channel', async () => {
    const { send } = await setUp();
    assert.equal((await send(ALICE, 'auto')).channel, 'sms');
  });

  it('keeps SID and code on a resend and on another channel, and notes each send', async () => {
    const { emulator, send } = await setUp();
    const first = await send();
    emulator.clock.advance(MINUTE_MS);
    const second = await send(ALICE, 'call');
    assert.equal(second.sid, first.sid);
    assert.equal(second.channel, 'call');
    assert.equal(new Set(emulator.messages(ALICE).map((message) => message.code)).size, 1);
    assert.deepEqual(
      second.sendCodeAttempts.map((attempt) => (attempt as { channel: string }).channel),
      ['SMS', 'CALL'],
    );
    assert.equal(second.dateUpdated.getTime() - second.dateCreated.getTime(), MINUTE_MS);
  });

  it('keeps two numbers apart', async () => {
    const { emulator, send, check } = await setUp();
    assert.notEqual((await send(ALICE)).sid, (await send(BOB)).sid);
    const code = await emulator.codeFor(ALICE);
    if (code !== (await emulator.codeFor(BOB))) assert.equal((await check(code, BOB)).valid, false);
  });

  it('keeps two services apart', async () => {
    const { emulator, client, send } = await setUp();
    const first = await send();
    const other = await client.verify.v2.services.create({ friendlyName: 'Other' });
    const second = await client.verify.v2.services(other.sid).verifications.create({ to: ALICE, channel: 'sms' });
    assert.notEqual(second.sid, first.sid);
    await assert.rejects(client.verify.v2.services(other.sid).verifications(first.sid).fetch(), { code: 20404 });
    assert.equal(emulator.messages(ALICE).at(-1)?.serviceName, 'Other');
  });

  it('refuses the sixth send on any channel', async () => {
    const { send } = await setUp();
    for (const channel of ['sms', 'call', 'whatsapp', 'sms', 'call']) await send(ALICE, channel);
    await assert.rejects(send(), { status: 429, code: 60203 });
  });

  it('allows as many sends as the option maxSends', async () => {
    const { send } = await setUp({ maxSends: 1 });
    await send();
    await assert.rejects(send(), { code: 60203 });
  });
});

describe('the life of a verification', () => {
  it('ends ten minutes after the first send, which a resend does not prolong', async () => {
    const { emulator, service, send, check } = await setUp();
    const verification = await send();
    const code = await emulator.codeFor(ALICE);
    emulator.clock.advance(9 * MINUTE_MS);
    await send();
    emulator.clock.advance(MINUTE_MS - 1);
    assert.equal((await service.verifications(verification.sid).fetch()).status, 'pending');
    emulator.clock.advance(1);
    await assert.rejects(service.verifications(verification.sid).fetch(), { status: 404, code: 20404 });
    await assert.rejects(check(code), { status: 404, code: 20404 });
    assert.notEqual((await send()).sid, verification.sid);
  });

  it('lasts as long as the option ttlSeconds', async () => {
    const { emulator, send, check } = await setUp({ ttlSeconds: 30 });
    await send();
    const code = await emulator.codeFor(ALICE);
    emulator.clock.advance(30_000);
    await assert.rejects(check(code), { code: 20404 });
  });

  it('follows the clock of the caller', async () => {
    let now = Date.UTC(2030, 0, 1);
    const { emulator, send, check } = await setUp({ now: () => now });
    assert.equal((await send()).dateCreated.toISOString(), '2030-01-01T00:00:00.000Z');
    const code = await emulator.codeFor(ALICE);
    now += 10 * MINUTE_MS;
    await assert.rejects(check(code), { code: 20404 });
  });

  it('ends with the approval: fetch, check, and update get 404', async () => {
    const { emulator, service, send, check } = await setUp();
    const { sid } = await send();
    const code = await emulator.codeFor(ALICE);
    assert.equal((await check(code)).status, 'approved');
    await assert.rejects(check(code), { status: 404, code: 20404 });
    await assert.rejects(service.verifications(sid).fetch(), { code: 20404 });
    await assert.rejects(service.verifications(sid).update({ status: 'canceled' }), { code: 20404 });
    assert.notEqual((await send()).sid, sid);
  });

  it('fetch and update find a verification by its recipient', async () => {
    const { service, send } = await setUp();
    const { sid } = await send();
    assert.equal((await service.verifications(ALICE).fetch()).sid, sid);
    assert.equal((await service.verifications(ALICE).update({ status: 'approved' })).sid, sid);
  });

  it('ends with an approval by hand', async () => {
    const { service, send } = await setUp();
    const { sid } = await send();
    const approved = await service.verifications(sid).update({ status: 'approved' });
    assert.deepEqual([approved.status, approved.valid], ['approved', true]);
    await assert.rejects(service.verifications(sid).fetch(), { code: 20404 });
  });

  it('ends with a cancel: fetch finds it, a check gets 404, and the next create starts a new one', async () => {
    const { emulator, service, send, check } = await setUp();
    const { sid } = await send();
    const code = await emulator.codeFor(ALICE);
    assert.equal((await service.verifications(sid).update({ status: 'canceled' })).status, 'canceled');
    assert.equal((await service.verifications(sid).fetch()).status, 'canceled');
    await assert.rejects(check(code), { code: 20404 });
    await assert.rejects(service.verificationChecks.create({ verificationSid: sid, code }), { code: 20404 });
    await assert.rejects(service.verifications(sid).update({ status: 'approved' }), { code: 20404 });
    assert.notEqual((await send()).sid, sid);
  });

  it('cancels the sends too: after a cancel there are five again', async () => {
    const { service, send } = await setUp();
    for (let sends = 0; sends < 5; sends += 1) await send();
    await service.verifications(ALICE).update({ status: 'canceled' });
    for (let sends = 0; sends < 5; sends += 1) await send();
    await assert.rejects(send(), { code: 60203 });
  });
});

describe('a code of the caller', () => {
  it('a custom code gets 403 if the service does not allow it', async () => {
    const { service } = await setUp();
    const create = service.verifications.create({ to: ALICE, channel: 'sms', customCode: '482913' });
    await assert.rejects(create, { status: 403, code: 60204 });
  });

  for (const { name, customCodeNotEnabled, outcome } of [
    { name: 'refused with 60200', customCodeNotEnabled: 'invalid', outcome: { status: 400, code: 60200 } },
    { name: 'accepted', customCodeNotEnabled: 'accepted', outcome: undefined },
  ] as const) {
    it(`a custom code is ${name} if customCodeNotEnabled is ${customCodeNotEnabled}`, async () => {
      const { emulator, service } = await setUp({ customCodeNotEnabled });
      const create = service.verifications.create({ to: ALICE, channel: 'sms', customCode: '482913' });
      if (outcome !== undefined) return assert.rejects(create, outcome);
      await create;
      assert.equal(await emulator.codeFor(ALICE), '482913');
    });
  }

  it('a custom code is sent and checked if the service allows it', async () => {
    const { emulator, service, check } = await setUp({ customCodeEnabled: true });
    await service.verifications.create({ to: ALICE, channel: 'sms', customCode: 'AB12' });
    assert.equal(await emulator.codeFor(ALICE), 'AB12');
    assert.equal((await check(wrongCode('4829'))).valid, false);
    assert.equal((await check('AB12')).status, 'approved');
  });

  it('a custom code needs four to ten characters', async () => {
    const { service } = await setUp({ customCodeEnabled: true });
    for (const customCode of ['123', '12345678901', '12 45']) {
      const create = service.verifications.create({ to: ALICE, channel: 'sms', customCode });
      await assert.rejects(create, { code: 60200, message: `Invalid parameter \`CustomCode\`: ${customCode}` });
    }
  });
});
