/**
 * T3. Attacker: someone who knows the victim's password. They request the code with their own number, email address, or
 * method in the request, under every name that a careless handler might read. Goal: the code arrives on their own
 * phone. Defense: recipients come from the application's callbacks or from the pending registration. Only the method is
 * read from the request, and it must be one that the user has.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Client } from '../support/client.js';
import { ALICE, MALLORY, startExample } from './support/example.js';
import { callsOf } from './support/look.js';
import { pass, stopTheClock } from './support/time.js';

const NAMES = ['phoneNumber', 'phone_number', 'phone', 'number', 'to', 'To', 'email', 'address', 'user[phoneNumber]'];
const EVIL = Object.fromEntries(NAMES.map((name) => [name, name === 'email' ? 'mallory@evil.example' : MALLORY]));
const QUERY = new URLSearchParams(EVIL).toString();

const SENDS: readonly { name: string; send: (browser: Client) => Promise<unknown> }[] = [
  { name: 'a form', send: (browser) => browser.post('/2fa', { method: 'sms', ...EVIL }) },
  { name: 'a query', send: (browser) => browser.post(`/2fa?${QUERY}`, { method: 'sms' }) },
  { name: 'JSON', send: (browser) => browser.postJson('/2fa', { method: 'sms', ...EVIL }) },
  {
    name: 'headers',
    send: (browser) => browser.post('/2fa', { method: 'sms' }, { 'x-phone-number': MALLORY, to: MALLORY }),
  },
  {
    name: 'a resend',
    send: async (browser) => {
      await browser.post('/2fa', { method: 'sms' });
      pass(180);
      await browser.post(`/2fa/resend?${QUERY}`, EVIL);
    },
  },
];

const METHODS: readonly { name: string; method: string }[] = [
  { name: 'one that is not allowed', method: 'email' },
  { name: 'one that Twilio has and the strategy has not', method: 'sna' },
  { name: 'one that leaves the choice to Twilio', method: 'auto' },
  { name: 'a number', method: MALLORY },
  { name: 'a property of every object', method: 'constructor' },
  { name: 'two at once', method: 'sms,email' },
  { name: 'other letters', method: 'SMS' },
  { name: 'none', method: '' },
];

describe('T3: an address or a method from the request', () => {
  stopTheClock();

  for (const { name, send } of SENDS) {
    it(`a recipient in ${name} does not change where the code goes`, async () => {
      const example = await startExample();
      const attacker = await example.signedIn('alice');
      await send(attacker);
      const sent = example.emulator.messages();
      assert.ok(sent.length > 0);
      assert.deepEqual([...new Set(sent.map(({ to }) => to))], [ALICE]);
    });
  }

  for (const { name, method } of METHODS) {
    it(`the method is refused: ${name}`, async () => {
      const example = await startExample({
        twoFactor: { email: () => 'alice@example.com', allowedMethods: () => ['sms', 'call', 'whatsapp'] },
      });
      const attacker = await example.signedIn('alice');
      assert.equal((await attacker.post('/2fa', { method, ...EVIL })).status, 422);
      assert.equal(callsOf(example, 'create'), 0);
    });
  }
});
