import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type EmulatorFault, MAGIC_NUMBERS } from '../../src/emulator/index';
import { ALICE, BOB, callApi, readJson, setUp, stopAfterEach } from './support/fixture';

stopAfterEach();

/** The network error of the SDK. */
const DROPPED = { code: 'ECONNRESET' };

describe('faults by number', () => {
  for (const { number, meaning, create } of MAGIC_NUMBERS) {
    if (create === undefined) continue;
    for (const channel of ['sms', 'call', 'whatsapp'] as const) {
      const isRefused = (create.channels ?? [channel]).includes(channel);
      it(`${number} (${meaning}) by ${channel}: ${isRefused ? create.code : 'sent'}`, async () => {
        const { emulator, send } = await setUp();
        if (isRefused) await assert.rejects(send(number, channel), { code: create.code });
        else assert.equal((await send(number, channel)).status, 'pending');
        assert.equal(emulator.messages(number).length, isRefused ? 0 : 1);
      });
    }
  }

  for (const { number, meaning, check: refusal } of MAGIC_NUMBERS) {
    if (refusal === undefined) continue;
    it(`${number}: ${meaning}`, async () => {
      const { emulator, service, send, check } = await setUp();
      const { sid } = await send(number);
      const code = await emulator.codeFor(number);
      await assert.rejects(check(code, number), { code: refusal.code });
      await assert.rejects(service.verificationChecks.create({ verificationSid: sid, code }), { code: refusal.code });
    });
  }

  it('+19075550503 answers with a page', async () => {
    const { send } = await setUp();
    await assert.rejects(send('+19075550503'), { status: 503, message: '[HTTP 503] Failed to execute request' });
  });

  it('+19075550502 answers with broken JSON', async () => {
    const { send } = await setUp();
    await assert.rejects(send('+19075550502'), { status: 502, message: '[HTTP 502] Failed to execute request' });
  });

  it('+19075550499 drops the connection', async () => {
    const { send } = await setUp();
    await assert.rejects(send('+19075550499'), DROPPED);
  });

  it('+19075550504 is slow to answer, and has sent the code meanwhile', async () => {
    const { emulator, send } = await setUp();
    const pending = send('+19075550504').catch(() => 'cut off');
    assert.match(await emulator.codeFor('+19075550504'), /^\d{6}$/);
    assert.deepEqual(emulator.requests(), []);
    await emulator.stop();
    assert.equal(await pending, 'cut off');
  });

  it('every magic number is valid in a lookup', async () => {
    const { client } = await setUp();
    for (const { number } of MAGIC_NUMBERS) {
      if (number === '+19075550429' || number === '+19075550003') continue;
      assert.equal((await client.lookups.v2.phoneNumbers(number).fetch()).valid, true, number);
    }
  });
});

