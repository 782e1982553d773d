/**
 * T25. Attacker: someone who is paid for messages and calls to their own numbers, with many accounts, many numbers, and
 * many IP addresses. They have codes sent, again and again, by any of the three that is not counted. Goal: money, at
 * the operator's cost. Defense: sends are counted per user, per number, and, for registrations, per IP address, all at
 * once, before the call to Twilio. Numbers of the expensive kinds are refused (T10). Twilio's own guards receive what
 * they need: `rateLimits`, `deviceIp`, `riskCheck`, `tags`, and `templateSid`.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Client } from '../support/client.js';
import { ALICE, BOB, isIn, type RunningExample, startExample } from './support/example.js';
import { audited, callsOf, lastCode, tells } from './support/look.js';
import { pass, stopTheClock } from './support/time.js';
import { startWiretap } from './support/wiretap.js';

const PATIENT = { maxSends: 1_000, maxChecks: 1_000 };
const NO_PAUSE = { retryTimeSeconds: 0 };
const numberOf = (index: number) => `+1202557${String(index).padStart(4, '0')}`;

async function register(browser: Client, phoneNumber: string, ip: string, method = 'sms'): Promise<boolean> {
  const fields = { country: 'US', phoneNumber, method };
  const { location } = await browser.post('/2fa/register', fields, { 'x-forwarded-for': ip });
  return location === '/2fa/verify';
}

describe('T25: many sends', () => {
  stopTheClock();

  it('over many numbers, addresses, methods and sessions are five for one user', async () => {
    const example = await startExample({ emulator: PATIENT, trustProxy: 1, twoFactor: NO_PAUSE });
    for (let index = 0; index < 12; index += 1) {
      const method = ['sms', 'call', 'whatsapp'][index % 3];
      await register(await example.signedIn('bob'), numberOf(index), `203.0.113.${index + 1}`, method);
    }
    assert.equal(callsOf(example, 'create'), 5);
    assert.equal(audited(example, 'rateLimited').length, 7);
  });

  it('over many users and addresses are five for one number', async () => {
    const limits = { sendsPerUser: [{ points: 1_000, durationSeconds: 600 }] };
    const example = await startExample({ emulator: PATIENT, trustProxy: 1, twoFactor: { ...NO_PAUSE, limits } });
    const [bob, alice] = [await example.signedIn('bob'), await example.verified('alice')];
    const before = callsOf(example, 'create');
    for (let index = 0; index < 6; index += 1) {
      await register(bob, BOB, `203.0.113.${index + 1}`);
      await alice.post('/2fa/change', { country: 'US', phoneNumber: BOB, method: 'call' });
    }
    assert.equal(callsOf(example, 'create') - before, 5);
  });

  it('over many users and numbers are thirty for one address', async () => {
    const many = [{ points: 1_000, durationSeconds: 600 }];
    const limits = { sendsPerUser: many, sendsPerAddress: many };
    const example = await startExample({ emulator: PATIENT, trustProxy: 1, twoFactor: { ...NO_PAUSE, limits } });
    const browsers = await Promise.all(Array.from({ length: 4 }, () => example.signedIn('bob')));
    for (let index = 0; index < 40; index += 1) {
      await register(browsers[index % 4] as Client, numberOf(index), '203.0.113.7');
    }
    assert.equal(callsOf(example, 'create'), 30);
  });

  it('over sessions that end while Twilio is called are five for one user', async () => {
    const example = await startExample({ emulator: PATIENT, trustProxy: 1, twoFactor: NO_PAUSE });
    const browsers = await Promise.all(Array.from({ length: 8 }, () => example.signedIn('bob')));
    const answers = [];
    for (const [index, browser] of browsers.entries()) {
      example.emulator.fail({ call: 'create', delayMs: 200 });
      const send = register(browser, numberOf(index), `203.0.113.${index + 1}`);
      await setTimeout(80);
      await browser.fork().post('/logout');
      answers.push(await send);
    }
    assert.ok(!answers.includes(true), 'each session ended before its answer');
    assert.ok(callsOf(example, 'create') <= 5, `sent ${callsOf(example, 'create')}`);
    assert.equal(audited(example, 'verificationSent').length, callsOf(example, 'create'));
  });

  it('parallel sends do not exceed the limit', async () => {
    const example = await startExample({ emulator: PATIENT, trustProxy: 1, twoFactor: NO_PAUSE });
    const browsers = await Promise.all(Array.from({ length: 40 }, () => example.signedIn('bob')));
    await Promise.all(browsers.map((browser, index) => register(browser, numberOf(index), `203.0.113.${index + 1}`)));
    assert.ok(callsOf(example, 'create') <= 5, `sent ${callsOf(example, 'create')}`);
  });

  it('a spoofed IP address allows no more sends if no proxy is trusted', async () => {
    const many = [{ points: 1_000, durationSeconds: 600 }];
    const limits = { sendsPerUser: many, sendsPerAddress: many };
    const example = await startExample({ emulator: PATIENT, trustProxy: 1, twoFactor: { ...NO_PAUSE, limits } });
    const browser = await example.signedIn('bob');
    for (let index = 0; index < 40; index += 1) {
      // The proxy adds the true address at the end; the client sent everything before it.
      await register(browser, numberOf(index), `198.51.100.${index + 1}, 203.0.113.7`);
    }
    assert.equal(callsOf(example, 'create'), 30);
  });

  it('refused sends do not extend the wait', async () => {
    const example = await startExample({ emulator: PATIENT, twoFactor: NO_PAUSE });
    const browser = await example.signedIn('alice');
    for (let second = 0; second < 600; second += 20) {
      await browser.post('/2fa', { method: 'sms' });
      pass(20);
    }
    assert.equal(callsOf(example, 'create'), 5);
    assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
  });
});

describe('T25: many correct codes', () => {
  stopTheClock();

  it('correct codes for a phone of the attacker allow twenty messages a day', async () => {
    const example = await startExample();
    for (let index = 0; index < 25; index += 1) {
      const attacker = await example.signedIn('alice');
      if ((await attacker.post('/2fa', { method: 'call' })).location !== '/2fa/verify') continue;
      await attacker.post('/2fa/verify', { code: lastCode(example, ALICE) });
      assert.equal(await isIn(attacker), true);
      pass(60);
    }
    assert.equal(callsOf(example, 'create'), 20);
  });

  it("correct codes of a number's owner leave no more registrations of that number to others", async () => {
    const limits = { sendsPerUser: [{ points: 1_000, durationSeconds: 600 }] };
    const example = await startExample({ emulator: PATIENT, twoFactor: { ...NO_PAUSE, limits } });
    const attacker = await example.signedIn('bob');
    for (let index = 0; index < 5; index += 1) assert.ok(await register(attacker, ALICE, '203.0.113.1'));
    assert.ok(await isIn(await example.verified('alice')));
    assert.equal(await register(attacker, ALICE, '203.0.113.1'), false);
  });
});

/** Makes a rate limit of the Verify service, as the operator does in the Twilio Console. */
async function addServiceLimit({ emulator }: RunningExample, uniqueName: string, max: number): Promise<void> {
  const { url, accountSid, authToken, serviceSid } = emulator;
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  const post = async (path: string, fields: Record<string, string>) => {
    const body = new URLSearchParams(fields);
    const response = await fetch(`${url}/v2/Services/${serviceSid}${path}`, {
      method: 'POST',
      headers: { authorization },
      body,
    });
    assert.equal(response.status, 201);
    return (await response.json()) as { sid: string };
  };
  const { sid } = await post('/RateLimits', { UniqueName: uniqueName });
  await post(`/RateLimits/${sid}/Buckets`, { Max: String(max), Interval: '600' });
}

