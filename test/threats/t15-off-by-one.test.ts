/**
 * T15. Attacker: anyone at the edge of a limit. They do one thing more than is allowed, or one second too soon. An
 * honest user does exactly as much as is allowed. Goal: a limit that is off by one sends a sixth code, or locks a user
 * who had a try left. Defense: each limit is exactly N, from the first to the last second.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Client } from '../support/client.js';
import { ALICE, isIn, type RunningExample, send, startExample } from './support/example.js';
import { audited, callsOf, lastCode, tells, wrongCode } from './support/look.js';
import { pass, stopTheClock } from './support/time.js';

const PATIENT = { maxChecks: 1_000, maxSends: 1_000 };
const MANY = [{ points: 100_000, durationSeconds: 600 }];
const ONLY_PER_USER = { sendsPerAddress: MANY, sendsPerIp: MANY };
const ONLY_PER_ADDRESS = { sendsPerUser: MANY, sendsPerIp: MANY };
const ONLY_PER_IP = { sendsPerUser: MANY, sendsPerAddress: MANY };

const numberOf = (index: number) => `+1202556${String(index).padStart(4, '0')}`;

/** Registers a number, and returns whether a code was sent. */
async function register(browser: Client, phoneNumber: string, ip?: string): Promise<boolean> {
  const headers = ip === undefined ? {} : { 'x-forwarded-for': ip };
  const { location } = await browser.post('/2fa/register', { country: 'US', phoneNumber, method: 'sms' }, headers);
  return location === '/2fa/verify';
}

async function countSends(times: number, send: (index: number) => Promise<boolean>): Promise<number> {
  let sent = 0;
  for (let index = 0; index < times; index += 1) if (await send(index)) sent += 1;
  return sent;
}

const start = (twoFactor: NonNullable<Parameters<typeof startExample>[0]>['twoFactor']) =>
  startExample({ emulator: PATIENT, trustProxy: 1, twoFactor: { retryTimeSeconds: 0, ...twoFactor } });

describe('T15: codes that are sent', () => {
  stopTheClock();

  const counted: readonly { name: string; limits: object; numberAt: (index: number) => string }[] = [
    { name: 'user', limits: ONLY_PER_USER, numberAt: numberOf },
    { name: 'number', limits: ONLY_PER_ADDRESS, numberAt: () => numberOf(0) },
  ];
  for (const { name, limits, numberAt } of counted) {
    it(`exactly five codes in ten minutes and twenty in a day are sent per ${name}`, async () => {
      const example = await start({ limits });
      const browser = await example.signedIn('bob');
      let next = 0;
      const sendTo = () => register(browser, numberAt(next++));
      assert.equal(await countSends(7, sendTo), 5);
      pass(599);
      assert.equal(await countSends(1, sendTo), 0, 'a second too soon');
      pass(1);
      assert.equal(await countSends(7, sendTo), 5);
      pass(600);
      assert.equal(await countSends(7, sendTo), 5);
      pass(600);
      assert.equal(await countSends(7, sendTo), 5);
      pass(600);
      assert.equal(await countSends(7, sendTo), 0, 'twenty are twenty');
      pass(86_400 - 2_400 - 1);
      assert.equal(await countSends(1, sendTo), 0, 'a second too soon');
      pass(1);
      assert.equal(await countSends(7, sendTo), 5);
      assert.equal(callsOf(example, 'create'), 25);
    });
  }

  it('exactly five codes in ten minutes are sent for a sign-in', async () => {
    const example = await start({});
    const browser = await example.signedIn('alice');
    const sendNow = async () => (await browser.post('/2fa', { method: 'sms' })).location === '/2fa/verify';
    assert.equal(await countSends(7, sendNow), 5);
    const { text, headers } = await browser.get('/2fa/failed');
    assert.ok(tells(text, 'too_many_sends'));
    assert.equal(headers['retry-after'], '600');
    pass(600);
    assert.equal(await countSends(1, sendNow), 1);
  });

  it('exactly thirty codes in an hour are sent per IP address, for registrations', async () => {
    const example = await start({ limits: ONLY_PER_IP });
    const browser = await example.signedIn('bob');
    const from = (ip: string) => (index: number) => register(browser, numberOf(index), ip);
    assert.equal(await countSends(32, from('203.0.113.7')), 30);
    assert.equal(await countSends(1, from('203.0.113.8')), 1, 'another address');
    pass(3_599);
    assert.equal(await countSends(1, from('203.0.113.7')), 0, 'a second too soon');
    pass(1);
    assert.equal(await countSends(32, from('203.0.113.7')), 30);
  });

  it('exactly thirty codes in an hour are sent per IPv6 subscriber, who has 2^64 addresses', async () => {
    const example = await start({ limits: ONLY_PER_IP });
    const browser = await example.signedIn('bob');
    const sent = await countSends(40, (index) =>
      register(browser, numberOf(index), `2001:db8:1:2:${index.toString(16)}::1`),
    );
    assert.equal(sent, 30);
    assert.equal(await register(browser, numberOf(50), '2001:db8:1:3::1'), true, 'the neighbour');
  });

  it('sign-ins do not count per IP address', async () => {
    const example = await start({ limits: ONLY_PER_IP });
    const alice = await example.signedIn('alice');
    const fromHome = { 'x-forwarded-for': '203.0.113.7' };
    const signIn = async () => (await alice.post('/2fa', { method: 'sms' }, fromHome)).location === '/2fa/verify';
    assert.equal(await countSends(35, signIn), 35);
  });
});

