/**
 * T17. Attacker: no attacker: the operator's server is in another time zone, or summer time begins. A time that was
 * written in local time is read in another, and a code lives an hour longer, or has expired on arrival. Goal: the
 * longer life. Defense: every time is epoch milliseconds of one injected clock. No time is formatted and parsed again.
 * The age of a code is measured by Twilio's clock alone.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Client } from '../support/client.js';
import { isIn, startExample } from './support/example.js';
import { lastCode } from './support/look.js';
import type { Walk } from './support/validity.js';

/** Runs `support/validity.ts` in a separate process with another time zone. */
function walkIn(timeZone: string, startAt: string): Promise<Walk> {
  const script = path.join(__dirname, 'support', 'validity.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, startAt], {
    env: { ...process.env, TZ: timeZone, NODE_TEST_CONTEXT: undefined },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => {
      const line = output.split('\n').find((text) => text.startsWith('{'));
      if (line) resolve(JSON.parse(line) as Walk);
      else reject(new Error(`the walk in ${timeZone} said ${output}`));
    });
  });
}

const ZONES: readonly { name: string; timeZone: string; startAt: string; offsetMinutes: number }[] = [
  { name: 'UTC', timeZone: 'UTC', startAt: '2026-01-15T12:00:00Z', offsetMinutes: 0 },
  { name: 'far in the east', timeZone: 'Pacific/Kiritimati', startAt: '2026-01-15T12:00:00Z', offsetMinutes: -840 },
  { name: 'at half an hour', timeZone: 'Asia/Kolkata', startAt: '2026-01-15T12:00:00Z', offsetMinutes: -330 },
  {
    name: 'as summer time begins in New York',
    timeZone: 'America/New_York',
    startAt: '2026-03-08T06:55:00Z',
    offsetMinutes: 300,
  },
  {
    name: 'as summer time ends in New York',
    timeZone: 'America/New_York',
    startAt: '2026-11-01T05:55:00Z',
    offsetMinutes: 240,
  },
  {
    name: 'as summer time ends by half an hour',
    timeZone: 'Australia/Lord_Howe',
    startAt: '2026-04-04T14:55:00Z',
    offsetMinutes: -660,
  },
];

describe('T17: the validity of codes, delays, and verifications', () => {
  for (const { name, timeZone, startAt, offsetMinutes } of ZONES) {
    it(`the validity is the same ${name}`, async () => {
      assert.deepEqual(await walkIn(timeZone, startAt), {
        offsetMinutes,
        codeAt599Seconds: true,
        codeAt600Seconds: false,
        markAt3599Seconds: true,
        markAt3600Seconds: false,
        lockMinutes: 15,
        resendAt179Seconds: false,
        resendAt180Seconds: true,
      });
    });
  }

  it('the validity is measured by the injected clock only', async () => {
    let now = Date.UTC(2040, 5, 1);
    const clock = () => now;
    const example = await startExample({ emulator: { now: clock }, twoFactor: { clock, maxAgeSeconds: 3_600 } });
    const browser = await example.waiting('alice');
    now += 599_000;
    await browser.post('/2fa/verify', { code: lastCode(example) });
    assert.equal(await isIn(browser), true);
    now += 3_599_000;
    assert.equal(await isIn(browser), true);
    now += 1_000;
    assert.equal(await isIn(browser), false);
  });

  for (const { name, skewMs } of [
    { name: 'ten minutes ahead of', skewMs: 600_000 },
    { name: 'a day ahead of', skewMs: 86_400_000 },
    { name: 'ten minutes behind', skewMs: -600_000 },
    { name: 'a day behind', skewMs: -86_400_000 },
  ]) {
    it(`a code lasts as long with a clock ${name} Twilio's, in a second session too`, async () => {
      let now = Date.UTC(2026, 5, 1);
      const clock = () => now + skewMs;
      const example = await startExample({ emulator: { now: () => now }, twoFactor: { clock, retryTimeSeconds: 0 } });
      const expiresAt = async (browser: Client) =>
        JSON.parse((await browser.get('/2fa/verify', { accept: 'application/json' })).text).pending.expiresAt;
      const first = await example.waiting('alice');
      const end = new Date(clock() + 600_000).toISOString();
      assert.equal(await expiresAt(first), end);
      now += 240_000;
      const second = await example.waiting('alice');
      assert.equal(await expiresAt(second), end);
      now += 359_000;
      await second.post('/2fa/verify', { code: lastCode(example) });
      assert.equal(await isIn(second), true);
    });
  }

  it('a code that Twilio keeps for longer than ten minutes can be sent again', async () => {
    let now = Date.UTC(2026, 5, 1);
    const clock = () => now;
    const emulator = { now: clock, ttlSeconds: 3_600 };
    const example = await startExample({ emulator, twoFactor: { clock, retryTimeSeconds: 0 } });
    await example.waiting('alice');
    now += 1_800_000;
    const second = await example.waiting('alice');
    await second.post('/2fa/verify', { code: lastCode(example) });
    assert.equal(await isIn(second), true);
  });

  it('the time of expiry is in no cookie, page, or form, where it could be changed', async () => {
    const example = await startExample({ twoFactor: { maxAgeSeconds: 3_600 } });
    const browser = await example.waiting('alice');
    const { text } = await browser.get('/2fa/verify');
    assert.doesNotMatch(text, /type="hidden"/);
    assert.deepEqual([...browser.cookies.keys()], ['connect.sid']);
  });
});
