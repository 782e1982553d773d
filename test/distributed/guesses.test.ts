import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createClient } from 'redis';
import type { Client } from '../support/client.js';
import { type AppProcess, FIFTY_USERS } from './support/app-process.js';
import { at, checks, type Site, startSite } from './support/site.js';

const WRONG_CODES_PER_LOCK = 10;
const SESSIONS = 20;
const GUESSES = 200;

describe('200 guesses at once, over two processes and twenty sessions of one user', () => {
  const rows = [
    { name: 'with a Twilio that would take them all', emulator: { maxSends: SESSIONS, maxChecks: 1_000 } },
    { name: "with Twilio's own five", emulator: { maxSends: SESSIONS } },
  ];
  for (const { name, emulator } of rows) {
    describe(name, () => {
      let site: Site;
      before(async () => {
        site = await startSite(FIFTY_USERS, { emulator, env: { SENDS_PER_USER: String(SESSIONS) } });
      });

      it('reach Twilio exactly as often as the limit says, and lock the user everywhere', async () => {
        const { one, other } = site;
        const sessions = await Promise.all(
          Array.from({ length: SESSIONS }, (_, index) => waitingForCode(index % 2 === 0 ? one : other)),
        );
        const code = await site.emulator.codeFor('+12025550100');

        const answers = await Promise.all(
          wrongCodes(code).map((guess, index) => {
            const browser = sessions[index % SESSIONS];
            assert.ok(browser);
            // Each session knocks at both processes.
            const app = Math.floor(index / SESSIONS) % 2 === 0 ? one : other;
            return at(app, browser).post('/2fa/verify', { code: guess });
          }),
        );
        assert.equal(checks(site), WRONG_CODES_PER_LOCK);
        assert.deepEqual(
          answers.filter(({ status, location }) => status >= 500 || location === '/account'),
          [],
        );

        // The right code comes too late, on every session and both processes.
        for (const browser of sessions) {
          for (const app of [one, other]) {
            const moved = at(app, browser);
            assert.notEqual((await moved.post('/2fa/verify', { code })).location, '/account');
            assert.equal((await moved.get('/account')).status, 302);
          }
        }
        assert.equal(checks(site), WRONG_CODES_PER_LOCK);
        const late = await one.client();
        await late.post('/login/0');
        assert.equal((await late.post('/2fa', { method: 'sms' })).location, '/2fa/failed');
        assert.match((await late.get('/2fa/failed')).text, /15 minutes/);
        assert.deepEqual(await valuesIn(site, '*:lock:*'), ['1'], 'one lock, which makes the next one twice as long');
      });
    });
  }
});

describe('guesses at one process that fail at Twilio after the correct code at another', () => {
  it('leave ten guesses until the lockout', async () => {
    const emulator = { maxSends: SESSIONS, maxChecks: 1_000 };
    const site = await startSite(FIFTY_USERS, { emulator, env: { SENDS_PER_USER: String(SESSIONS) } });
    const { one, other } = site;
    for (let round = 0; round < 2; round += 1) {
      const browser = await waitingForCode(one);
      const code = await site.emulator.codeFor('+12025550100');
      const before = checks(site);
      site.emulator.fail({ call: 'check', times: 9, status: 503, delayMs: 500 });
      const late = wrongCodes(code)
        .slice(0, 9)
        .map((guess) => browser.fork().post('/2fa/verify', { code: guess }));
      const areAnswered = Promise.all(late).then(() => true);
      while (checks(site) < before + 9 && !(await Promise.race([areAnswered, setImmediate(false)])));
      const right = at(other, browser);
      await right.post('/2fa/verify', { code });
      assert.equal((await right.get('/account')).status, 200);
      await Promise.all(late);
      assert.ok((await valuesIn(site, '*:guess:*')).every((value) => Number(value) >= 0));
    }
    const before = checks(site);
    for (const app of [one, other]) {
      const attacker = await waitingForCode(app);
      const guesses = wrongCodes(await site.emulator.codeFor('+12025550100')).slice(0, 5);
      for (const guess of guesses) await attacker.post('/2fa/verify', { code: guess });
    }
    assert.equal(checks(site) - before, WRONG_CODES_PER_LOCK);
    assert.deepEqual(await valuesIn(site, '*:lock:*'), ['1']);
  });
});

async function waitingForCode(app: AppProcess): Promise<Client> {
  const browser = app.client();
  await browser.post('/login/0');
  assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
  return browser;
}

/** The values in Redis under the keys of a pattern. */
async function valuesIn({ redis }: Site, pattern: string): Promise<readonly (string | null)[]> {
  const client = createClient({ url: redis.url });
  await client.connect();
  try {
    return await Promise.all((await client.keys(pattern)).map((key) => client.get(key)));
  } finally {
    client.destroy();
  }
}

/** Other codes than this one, no two the same: equal ones in flight share one call. */
function wrongCodes(code: string): readonly string[] {
  return Array.from({ length: GUESSES }, (_, index) => String((Number(code) + 1 + index) % 1_000_000).padStart(6, '0'));
}
