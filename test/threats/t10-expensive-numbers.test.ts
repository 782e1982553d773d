/**
 * T10. Attacker: someone who earns with every message or call to their own number, or who seeks a number that no one
 * can trace. They register, or change to, a premium or shared-cost number, one of a far country, or a satellite phone.
 * Or they choose a country in the form that is not the number's own. Goal: money, at the operator's cost. Defense: the
 * number itself is parsed and checked. Its country, validity, and type are checked when it is registered or changed,
 * and its validity and type on every send.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isIn, send, startExample } from './support/example.js';
import { callsOf, tells } from './support/look.js';
import { pass, stopTheClock } from './support/time.js';

const NUMBERS: readonly {
  name: string;
  phoneNumber: string;
  country?: string;
  code: 'number_refused' | 'number_invalid' | 'country_refused';
}[] = [
  { name: 'premium, US', phoneNumber: '+19002345678', code: 'number_refused' },
  { name: 'premium, typed as at home', phoneNumber: '900 234 5678', code: 'number_refused' },
  { name: 'premium, GB', phoneNumber: '+449098790879', code: 'number_refused' },
  { name: 'premium, DE', phoneNumber: '0900 1 123456', country: 'DE', code: 'number_refused' },
  { name: 'premium, GB, of few digits', phoneNumber: '+448431234567', code: 'number_refused' },
  { name: 'shared cost, DE', phoneNumber: '+491805123456', code: 'number_refused' },
  { name: 'shared cost, FR', phoneNumber: '+33810123456', code: 'number_refused' },
  { name: 'toll-free, US', phoneNumber: '+18002345678', code: 'number_refused' },
  { name: 'pager, GB', phoneNumber: '+447640123456', code: 'number_refused' },
  { name: 'voicemail, DE', phoneNumber: '+49177991234567', code: 'number_refused' },
  { name: 'personal, GB', phoneNumber: '+44 7012 345678', code: 'number_refused' },
  { name: 'company-wide, GB', phoneNumber: '+445512345678', code: 'number_refused' },
  { name: 'voice over IP, FR', phoneNumber: '+33912345678', code: 'number_refused' },
  { name: 'a country that is not allowed', phoneNumber: '+37060123456', code: 'country_refused' },
  {
    name: 'a country that is not allowed, chosen as one that is',
    phoneNumber: '+37060123456',
    country: 'US',
    code: 'country_refused',
  },
  {
    name: 'a country that is not allowed, chosen as itself',
    phoneNumber: '060123456',
    country: 'LT',
    code: 'country_refused',
  },
  { name: 'an island under +1', phoneNumber: '+18765551234', code: 'country_refused' },
  { name: 'an island under +1, typed as at home', phoneNumber: '876 555 1234', country: 'US', code: 'country_refused' },
  { name: 'a satellite phone', phoneNumber: '+881612345678', code: 'country_refused' },
  { name: 'an international network', phoneNumber: '+883510012345678', code: 'number_refused' },
  { name: 'too short', phoneNumber: '+1202555', code: 'number_invalid' },
  { name: 'too long', phoneNumber: '+120255501770000', code: 'number_invalid' },
  { name: 'no such area', phoneNumber: '+10005550177', code: 'number_invalid' },
  { name: 'with an extension', phoneNumber: '+1 202 555 0177 ext. 5', code: 'number_invalid' },
  { name: 'two numbers', phoneNumber: '+12025550177,+12025550178', code: 'number_invalid' },
  { name: 'an emergency number', phoneNumber: '911', code: 'number_invalid' },
  { name: 'letters', phoneNumber: 'not a number', code: 'number_invalid' },
  { name: 'nothing', phoneNumber: '', code: 'number_invalid' },
];

describe('T10: a number that costs money or is not allowed', () => {
  stopTheClock();

  for (const { name, phoneNumber, country = 'US', code } of NUMBERS) {
    it(`the number is refused: ${name}`, async () => {
      const example = await startExample();
      const verified = await example.verified('alice');
      const registering = await example.signedIn('bob');
      const calls = example.emulator.requests().length;
      for (const [browser, path] of [
        [registering, '/2fa/register'],
        [verified, '/2fa/change'],
      ] as const) {
        const { status, text } = await browser.post(path, { country, phoneNumber, method: 'sms' });
        assert.equal(status, 422, path);
        assert.ok(tells(text, code), `${path} does not tell ${code}`);
      }
      assert.equal(example.emulator.requests().length, calls);
      assert.equal(await isIn(registering), false);
    });
  }

  it('the country of a number comes from the number, not from the chosen country', async () => {
    const example = await startExample({ twoFactor: { allowedCountries: ['US'] } });
    const browser = await example.signedIn('bob');
    const british = { country: 'US', phoneNumber: '+447400123456', method: 'sms' };
    assert.ok(tells((await browser.post('/2fa/register', british)).text, 'country_refused'));
    const american = { country: 'GB', phoneNumber: '+12025550177', method: 'sms' };
    assert.equal((await browser.post('/2fa/register', american)).location, '/2fa/verify');
  });

  const stored = [
    { name: 'premium', number: '+19002345678' },
    { name: 'shared cost', number: '+491805123456' },
    { name: 'personal', number: '+447012345678' },
    { name: 'premium, hidden by separators', number: '+1\t900 234 5678' },
    { name: 'invalid', number: '0005550177' },
  ];
  for (const { name, number } of stored) {
    it(`no code goes to a number in the user's data: ${name}`, async () => {
      const example = await startExample({ alicePhoneNumber: number });
      const browser = await example.signedIn('alice');
      await browser.post('/2fa', { method: 'sms' });
      assert.equal(callsOf(example, 'create'), 0);
    });
  }

  it('no code goes to a number that replaced the user’s own after the first send', async () => {
    let phoneNumber = '+12025550123';
    const example = await startExample({ twoFactor: { phoneNumber: () => phoneNumber } });
    const browser = await example.signedIn('alice');
    await send(browser);
    phoneNumber = '+19002345678';
    pass(180);
    await browser.post('/2fa/resend');
    assert.equal(callsOf(example, 'create'), 1);
  });

  it('a stored number receives codes even if its country may not register', async () => {
    const example = await startExample({ alicePhoneNumber: '+37060123456' });
    await send(await example.signedIn('alice'));
    assert.equal(example.emulator.messages('+37060123456').length, 1);
  });

  it('a number with a refused line type is rejected if Lookup is enabled', async () => {
    const allowedLineTypes = ['mobile'] as const;
    const example = await startExample({ twoFactor: { allowedLineTypes } });
    const browser = await example.signedIn('bob');
    // The emulator's number of a voice-over-IP line that anyone gets without a name.
    const voip = { country: 'US', phoneNumber: '+19075551004', method: 'sms' };
    await browser.post('/2fa/register', voip);
    assert.equal(callsOf(example, 'create'), 0);
    const mobile = { country: 'US', phoneNumber: '+19075551000', method: 'sms' };
    assert.equal((await browser.post('/2fa/register', mobile)).location, '/2fa/verify');
  });

  for (const [lookupUnavailable, sends] of [
    ['refuse', 0],
    ['allow', 1],
  ] as const) {
    it(`an outage of Lookup has the effect of the option: ${lookupUnavailable}`, async () => {
      const example = await startExample({ twoFactor: { allowedLineTypes: ['mobile'], lookupUnavailable } });
      example.emulator.fail({ call: 'lookup', status: 503 });
      const browser = await example.signedIn('bob');
      await browser.post('/2fa/register', { country: 'US', phoneNumber: '+12025550177', method: 'sms' });
      assert.equal(example.emulator.messages().length, sends);
    });
  }
});
