import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StorePhoneNumberContext } from 'passport-twilio-verify';
import { assertRefuses, hasForm, readable, typedIn } from '../../support/page.js';
import { lastCode, wrongCode } from '../../support/steps.js';
import { startTestApp, type TestOptions, type TestUser } from '../../support/test-app.js';

const start = (twoFactor: TestOptions) => startTestApp({ twoFactor });
const NEW = '+12025550177';

describe('option "phoneNumber"', () => {
  for (const { name, given, sentTo } of [
    { name: 'an E.164 number', given: '+12025550150', sentTo: '+12025550150' },
    { name: 'a number as people write it', given: '(202) 555-0150', sentTo: '+12025550150' },
    { name: 'a number of another country than may be registered', given: '+4915123456789', sentTo: '+4915123456789' },
    { name: 'a number that only Twilio can judge', given: '+52 1 55-1234.5678', sentTo: '+5215512345678' },
    { name: 'an internet number', given: '+33912345678', sentTo: '+33912345678' },
    { name: 'a company-wide number', given: '+445512345678', sentTo: '+445512345678' },
  ]) {
    it(`phoneNumber can be ${name}`, async () => {
      const app = await start({ phoneNumber: async ({ user }) => (user.id === 'ben' ? given : undefined) });
      await (await app.signedIn('ben')).post('/2fa', { method: 'sms' });
      assert.deepEqual(
        app.emulator.messages().map(({ to }) => to),
        [sentTo],
      );
    });
  }

  for (const { name, given } of [
    { name: 'nothing', given: undefined },
    { name: 'null', given: null },
    { name: 'an empty string', given: '' },
  ]) {
    it(`the user can register a number if phoneNumber returns ${name}`, async () => {
      const app = await start({ phoneNumber: () => given });
      const browser = await app.signedIn('ann');
      assert.equal((await browser.get('/2fa')).location, '/2fa/register');
      await browser.post('/2fa', { method: 'sms' });
      assert.deepEqual(app.emulator.messages(), []);
    });
  }

  for (const { name, given } of [
    { name: 'a national number that does not exist', given: '202555' },
    { name: 'a premium-rate number', given: '+19002345678' },
    { name: 'a number with an extension', given: '+12025550150 ext. 12' },
    { name: 'a space', given: ' ' },
  ]) {
    it(`an unusable number keeps the user from registering: ${name}`, async () => {
      const app = await start({ phoneNumber: () => given });
      const browser = await app.signedIn('ann');
      assert.equal((await browser.get('/2fa')).location, '/2fa/failed');
      assertRefuses((await browser.get('/2fa/failed')).text, 'address_unusable');
      assert.deepEqual(app.emulator.messages(), []);
    });
  }
});

describe('option "storePhoneNumber"', () => {
  const calls: StorePhoneNumberContext<TestUser>[] = [];
  const recording = () => {
    calls.length = 0;
    return start({
      storePhoneNumber: async (context) => {
        calls.push(context);
        context.user.phone = context.phoneNumber;
      },
    });
  };

  it('storePhoneNumber is called once, and only after a right code', async () => {
    const app = await recording();
    const browser = await app.signedIn('ben');
    await browser.post('/2fa/register', { phoneNumber: NEW, method: 'sms' });
    await browser.post('/2fa/verify', { code: wrongCode(app) });
    assert.equal(calls.length, 0);
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.deepEqual(
      calls.map(({ user, phoneNumber, previous, req }) => [user.id, phoneNumber, previous, req.method]),
      [['ben', NEW, undefined, 'POST']],
    );
  });

  it('storePhoneNumber receives the number that a change replaces', async () => {
    const app = await recording();
    const browser = await app.verified('ann');
    await browser.post('/2fa/change', { phoneNumber: NEW, method: 'sms' });
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.deepEqual(
      calls.map(({ phoneNumber, previous }) => ({ phoneNumber, previous })),
      [{ phoneNumber: NEW, previous: '+12025550123' }],
    );
  });

  it('storePhoneNumber is not called for a sign-in', async () => {
    const app = await recording();
    await app.verified('ann');
    assert.equal(calls.length, 0);
  });

  it('storePhoneNumber refuses a number with { message }: the form again with it and the typed value, and no verification', async () => {
    const app = await start({ storePhoneNumber: () => ({ message: 'That number is <in use>.' }) });
    const browser = await app.signedIn('ben');
    await browser.post('/2fa/register', { phoneNumber: NEW, method: 'sms' });
    const answer = await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.equal(answer.status, 422);
    assert.match(readable(answer.text), /That number is <in use>\./);
    assert.ok(hasForm(answer.text, '/2fa/register'));
    assert.equal(typedIn(answer.text, 'phoneNumber'), NEW);
    assert.equal((await browser.get('/account')).location, '/2fa');
  });

  it('storePhoneNumber refuses a change in the same way, and leaves the user verified', async () => {
    const app = await start({ storePhoneNumber: async () => ({ message: 'In use by another.' }) });
    const browser = await app.verified('ann');
    await browser.post('/2fa/change', { phoneNumber: NEW, method: 'sms' });
    const answer = await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.equal(answer.status, 422);
    assert.match(readable(answer.text), /In use by another\./);
    assert.ok(hasForm(answer.text, '/2fa/change'));
    assert.equal((await browser.get('/account')).text, 'account of ann');
  });

  it('storePhoneNumber opens no protected route if it throws', async () => {
    const app = await start({
      storePhoneNumber: async () => {
        throw new Error('the database is away');
      },
    });
    const browser = await app.signedIn('ben');
    await browser.post('/2fa/register', { phoneNumber: NEW, method: 'sms' });
    const answer = await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.deepEqual([answer.status, answer.text], [500, 'Error: the database is away']);
    assert.equal((await browser.get('/account')).location, '/2fa');
  });
});

