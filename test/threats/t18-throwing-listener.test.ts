/**
 * T18. Attacker: no attacker, but the operator's own listener, whose log server is down. It throws, or rejects, during
 * a sign-in. Without a defense, the code was correct and Twilio has forgotten it, but the user is not verified and
 * cannot use the code again. Or the rejection ends the process. Defense: the outcome is final and the session is saved
 * before any listener runs, and a failing listener does not affect the rest.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { EventName } from 'passport-twilio-verify';
import { BOB, isIn, type RunningExample, send, startExample } from './support/example.js';
import { lastCode, wrongCode } from './support/look.js';
import { pass, stopTheClock } from './support/time.js';

const EVENTS: readonly EventName[] = [
  'verificationSent',
  'verificationApproved',
  'verificationRejected',
  'verificationCanceled',
  'phoneNumberRegistered',
  'phoneNumberChanged',
  'rateLimited',
  'twilioError',
  'audit',
];

const LISTENERS: readonly { name: string; listener: () => unknown }[] = [
  {
    name: 'throws',
    listener: () => {
      throw new Error('the log server is down');
    },
  },
  {
    name: 'throws what is no error',
    listener: () => {
      throw null;
    },
  },
  { name: 'rejects', listener: () => Promise.reject(new Error('the log server is down')) },
  { name: 'rejects later', listener: () => new Promise((_, reject) => setImmediate(() => reject(new Error('down')))) },
  { name: 'never ends', listener: () => new Promise(() => undefined) },
  {
    name: 'gives what throws when it is awaited',
    listener: () => ({
      // biome-ignore lint/suspicious/noThenProperty: what a broken library may return
      get then() {
        throw new Error('broken');
      },
    }),
  },
];

/** Causes every event. */
async function walk(example: RunningExample): Promise<void> {
  const alice = await example.waiting('alice');
  await alice.post('/2fa/resend');
  example.emulator.fail({ call: 'check', status: 503 });
  await alice.post('/2fa/verify', { code: lastCode(example) });
  await alice.post('/2fa/verify', { code: wrongCode(example) });
  await alice.post('/2fa/cancel');
  pass(180);
  await send(alice);
  await alice.post('/2fa/verify', { code: lastCode(example) });
  assert.equal(await isIn(alice), true, 'signed in');
  await alice.post('/2fa/change', { country: 'US', phoneNumber: '+12025550178', method: 'sms' });
  await alice.post('/2fa/verify', { code: lastCode(example, '+12025550178') });
  assert.equal(await isIn(alice), true, 'after the change');

  const bob = await example.signedIn('bob');
  await bob.post('/2fa/register', { country: 'US', phoneNumber: BOB, method: 'sms' });
  await bob.post('/2fa/verify', { code: lastCode(example, BOB) });
  assert.equal(await isIn(bob), true, 'registered');
}

/** Collects the operator's warnings, so that the test does not print them a hundred times. */
const warnings: Error[] = [];
before(() => {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => warnings.push(warning));
});

describe('T18: a listener', () => {
  stopTheClock();

  it('a listener of each event is called in the flow of these tests', async () => {
    const example = await startExample();
    const called = new Set<EventName>();
    for (const event of EVENTS) example.twoFactor.on(event, () => called.add(event));
    await walk(example);
    assert.deepEqual([...called].sort(), [...EVENTS].sort());
  });

  for (const { name, listener } of LISTENERS) {
    it(`a listener that ${name} changes nothing in the flow`, async () => {
      const rejections: unknown[] = [];
      const onRejection = (reason: unknown) => rejections.push(reason);
      process.on('unhandledRejection', onRejection);
      try {
        const example = await startExample();
        const told: EventName[] = [];
        for (const event of EVENTS) {
          example.twoFactor.on(event, listener);
          example.twoFactor.on(event, () => told.push(event));
        }
        await walk(example);
        await new Promise((resolve) => setImmediate(resolve));
        assert.deepEqual(rejections, []);
        assert.deepEqual([...new Set(told)].sort(), [...EVENTS].sort(), 'and later listeners are told all the same');
        const ofListeners = warnings.splice(0).filter((warning) => /listener of "/.test(warning.message));
        if (name !== 'never ends') assert.ok(ofListeners.length >= EVENTS.length, 'and the operator is warned');
      } finally {
        process.off('unhandledRejection', onRejection);
      }
    });
  }
});
