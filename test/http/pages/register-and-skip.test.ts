import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertRefuses, assertSays, hasForm, readable, typedIn } from '../../support/page.js';
import { lastCode } from '../../support/steps.js';
import { startTestApp } from '../../support/test-app.js';

const NUMBER = '+12025550177';

describe('GET /register (register.html)', () => {
  it('the register page has the form for a first number, and offers a choice if several methods are available', async () => {
    const app = await startTestApp();
    const { status, text } = await (await app.signedIn('ben')).get('/2fa/register');
    assert.equal(status, 200);
    assert.ok(hasForm(text, '/2fa/register'));
    assert.equal(typedIn(text, 'phoneNumber'), '');
    assert.match(text, /<input type="radio" name="method" value="call"/);
  });

  it('the register page offers no choice of method if there is only one', async () => {
    const app = await startTestApp({ twoFactor: { allowedMethods: ['call', 'email'] } });
    const { text } = await (await app.signedIn('ben')).get('/2fa/register');
    assert.doesNotMatch(text, /type="radio"/);
    assert.match(text, /<input type="hidden" name="method" value="call">/);
  });

  it('the register page shows the only country, and parses numbers as numbers of that country', async () => {
    const app = await startTestApp({ twoFactor: { allowedCountries: ['GB'] } });
    const browser = await app.signedIn('ben');
    const { text } = await browser.get('/2fa/register');
    assert.match(readable(text), /Country United Kingdom \(\+44\)/);
    const country = typedIn(text, 'country') ?? '';
    const sent = await browser.post('/2fa/register', { country, phoneNumber: '07400 123456', method: 'sms' });
    assert.equal(sent.location, '/2fa/verify');
    assert.equal(app.emulator.messages().at(-1)?.to, '+447400123456');
  });

  it('the register page redirects a user who has a number to the start', async () => {
    const { location } = await (await (await startTestApp()).signedIn('ann')).get('/2fa/register');
    assert.equal(location, '/2fa');
  });
});

describe('POST /register', () => {
  it('a registration sends a code by the chosen method, and stores the number after a right code', async () => {
    const app = await startTestApp();
    const browser = await app.signedIn('ben');
    await browser.get('/account');
    const sent = await browser.post('/2fa/register', { country: 'US', phoneNumber: '202-555-0177', method: 'call' });
    assert.deepEqual([sent.status, sent.location], [303, '/2fa/verify']);
    assert.deepEqual(
      app.emulator.messages().map(({ to, channel }) => [to, channel]),
      [[NUMBER, 'call']],
    );
    assert.equal(app.users.get('ben')?.phone, undefined);
    const answer = await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.deepEqual([answer.status, answer.location], [303, '/account']);
    assert.equal(app.users.get('ben')?.phone, NUMBER);
    assert.equal((await browser.get('/account')).text, 'account of ben');
    assertSays((await browser.get('/2fa/success')).text, 'notice.number_registered');
  });

  it('a registration keeps the number after five wrong codes, and sends another code to it', async () => {
    const app = await startTestApp();
    const browser = await app.signedIn('ben');
    await browser.post('/2fa/register', { phoneNumber: NUMBER, method: 'sms' });
    const wrong = lastCode(app).replace(/.$/, (digit) => String((Number(digit) + 1) % 10));
    for (let tries = 0; tries < 5; tries += 1) await browser.post('/2fa/verify', { code: wrong });
    assertRefuses((await browser.get('/2fa/failed')).text, 'too_many_checks');
    const start = await browser.get('/2fa');
    assert.match(readable(start.text), /\+1 202 555 0177/);
    assert.equal(typedIn((await browser.get('/2fa/register')).text, 'phoneNumber'), '+1 202 555 0177');
    assert.equal((await browser.post('/2fa', { method: 'call' })).location, '/2fa/verify');
    assert.equal(app.emulator.messages().at(-1)?.to, NUMBER);
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.equal(app.users.get('ben')?.phone, NUMBER);
  });

  it('a registration without a method leads to the start, which then sends to that number', async () => {
    const app = await startTestApp();
    const browser = await app.signedIn('ben');
    const taken = await browser.post('/2fa/register', { phoneNumber: NUMBER });
    assert.deepEqual([taken.status, taken.location], [303, '/2fa']);
    assert.deepEqual(app.emulator.messages(), []);
    const { status, text } = await browser.get('/2fa');
    assert.equal(status, 200);
    assert.match(readable(text), /\+1 202 555 0177/);
    assert.equal((await browser.post('/2fa', { method: 'whatsapp' })).location, '/2fa/verify');
    assert.deepEqual(
      app.emulator.messages().map(({ to, channel }) => [to, channel]),
      [[NUMBER, 'whatsapp']],
    );
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
    assert.equal(app.users.get('ben')?.phone, NUMBER);
  });

  it('a number that waits for its method expires after ten minutes, and the start page asks for one again', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const app = await startTestApp();
    const browser = await app.signedIn('ben');
    await browser.post('/2fa/register', { phoneNumber: NUMBER });
    t.mock.timers.tick(10 * 60_000 - 1);
    assert.equal((await browser.get('/2fa')).status, 200);
    t.mock.timers.tick(1);
    assert.equal((await browser.get('/2fa')).location, '/2fa/register');
    await browser.post('/2fa', { method: 'sms' });
    assert.deepEqual(app.emulator.requests(), []);
  });

  it('a registration with an unknown method shows the form again, with the number kept', async () => {
    const app = await startTestApp();
    const browser = await app.signedIn('ben');
    for (const method of ['pigeon', 'email', '__proto__']) {
      const { status, text } = await browser.post('/2fa/register', { phoneNumber: '202 555 0177', method });
      assert.equal(status, 422);
      assertRefuses(text, 'method_unknown');
      assert.equal(typedIn(text, 'phoneNumber'), '202 555 0177');
    }
    assert.deepEqual(app.emulator.messages(), []);
  });

  it('the user can correct the number, which invalidates the code sent to the first one', async () => {
    const app = await startTestApp();
    const browser = await app.signedIn('ben');
    await browser.post('/2fa/register', { phoneNumber: '+12025550178', method: 'sms' });
    const first = lastCode(app);
    assert.equal(typedIn((await browser.get('/2fa/register')).text, 'phoneNumber'), '+1 202 555 0178');
    await browser.post('/2fa/register', { phoneNumber: NUMBER, method: 'sms' });
    assert.equal(app.emulator.messages().at(-1)?.to, NUMBER);
    const second = lastCode(app);
    if (first !== second) assert.equal((await browser.post('/2fa/verify', { code: first })).location, '/2fa/verify');
    await browser.post('/2fa/verify', { code: second });
    assert.equal(app.users.get('ben')?.phone, NUMBER);
  });

  it('a landline is offered a call, to the number that is being registered', async () => {
    const app = await startTestApp();
    const browser = await app.signedIn('ben');
    const { status, text } = await browser.post('/2fa/register', { phoneNumber: '+19075550205', method: 'sms' });
    assert.equal(status, 422);
    assertRefuses(text, 'landline');
    assert.ok(hasForm(text, '/2fa'));
    assert.equal((await browser.post('/2fa', { method: 'call' })).location, '/2fa/verify');
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.equal(app.users.get('ben')?.phone, '+19075550205');
  });
});