describe('options "country" and "allowedCountries"', () => {
  const register = async (twoFactor: TestOptions, form: Record<string, string>) => {
    const app = await start(twoFactor);
    const browser = await app.signedIn('ben');
    const { status, location } = await browser.post('/2fa/register', { method: 'sms', ...form });
    return { status, location, sentTo: app.emulator.messages().map(({ to }) => to) };
  };
  const sent = (to: string) => ({ status: 303, location: '/2fa/verify', sentTo: [to] });
  const refused = { status: 422, location: null, sentTo: [] };

  const ROWS: readonly {
    readonly name: string;
    readonly options: TestOptions;
    readonly form: Record<string, string>;
    readonly expected: unknown;
  }[] = [
    { name: 'reads a number as one of the US', options: {}, form: { phoneNumber: '2025550177' }, expected: sent(NEW) },
    {
      name: 'reads a number as one of "country"',
      options: { country: 'GB' },
      form: { phoneNumber: '07400 123456' },
      expected: sent('+447400123456'),
    },
    {
      name: 'allows "country" alone by default',
      options: { country: 'GB' },
      form: { phoneNumber: NEW },
      expected: refused,
    },
    {
      name: 'allows the countries of "allowedCountries"',
      options: { allowedCountries: ['US', 'DE'] },
      form: { phoneNumber: '+49 1512 3456789' },
      expected: sent('+4915123456789'),
    },
    {
      name: 'reads a number as one of the country chosen on the form',
      options: { allowedCountries: ['US', 'DE'] },
      form: { phoneNumber: '01512 3456789', country: 'DE' },
      expected: sent('+4915123456789'),
    },
    {
      name: 'judges the number, not the country chosen on the form',
      options: { allowedCountries: ['US', 'DE'] },
      form: { phoneNumber: '+447400123456', country: 'US' },
      expected: refused,
    },
    {
      name: 'does not allow a country because the form names it',
      options: {},
      form: { phoneNumber: '07400123456', country: 'GB' },
      expected: refused,
    },
    {
      name: 'allows a number that is valid in an allowed country and in another one',
      options: { country: 'AX' },
      form: { phoneNumber: '+358401234567' },
      expected: sent('+358401234567'),
    },
    {
      name: 'tells countries with the same calling code apart',
      options: { country: 'US' },
      form: { phoneNumber: '+16135550177' },
      expected: refused,
    },
  ];
  for (const { name, options, form, expected } of ROWS) {
    it(name, async () => assert.deepEqual(await register(options, form), expected));
  }

  it('the form lists the allowed countries by name, with calling codes and "country" chosen', async () => {
    const app = await start({ country: 'DE', allowedCountries: ['US', 'DE', 'GB'] });
    const { text } = await (await app.signedIn('ben')).get('/2fa/register');
    const choices = [...text.matchAll(/<option value="(\w+)"[^>]*?( selected)?>([^<]+)</g)].map(
      ([, ...parts]) => parts,
    );
    assert.deepEqual(choices, [
      ['DE', ' selected', 'Germany (+49)'],
      ['GB', undefined, 'United Kingdom (+44)'],
      ['US', undefined, 'United States (+1)'],
    ]);
  });

  it('the form shows no list for one country', async () => {
    const app = await start({});
    assert.doesNotMatch((await (await app.signedIn('ben')).get('/2fa/register')).text, /<select/);
  });
});