describe("T25: Twilio's own guards", () => {
  stopTheClock();

  it('Twilio’s guards count by the configured keys, and their refusal is reported', async () => {
    const example = await startExample({
      emulator: PATIENT,
      trustProxy: 1,
      twoFactor: { ...NO_PAUSE, rateLimits: ({ req }) => ({ end_user_ip_address: req.ip ?? '' }) },
    });
    await addServiceLimit(example, 'end_user_ip_address', 2);
    const browser = await example.signedIn('bob');
    const sends = [];
    for (let index = 0; index < 4; index += 1) sends.push(await register(browser, numberOf(index), '203.0.113.7'));
    assert.deepEqual(sends, [true, true, false, false]);
    const { text } = await browser.post(
      '/2fa/register',
      { country: 'US', phoneNumber: BOB, method: 'sms' },
      { 'x-forwarded-for': '203.0.113.7' },
    );
    assert.ok(tells(text, 'busy'));
    assert.equal(example.emulator.messages().length, 2);
  });

  const values = {
    rateLimits: { end_user_ip_address: '203.0.113.7', user: 'alice' },
    deviceIp: '203.0.113.7',
    riskCheck: 'disable' as const,
    tags: { plan: 'free' },
    templateSid: `HJ${'0'.repeat(32)}`,
  };
  for (const [name, twoFactor] of [
    ['values', values],
    [
      'callbacks',
      {
        rateLimits: () => values.rateLimits,
        deviceIp: async () => values.deviceIp,
        riskCheck: () => values.riskCheck,
        tags: async () => values.tags,
        templateSid: () => values.templateSid,
      },
    ],
  ] as const) {
    it(`Twilio’s guards receive the options, as ${name}, at every send`, async () => {
      const wiretap = await startWiretap();
      const example = await startExample({ twoFactor: { baseUrl: wiretap.url, ...twoFactor } });
      wiretap.connect(example.emulator.url);
      const browser = await example.waiting('alice');
      pass(180);
      await browser.post('/2fa/resend');
      assert.equal(wiretap.creates.length, 2);
      for (const create of wiretap.creates) {
        assert.equal(create.get('To'), ALICE);
        assert.deepEqual(JSON.parse(create.get('RateLimits') ?? ''), values.rateLimits);
        assert.equal(create.get('DeviceIp'), values.deviceIp);
        assert.equal(create.get('RiskCheck'), values.riskCheck);
        assert.deepEqual(JSON.parse(create.get('Tags') ?? ''), values.tags);
        assert.equal(create.get('TemplateSid'), values.templateSid);
      }
    });
  }

  it('Twilio’s guards receive nothing if no option is set', async () => {
    const wiretap = await startWiretap();
    const example = await startExample({ twoFactor: { baseUrl: wiretap.url } });
    wiretap.connect(example.emulator.url);
    await example.waiting('alice');
    const [create] = wiretap.creates;
    for (const name of ['RateLimits', 'DeviceIp', 'RiskCheck', 'Tags', 'TemplateSid']) {
      assert.equal(create?.get(name), null, name);
    }
  });

  for (const code of [60238, 60410]) {
    it(`a block by Twilio’s guards is reported neutrally: ${code}`, async () => {
      const example = await startExample();
      example.emulator.fail({ call: 'create', code });
      const browser = await example.signedIn('bob');
      const { text, status } = await browser.post('/2fa/register', { country: 'US', phoneNumber: BOB, method: 'sms' });
      assert.equal(status, 422);
      assert.ok(tells(text, 'address_refused'));
      assert.doesNotMatch(text, /fraud|block/i);
      assert.equal(example.emulator.messages().length, 0);
    });
  }
});