describe('the number field', () => {
  for (const { name, country, phoneNumber, posted, stored } of [
    {
      name: 'a national number of a territory that shares its numbers',
      country: 'MF',
      phoneNumber: '0690 30 12 34',
      posted: {},
      stored: '+590690301234',
    },
    {
      name: 'a number of Saint Barthélemy with its calling code',
      country: 'BL',
      phoneNumber: '+590 690 30 12 34',
      posted: { country: 'BL' },
      stored: '+590690301234',
    },
    {
      name: 'Arabic digits and marks of direction',
      country: 'US',
      phoneNumber: '\u202b(٢٠٢) ٥٥٥-٠١٧٧\u202c',
      posted: {},
      stored: '+12025550177',
    },
    {
      name: 'thin and no-break spaces inside the number',
      country: 'US',
      phoneNumber: '202\u2009555\u202f01\u00a077',
      posted: {},
      stored: '+12025550177',
    },
    {
      name: 'a lower-case country',
      country: 'FR',
      phoneNumber: '06 12 34 56 78',
      posted: { country: 'fr' },
      stored: '+33612345678',
    },
  ]) {
    it(`the number field accepts ${name}`, async () => {
      const app = await startTestApp({ twoFactor: { country, allowedCountries: [country] } });
      const browser = await app.signedIn('ben');
      const { location } = await browser.post('/2fa/register', { phoneNumber, method: 'sms', ...posted });
      assert.equal(location, '/2fa/verify');
      await browser.post('/2fa/verify', { code: lastCode(app) });
      assert.equal(app.users.get('ben')?.phone, stored);
    });
  }

  it('the form selects a country of the list when the user corrects a shared number', async () => {
    const app = await startTestApp({ twoFactor: { country: 'US', allowedCountries: ['US', 'MF', 'FR'] } });
    const browser = await app.signedIn('ben');
    await browser.post('/2fa/register', { phoneNumber: '0690 30 12 34', country: 'MF', method: 'sms' });
    assert.match((await browser.get('/2fa/register')).text, /<option value="MF"[^>]* selected>/);
  });
});

describe('POST /skip', () => {
  it('a skip redirects to the page that the strategy stopped', async () => {
    const app = await startTestApp({ twoFactor: { registerOptional: true } });
    const browser = await app.signedIn('ben');
    await browser.get('/account');
    const { status, location } = await browser.post('/2fa/skip');
    assert.deepEqual([status, location], [303, '/account']);
  });

  it('a skip redirects to verifySuccessUrl if the strategy stopped no page', async () => {
    const app = await startTestApp({ twoFactor: { registerOptional: true, verifySuccessUrl: '/home' } });
    assert.equal((await (await app.signedIn('ben')).post('/2fa/skip')).location, '/home');
  });

  it('a skip cancels the code that was sent to a new number', async () => {
    const app = await startTestApp({ twoFactor: { registerOptional: true } });
    const browser = await app.signedIn('ben');
    await browser.post('/2fa/register', { phoneNumber: NUMBER, method: 'sms' });
    await browser.post('/2fa/skip');
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.equal(app.users.get('ben')?.phone, undefined);
  });

  it('a skip verifies no one: the success page stays closed', async () => {
    const app = await startTestApp({ twoFactor: { registerOptional: true } });
    const browser = await app.signedIn('ben');
    await browser.post('/2fa/skip');
    assert.equal((await browser.get('/2fa/success')).location, '/2fa');
    assert.equal((await browser.get('/2fa/change')).location, '/2fa');
  });

  it('a skip is refused by a page if registration is not optional', async () => {
    const app = await startTestApp();
    const browser = await app.signedIn('ben');
    const { status, location } = await browser.post('/2fa/skip');
    assert.deepEqual([status, location], [303, '/2fa/failed']);
    assertRefuses((await browser.get('/2fa/failed')).text, 'skip_not_allowed');
  });
});