describe('T15: the time between two codes', () => {
  stopTheClock();

  const schedules: readonly { name: string; twoFactor: { retryTimeSeconds?: number[] }; waits: readonly number[] }[] = [
    { name: 'by default', twoFactor: {}, waits: [180, 180, 180] },
    { name: 'of a schedule', twoFactor: { retryTimeSeconds: [30, 40, 60] }, waits: [30, 40, 60, 60] },
  ];
  for (const { name, twoFactor, waits } of schedules) {
    it(`the time between two codes is exact ${name}`, async () => {
      const example = await startExample({ emulator: PATIENT, twoFactor });
      const browser = await example.waiting('alice');
      for (const [index, wait] of waits.entries()) {
        pass(wait - 1);
        await browser.post('/2fa/resend');
        await browser.post('/2fa', { method: 'sms' });
        assert.equal(callsOf(example, 'create'), index + 1, `a second before ${wait} s`);
        pass(1);
        await browser.post('/2fa/resend');
        assert.equal(callsOf(example, 'create'), index + 2, `after ${wait} s`);
      }
    });
  }

  it('another method has no delay', async () => {
    const example = await startExample();
    const browser = await example.waiting('alice');
    await send(browser, 'call');
    await send(browser, 'whatsapp');
    assert.equal(callsOf(example, 'create'), 3);
  });
});

async function guess(example: RunningExample, browser: Client, times: number): Promise<void> {
  for (let distance = 1; distance <= times; distance += 1) {
    await browser.post('/2fa/verify', { code: wrongCode(example, ALICE, distance) });
  }
}

/** As many wrong codes, over the verifications that they need. */
async function guessOver(example: RunningExample, browser: Client, times: number): Promise<void> {
  const methods = ['sms', 'call'];
  for (let left = times; left > 0; left -= 5) {
    await send(browser, methods.shift());
    await guess(example, browser, Math.min(5, left));
  }
}

