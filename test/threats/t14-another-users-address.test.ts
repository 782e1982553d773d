/**
 * T14. Attacker: any user, even an honest one: two users at the same moment are enough. They request their page while
 * another user's is being rendered. Goal: the end of another user's number, or a page and a session of another user.
 * Defense: requests share no state. Each page's model is made for one request, and the strategy takes Passport's
 * actions of this request before it waits.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Client } from '../support/client.js';
import { ALICE, addGate, BOB, type RunningExample, startExample } from './support/example.js';
import { lastCode } from './support/look.js';
import { pass, stopTheClock } from './support/time.js';

const TIMES = 25;

/** As from a database: other requests get their turn in between. */
const later = <T>(value: T) => new Promise<T>((resolve) => setImmediate(resolve, value));

function startSlowly(): Promise<RunningExample> {
  const numbers = new Map<string, string>();
  return startExample({
    phoneNumbers: { get: (id) => later(numbers.get(id)), set: (id, number) => later(numbers.set(id, number)) },
    twoFactor: { methodDisplay: () => later(undefined), csrfToken: () => later(undefined) },
  });
}

/** Both users with a number, each waiting for a code, in two browsers. */
async function bothWaiting(example: RunningExample) {
  const bob = await example.signedIn('bob');
  await bob.post('/2fa/register', { country: 'US', phoneNumber: BOB, method: 'sms' });
  await bob.post('/2fa/verify', { code: lastCode(example, BOB) });
  await bob.post('/logout');
  pass(180);
  return { alice: await example.waiting('alice'), bob: await example.waiting('bob') };
}

/** Asks by turns, all at once. */
function byTurns<T>(both: { alice: Client; bob: Client }, ask: (browser: Client) => Promise<T>) {
  const turns = Array.from({ length: TIMES }, () => ['alice', 'bob'] as const).flat();
  return Promise.all(turns.map(async (username) => ({ username, answer: await ask(both[username]) })));
}

describe("T14: another user's address", () => {
  stopTheClock();

  for (const path of ['/2fa', '/2fa/verify']) {
    it(`another user's number is never on ${path} during parallel requests`, async () => {
      const example = await startSlowly();
      const both = await bothWaiting(example);
      for (const { username, answer } of await byTurns(both, (browser) => browser.get(path))) {
        const [own, other] = username === 'alice' ? ['0123', '0177'] : ['0177', '0123'];
        assert.ok(answer.text.includes(own), `${username} sees ${own}`);
        assert.ok(!answer.text.includes(other), `${username} does not see ${other}`);
      }
    });
  }

  // With actions that are shared, one of the requests is never answered.
  it("parallel requests to a protected route never show another user's number", { timeout: 20_000 }, async () => {
    const example = await startSlowly();
    addGate(example, '/who');
    const both = await bothWaiting(example);
    for (const { answer } of await byTurns(both, (browser) => browser.get('/who')))
      assert.equal(answer.location, '/2fa');
    const refusals = await byTurns(both, (browser) => browser.post('/who', { code: 'abc' }));
    for (const { answer } of refusals) assert.equal(answer.status, 422);

    // Both wait for Twilio at the same time.
    const answers = await Promise.all([
      both.alice.post('/who', { code: lastCode(example, ALICE) }),
      both.bob.post('/who', { code: lastCode(example, BOB) }),
    ]);
    assert.deepEqual(
      answers.map(({ text }) => text),
      ['in as alice', 'in as bob'],
    );
    for (const { username, answer } of await byTurns(both, (browser) => browser.get('/who'))) {
      assert.equal(answer.text, `in as ${username}`);
    }
  });

  it("another user's number is never in a notice, a failure, or the return path, which stay in their own session", async () => {
    const example = await startSlowly();
    const both = await bothWaiting(example);
    await both.alice.get('/account?of=alice');
    await both.bob.get('/account?of=bob');
    pass(180);
    await both.alice.post('/2fa/resend');
    const [alices, bobs] = [await both.alice.get('/2fa/verify'), await both.bob.get('/2fa/verify')];
    assert.match(alices.text, /class="notices|role="status"/);
    assert.doesNotMatch(bobs.text, /class="notices|role="status"/);
    const { location } = await both.bob.post('/2fa/verify', { code: lastCode(example, BOB) });
    assert.equal(location, '/account?of=bob');
  });
});