describe('faults by rule', () => {
  for (const { name, fault, outcome } of [
    { name: 'a code of Twilio', fault: { code: 60410 }, outcome: { status: 403, code: 60410 } },
    { name: 'a code with another status', fault: { code: 20500, status: 502 }, outcome: { status: 502, code: 20500 } },
    {
      name: 'a code that the emulator does not know',
      fault: { code: 60999, status: 418 },
      outcome: { status: 418, code: 60999 },
    },
    { name: 'a status', fault: { status: 503 }, outcome: { status: 503, code: 20503 } },
    { name: 'a message', fault: { code: 60200, message: 'Because' }, outcome: { code: 60200, message: 'Because' } },
  ] satisfies { name: string; fault: EmulatorFault; outcome: object }[]) {
    it(`answer with ${name}`, async () => {
      const { emulator, send } = await setUp();
      emulator.fail(fault);
      await assert.rejects(send(), outcome);
      assert.equal((await send()).status, 'pending');
    });
  }

  for (const { name, body, contentType } of [
    { name: 'a page', body: '<html><body>502 Bad Gateway</body></html>', contentType: /^text\/html/ },
    { name: 'broken JSON', body: '{"sid": "VE', contentType: /^application\/json/ },
    { name: 'nothing', body: '', contentType: /^null$/ },
  ]) {
    it(`answer with ${name}`, async () => {
      const { emulator } = await setUp();
      emulator.fail({ status: 502, body });
      const response = await callApi(emulator, '/v2/Services');
      assert.equal(response.status, 502);
      assert.match(String(response.headers.get('content-type')), contentType);
      assert.equal(await response.text(), body);
    });
  }

  it('drop the connection', async () => {
    const { emulator, send } = await setUp();
    emulator.fail({ drop: true });
    await assert.rejects(send(), DROPPED);
    assert.equal(emulator.requests()[0]?.status, 0);
    assert.deepEqual(emulator.messages(), []);
  });

  it('drop the connection after the call took effect', async () => {
    const { emulator, send, check } = await setUp();
    await send();
    emulator.fail({ call: 'check', drop: true, takesEffect: true });
    const code = await emulator.codeFor(ALICE);
    await assert.rejects(check(code), DROPPED);
    await assert.rejects(check(code), { code: 20404 });
  });

  it('answer late', async () => {
    const { emulator, send } = await setUp();
    emulator.fail({ delayMs: 80 });
    const started = performance.now();
    assert.equal((await send()).status, 'pending');
    assert.ok(performance.now() - started >= 75);
  });

  it('hit the kind of call that is named, and no other', async () => {
    const { emulator, client, service, send, check } = await setUp();
    const calls = {
      create: () => send(BOB),
      fetch: () => service.verifications(ALICE).fetch(),
      check: () => check('0000'),
      update: () => service.verifications(ALICE).update({ status: 'canceled' }),
      lookup: () => client.lookups.v2.phoneNumbers(ALICE).fetch(),
      service: () => service.fetch(),
      rateLimit: () => service.rateLimits.list(),
    } as const;
    for (const [call, perform] of Object.entries(calls)) {
      emulator.clock.advance(600_000);
      await send();
      emulator.fail({ call: call as keyof typeof calls, code: 20503 });
      for (const [other, performOther] of Object.entries(calls)) {
        if (other !== call && other !== 'update') await performOther();
      }
      await assert.rejects(perform(), { code: 20503 }, call);
    }
  });

  it('hit a number that is named, a channel that is named', async () => {
    const { emulator, service, send, check } = await setUp();
    emulator.fail({ call: 'create', channel: 'whatsapp', times: Number.POSITIVE_INFINITY, code: 60223 });
    emulator.fail({ call: 'check', to: ALICE, code: 20503 });
    const { sid } = await send(ALICE);
    await assert.rejects(send(ALICE, 'whatsapp'), { code: 60223 });
    await assert.rejects(send(BOB, 'whatsapp'), { code: 60223 });
    await send(BOB);
    assert.equal((await check(await emulator.codeFor(BOB), BOB)).status, 'approved');
    const code = await emulator.codeFor(ALICE);
    await assert.rejects(service.verificationChecks.create({ verificationSid: sid, code }), { code: 20503 });
  });

  it('hit as often as "times" allows, in the order in which they were added', async () => {
    const { emulator, send } = await setUp();
    const first = emulator.fail({ call: 'create', times: 2, code: 20503 });
    emulator.fail({ call: 'create', code: 20429 });
    const codes = [];
    for (let sends = 0; sends < 4; sends += 1) {
      codes.push(
        await send().then(
          () => undefined,
          (error: { code?: number }) => error.code,
        ),
      );
    }
    assert.deepEqual(codes, [20503, 20503, 20429, undefined]);
    assert.equal(first.hits, 2);
  });

  it('end early with cancel()', async () => {
    const { emulator, send } = await setUp();
    const fault = emulator.fail({ code: 20503 });
    fault.cancel();
    await send();
    assert.equal(fault.hits, 0);
  });

  for (const { fault, message } of [
    { fault: {}, message: /set status, code, body, delayMs, or drop/ },
    { fault: { code: '60200' }, message: /"code"/ },
    { fault: { status: 99 }, message: /"status"/ },
    { fault: { drop: true, times: 0 }, message: /"times"/ },
    { fault: { drop: true, call: 'checks' }, message: /"call" must be any, create/ },
    { fault: { delay: 5 }, message: /unknown field "delay"/ },
  ]) {
    it(`refuse ${JSON.stringify(fault)}`, async () => {
      const { emulator } = await setUp();
      assert.throws(() => emulator.fail(fault as EmulatorFault), { name: 'TypeError', message });
    });
  }
});

describe('the controls over HTTP', () => {
  const post = (body?: object): RequestInit => ({ method: 'POST', ...(body && { body: JSON.stringify(body) }) });

  it('take faults', async () => {
    const { emulator, send } = await setUp();
    assert.equal(
      (await callApi(emulator, '/emulator/fail', post({ call: 'create', times: null, code: 60605 }))).status,
      200,
    );
    await assert.rejects(send(), { code: 60605 });
    await assert.rejects(send(), { code: 60605 });
  });

  it('move the clock', async () => {
    const { emulator, send, check } = await setUp();
    await send();
    const code = await emulator.codeFor(ALICE);
    const response = await callApi(emulator, '/emulator/clock', post({ advanceMs: 600_000 }));
    assert.equal((await readJson(response)).now, new Date(emulator.clock.now()).toISOString());
    await assert.rejects(check(code), { code: 20404 });
  });

  it('leave the clock as it was after a move that they refuse', async () => {
    const { emulator, send } = await setUp();
    const before = emulator.clock.now();
    for (const advanceMs of [8.64e15, -1]) {
      const response = await callApi(emulator, '/emulator/clock', post({ advanceMs }));
      assert.equal(response.status, 400);
      assert.match(String((await readJson(response)).error), /^clock\.advance: /);
    }
    assert.equal(emulator.clock.now(), before);
    assert.equal((await send()).status, 'pending');
  });

  it('start afresh', async () => {
    const { emulator, send } = await setUp();
    await send();
    await callApi(emulator, '/emulator/reset', post());
    assert.deepEqual(emulator.messages(), []);
  });

  for (const { name, path, body, status } of [
    { name: 'a wrong fault', path: '/emulator/fail', body: '{"code":"x"}', status: 400 },
    { name: 'broken JSON', path: '/emulator/fail', body: '{', status: 400 },
    { name: 'no time', path: '/emulator/clock', body: '{}', status: 400 },
    { name: 'an unknown control', path: '/emulator/__proto__', body: '{}', status: 404 },
  ]) {
    it(`refuse ${name}`, async () => {
      const { emulator } = await setUp();
      assert.equal((await callApi(emulator, path, { method: 'POST', body })).status, status);
    });
  }

  it('want the credentials, so that no page of another site turns them', async () => {
    const { emulator, send } = await setUp();
    await send();
    const response = await fetch(`${emulator.url}/emulator/reset`, { method: 'POST' });
    assert.equal(response.status, 401);
    assert.equal(emulator.messages().length, 1);
  });
});