describe('T15: wrong codes', () => {
  stopTheClock();

  it('five wrong codes are counted for one code, and each answer shows how many are left', async () => {
    const example = await startExample();
    const browser = await example.waiting('alice');
    const code = lastCode(example);
    await guess(example, browser, 6);
    assert.equal(callsOf(example, 'check'), 5);
    const left = audited(example, 'verificationRejected').map(({ attemptsLeft }) => attemptsLeft);
    assert.deepEqual(left, [4, 3, 2, 1, 0]);
    await browser.post('/2fa/verify', { code });
    assert.equal(await isIn(browser), false);
  });

  it('leave the right code its fifth try', async () => {
    const example = await startExample();
    const browser = await example.waiting('alice');
    await guess(example, browser, 4);
    await browser.post('/2fa/verify', { code: lastCode(example) });
    assert.equal(await isIn(browser), true);
  });

  it('lock at ten and not at nine, and a right code clears them', async () => {
    const example = await startExample();
    const browser = await example.signedIn('alice');
    await guessOver(example, browser, 9);
    await browser.post('/2fa/verify', { code: lastCode(example) });
    assert.equal(await isIn(browser), true);
    pass(600);
    const again = await example.signedIn('alice');
    await guessOver(example, again, 9);
    assert.equal(await example.lockedUntil('1'), null);
    await guess(example, again, 1);
    assert.deepEqual(await example.lockedUntil('1'), new Date(Date.now() + 900_000));
  });

  it('lockouts last 15 minutes, then twice as long each time, up to a day, and after a hundred until someone unlocks', async () => {
    const example = await startExample();
    const browser = await example.signedIn('alice');
    const minutes = [15, 30, 60, 120, 240, 480, 960, 1_440, 1_440];
    for (const [index, wait] of minutes.entries()) {
      await guessOver(example, browser, 10);
      assert.deepEqual(await example.lockedUntil('1'), new Date(Date.now() + wait * 60_000), `lock ${index + 1}`);
      pass(wait * 60 - 1);
      assert.equal((await browser.post('/2fa', { method: 'whatsapp' })).location, '/2fa/failed', 'a second too soon');
      pass(1);
      assert.equal(await example.lockedUntil('1'), null);
    }
    await guessOver(example, browser, 10);
    assert.equal(callsOf(example, 'check'), 100);
    assert.equal(await example.lockedUntil('1'), 'unlock');
    pass(365 * 86_400);
    assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/failed');
    await example.unlock('1');
    await send(browser);
    await browser.post('/2fa/verify', { code: lastCode(example) });
    assert.equal(await isIn(browser), true);
  });

  const typed: readonly { name: string; code: string; asks: number }[] = [
    { name: 'three digits', code: '123', asks: 0 },
    { name: 'four digits', code: '1234', asks: 1 },
    { name: 'ten digits', code: '1234567890', asks: 1 },
    { name: 'eleven digits', code: '12345678901', asks: 0 },
    { name: 'letters', code: 'abcdef', asks: 0 },
  ];
  for (const { name, code, asks } of typed) {
    it(`wrong codes count ${asks}, and reach Twilio as often: ${name}`, async () => {
      const example = await startExample();
      const browser = await example.waiting('alice');
      assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa/verify');
      assert.equal(callsOf(example, 'check'), asks);
      await guess(example, browser, 4);
      assert.equal((await browser.get('/2fa/verify')).status, asks === 1 ? 303 : 200);
    });
  }

  it('wrong codes that Twilio did not check do not count', async () => {
    const example = await startExample();
    const browser = await example.waiting('alice');
    const handle = example.emulator.fail({ call: 'check', status: 404, body: '<html>', times: 30 });
    for (let attempt = 0; attempt < 30; attempt += 1) {
      await browser.post('/2fa/verify', { code: lastCode(example) });
    }
    assert.equal(handle.hits, 30);
    assert.equal(await example.lockedUntil('1'), null);
    await browser.post('/2fa/verify', { code: lastCode(example) });
    assert.equal(await isIn(browser), true);
  });
});

describe('T15: the life of a code', () => {
  stopTheClock();

  for (const [seconds, works] of [
    [599, true],
    [600, false],
  ] as const) {
    it(`a code lasts ten minutes: after ${seconds} s it ${works ? 'works' : 'does not'}`, async () => {
      const example = await startExample({ emulator: { ttlSeconds: 3_600 } });
      const browser = await example.waiting('alice');
      pass(seconds);
      await browser.post('/2fa/verify', { code: lastCode(example) });
      assert.equal(await isIn(browser), works);
    });
  }

  it('a resend does not extend the lifetime of a code', async () => {
    const example = await startExample({ emulator: { ttlSeconds: 3_600 } });
    const browser = await example.waiting('alice');
    pass(300);
    await browser.post('/2fa/resend');
    pass(300);
    await browser.post('/2fa/verify', { code: lastCode(example) });
    assert.equal(await isIn(browser), false);
  });
});
