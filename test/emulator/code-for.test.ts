import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ALICE, BOB, START_MS, setUp, stopAfterEach, wrongCode } from './support/fixture';

stopAfterEach();

type Parts = Awaited<ReturnType<typeof setUp>>;

describe('codeFor', () => {
  it('returns the newest code at once', async () => {
    const { emulator, service, send } = await setUp();
    await send();
    await service.verifications(ALICE).update({ status: 'canceled' });
    await send();
    assert.equal(await emulator.codeFor(ALICE), emulator.messages(ALICE).at(-1)?.code);
  });

  it('waits for a code that is still to come', async () => {
    const { emulator, send } = await setUp();
    const [code] = await Promise.all([emulator.codeFor(ALICE), send(BOB), send(ALICE)]);
    assert.equal(code, emulator.messages(ALICE)[0]?.code);
  });

  it('describes what was sent instead when the time is up', async () => {
    const { emulator, send } = await setUp();
    await assert.rejects(emulator.codeFor(ALICE, { timeoutMs: 5 }), {
      message: `No code was sent to ${ALICE} within 5 ms; nothing was sent to anyone`,
    });
    await send(BOB);
    await assert.rejects(emulator.codeFor(ALICE, { timeoutMs: 5 }), {
      message: `No code was sent to ${ALICE} within 5 ms; codes were sent to ${BOB}`,
    });
  });

  it('rejects when the emulator stops', async () => {
    const { emulator } = await setUp();
    const waiting = assert.rejects(emulator.codeFor(ALICE), { message: /stopped before/ });
    await emulator.stop();
    await waiting;
  });
});

describe('a code that is over', () => {
  const ENDS: readonly { name: string; end(parts: Parts, code: string): unknown }[] = [
    { name: 'approved by a check', end: ({ check }, code) => check(code) },
    { name: 'approved by hand', end: ({ service }) => service.verifications(ALICE).update({ status: 'approved' }) },
    { name: 'canceled', end: ({ service }) => service.verifications(ALICE).update({ status: 'canceled' }) },
    { name: 'expired', end: ({ emulator }) => emulator.clock.advance(600_000) },
    { name: 'of a deleted service', end: ({ service }) => service.remove() },
  ];
  for (const { name, end } of ENDS) {
    it(`codeFor skips a code: ${name}`, async () => {
      const parts = await setUp();
      await parts.send();
      await end(parts, await parts.emulator.codeFor(ALICE));
      await assert.rejects(parts.emulator.codeFor(ALICE, { timeoutMs: 5 }), {
        message:
          `No code was sent to ${ALICE} within 5 ms; the last one, of ${new Date(START_MS).toISOString()}, ` +
          'is approved, canceled, expired, or out of attempts',
      });
    });
  }

  for (const afterMaxChecks of ['kept', 'deleted'] as const) {
    it(`codeFor skips a code that is out of attempts and ${afterMaxChecks}`, async () => {
      const { emulator, send, check } = await setUp({ afterMaxChecks });
      await send();
      const wrong = wrongCode(await emulator.codeFor(ALICE));
      for (let attempt = 0; attempt < 5; attempt += 1) await check(wrong);
      await assert.rejects(emulator.codeFor(ALICE, { timeoutMs: 5 }), /out of attempts/);
    });
  }

  it('codeFor waits for the code of the next sign-in', async () => {
    const { emulator, send, check } = await setUp();
    await send();
    await check(await emulator.codeFor(ALICE));
    const [code] = await Promise.all([emulator.codeFor(ALICE), send()]);
    assert.equal(code, emulator.messages(ALICE).at(-1)?.code);
    assert.equal((await check(code)).status, 'approved');
  });
});

describe('the option "after" of codeFor', () => {
  it('waits for a message after the one that it names', async () => {
    const { emulator, send } = await setUp();
    await send();
    const after = emulator.messages(ALICE).at(-1);
    await assert.rejects(emulator.codeFor(ALICE, { after, timeoutMs: 5 }), /is from before "after"/);
    const [code] = await Promise.all([emulator.codeFor(ALICE, { after }), send(ALICE, 'call')]);
    assert.equal(code, emulator.messages(ALICE).at(-1)?.code);
  });

  it('waits for a message from its time on', async () => {
    const { emulator, send } = await setUp();
    await send();
    emulator.clock.advance(1_000);
    const after = emulator.clock.now();
    await assert.rejects(emulator.codeFor(ALICE, { after, timeoutMs: 5 }), /is from before "after"/);
    await send();
    assert.equal(await emulator.codeFor(ALICE, { after }), emulator.messages(ALICE).at(-1)?.code);
  });

  it('means no limit when it is undefined', async () => {
    const { emulator, send } = await setUp();
    await send();
    const code = await emulator.codeFor(ALICE, { after: emulator.messages(BOB).at(-1) });
    assert.equal(code, emulator.messages(ALICE)[0]?.code);
  });

  for (const after of [Number.NaN, null, 'now', {}]) {
    it(`rejects ${JSON.stringify(after)} of type ${typeof after}`, async () => {
      const { emulator } = await setUp();
      await assert.rejects(emulator.codeFor(ALICE, { after: after as never }), {
        name: 'TypeError',
        message: /"after"/,
      });
    });
  }
});
