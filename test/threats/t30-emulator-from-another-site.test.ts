/**
 * T30. Attacker: a website that a developer visits while the emulator runs on the same machine. Goal: send codes, read
 * them, or move the clock, because the emulator's default credentials are public and a form may carry them in its URL.
 * Defense: the emulator refuses what a browser marks as coming from another site.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startVerifyEmulator, type VerifyEmulator } from 'passport-twilio-verify/emulator';

const FROM_ELSEWHERE: readonly { readonly name: string; readonly headers: Record<string, string> }[] = [
  { name: 'a form of another site', headers: { 'sec-fetch-site': 'cross-site' } },
  { name: 'a form of another app on this machine', headers: { 'sec-fetch-site': 'same-site' } },
  { name: 'a form of an older browser', headers: { origin: 'https://evil.example' } },
  { name: 'a form in a sandbox', headers: { origin: 'null' } },
];

describe("T30: the emulator's API in a form of another site", () => {
  let emulator: VerifyEmulator;
  before(async () => {
    emulator = await startVerifyEmulator();
  });
  after(() => emulator.stop());

  const create = (headers: Record<string, string>) => {
    const { accountSid, authToken, serviceSid, url } = emulator;
    const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
    const body = new URLSearchParams({ To: '+12025550123', Channel: 'sms' });
    return fetch(`${url}/v2/Services/${serviceSid}/Verifications`, {
      method: 'POST',
      body,
      headers: { authorization, ...headers },
    });
  };

  for (const { name, headers } of FROM_ELSEWHERE) {
    it(`${name} sends no code`, async () => {
      assert.equal((await create(headers)).status, 403);
      assert.deepEqual(emulator.messages(), []);
    });

    it(`${name} changes nothing of the emulator`, async () => {
      const now = emulator.clock.now();
      for (const [path, body] of [
        ['/emulator/reset', '{}'],
        ['/emulator/fail', '{"status":500}'],
        ['/emulator/clock', '{"advanceMs":600000}'],
      ] as const) {
        assert.equal((await fetch(emulator.url + path, { method: 'POST', body, headers })).status, 403, path);
      }
      assert.ok(emulator.clock.now() - now < 600_000);
    });
  }

  it("the app's own calls send a code", async () => {
    assert.equal((await create({})).status, 201);
    assert.equal(emulator.messages().length, 1);
  });
});
