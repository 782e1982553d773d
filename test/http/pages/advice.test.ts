import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Method } from 'passport-twilio-verify';
import { assertDoesNotSay, assertSays, hasForm, linksTo, readable, typedIn } from '../../support/page.js';
import { startTestApp, type TestAppOptions } from '../../support/test-app.js';

const NUMBER = '+12025550177';

/** Refusals by Twilio, with the text for a user who signs in. */
const NUMBER_REFUSALS = [
  { code: 60200, message: 'Invalid parameter `To`: +1', text: 'refusal.address_refused' },
  { code: 21211, text: 'refusal.address_refused' },
  { code: 60410, text: 'refusal.address_refused' },
  { code: 60238, text: 'refusal.address_refused' },
  { code: 60605, text: 'refusal.country_refused' },
  { code: 13227, text: 'refusal.country_refused' },
  { code: 21408, text: 'refusal.country_refused' },
] as const;

const METHOD_REFUSALS = [
  { code: 60205, text: 'refusal.landline' },
  { code: 21614, text: 'refusal.landline' },
  { code: 60223, text: 'refusal.method_unavailable' },
  { code: 68008, text: 'refusal.method_unavailable' },
] as const;

const ABOUT_A_FIELD = ['refusal.number_invalid', 'advice.otherNumber', 'advice.otherCountry'];

const startWith = (allowedMethods: readonly Method[], options: TestAppOptions = {}) =>
  startTestApp({ ...options, twoFactor: { allowedMethods, ...options.twoFactor } });

describe('the advice after a refused send', () => {
  for (const { text, ...fault } of [...NUMBER_REFUSALS, ...METHOD_REFUSALS]) {
    it(`${fault.code} at a sign-in with one method says to contact support, and offers no new try`, async () => {
      const app = await startWith(['sms']);
      const browser = await app.signedIn('ann');
      app.emulator.fail({ call: 'create', ...fault });
      assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/failed');
      const page = (await browser.get('/2fa/failed')).text;
      assertSays(page, text);
      assertSays(page, 'advice.support');
      for (const key of [...ABOUT_A_FIELD, 'advice.otherMethod', 'action.tryAgain']) assertDoesNotSay(page, key);
      assert.equal(linksTo(page, '/2fa'), false);
    });
  }

  for (const { text, ...fault } of NUMBER_REFUSALS) {
    it(`${fault.code} at a sign-in with an email address says to choose another method, and leads there`, async () => {
      const app = await startWith(['sms', 'email']);
      const browser = await app.signedIn('eve');
      app.emulator.fail({ call: 'create', ...fault });
      await browser.post('/2fa', { method: 'sms' });
      const page = (await browser.get('/2fa/failed')).text;
      assertSays(page, text);
      assertSays(page, 'advice.otherMethod');
      for (const key of [...ABOUT_A_FIELD, 'advice.support', 'action.tryAgain']) assertDoesNotSay(page, key);
      assert.ok(linksTo(page, '/2fa'));
      assertSays(page, 'action.otherMethod');
    });

    it(`${fault.code} in a registration asks for another number, and keeps the one that was typed`, async () => {
      const app = await startWith(['sms']);
      const browser = await app.signedIn('ben');
      app.emulator.fail({ call: 'create', ...fault });
      const { status, text: page } = await browser.post('/2fa/register', { phoneNumber: NUMBER, method: 'sms' });
      assert.equal(status, 422);
      assert.ok(hasForm(page, '/2fa/register'));
      assert.equal(typedIn(page, 'phoneNumber'), NUMBER);
      const isInvalid = text === 'refusal.address_refused' && [60200, 21211].includes(fault.code);
      assertSays(page, isInvalid ? 'refusal.number_invalid' : text);
      if (!isInvalid) assertSays(page, 'advice.otherNumber');
      assertDoesNotSay(page, 'advice.support');
    });
  }

  it('a number that Twilio does not know gets no other call or message: a sign-in says to contact support', async () => {
    const app = await startWith(['sms', 'call', 'whatsapp']);
    const browser = await app.signedIn('ann');
    app.emulator.fail({ call: 'create', code: 21211 });
    await browser.post('/2fa', { method: 'sms' });
    const page = (await browser.get('/2fa/failed')).text;
    assertSays(page, 'advice.support');
    assert.equal(linksTo(page, '/2fa'), false);
  });

  for (const { text, ...fault } of METHOD_REFUSALS) {
    it(`${fault.code} at a sign-in with several methods says to choose another one, in the form`, async () => {
      const app = await startWith(['sms', 'call']);
      const browser = await app.signedIn('ann');
      app.emulator.fail({ call: 'create', ...fault });
      const { status, text: page } = await browser.post('/2fa', { method: 'sms' });
      assert.equal(status, 422);
      assert.ok(hasForm(page, '/2fa'));
      assertSays(page, text);
      assertSays(page, 'advice.otherMethod');
    });

    it(`${fault.code} in a registration with one method asks for another number`, async () => {
      const app = await startWith(['sms']);
      const browser = await app.signedIn('ben');
      app.emulator.fail({ call: 'create', ...fault });
      const { text: page } = await browser.post('/2fa/register', { phoneNumber: NUMBER, method: 'sms' });
      assert.ok(hasForm(page, '/2fa/register'));
      assertSays(page, text);
      assertSays(page, 'advice.otherNumber');
      assertDoesNotSay(page, 'advice.otherMethod');
    });
  }

  it('a number that was accepted before its method was chosen can be corrected in the form', async () => {
    const app = await startWith(['sms', 'call']);
    const browser = await app.signedIn('ben');
    assert.equal((await browser.post('/2fa/register', { phoneNumber: NUMBER })).location, '/2fa');
    app.emulator.fail({ call: 'create', code: 60410 });
    const { status, text } = await browser.post('/2fa', { method: 'sms' });
    assert.equal(status, 422);
    assert.ok(hasForm(text, '/2fa/register'));
    assert.equal(typedIn(text, 'phoneNumber'), '+1 202 555 0177');
    assertSays(text, 'advice.otherNumber');
  });

  it('a change asks for another number in the form of the change', async () => {
    const app = await startWith(['sms']);
    const browser = await app.verified('ann');
    app.emulator.fail({ call: 'create', code: 60605 });
    const { text } = await browser.post('/2fa/change', { phoneNumber: NUMBER, method: 'sms' });
    assert.ok(hasForm(text, '/2fa/change'));
    assertSays(text, 'refusal.country_refused');
    assertSays(text, 'advice.otherNumber');
  });

  it('a user who opted out of messages reads how to get them again, and can try again', async () => {
    const app = await startWith(['sms']);
    const browser = await app.signedIn('ann');
    app.emulator.fail({ call: 'create', code: 21610 });
    const { status, text } = await browser.post('/2fa', { method: 'sms' });
    assert.equal(status, 422);
    assertSays(text, 'refusal.opted_out');
    assertDoesNotSay(text, 'advice.otherMethod');
    assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
  });

  it('a script reads the same advice', async () => {
    const app = await startWith(['sms', 'email']);
    const browser = await app.signedIn('eve');
    const json = { accept: 'application/json' };
    app.emulator.fail({ call: 'create', code: 60410 });
    const { text } = await browser.post('/2fa', { method: 'sms' }, json);
    assert.match(JSON.parse(text).detail, /number\. Choose another method\.$/);
    const failed = JSON.parse((await browser.get('/2fa/failed', json)).text);
    assert.deepEqual([failed.canRetry, failed.canUseOtherMethod], [false, true]);
  });

  for (const { name, allowedCountries, says } of [
    { name: 'one country', allowedCountries: ['CA'], says: /used here\. You can use numbers from: Canada\./ },
    {
      name: 'several countries by name',
      allowedCountries: ['JP', 'CA', 'DE'],
      says: /used here\. You can use numbers from: Canada, Germany, and Japan\./,
    },
  ]) {
    it(`a number from another country gets the countries that are allowed: ${name}`, async () => {
      const app = await startWith(['sms'], { twoFactor: { allowedCountries } });
      const browser = await app.signedIn('ben');
      const { status, text } = await browser.post('/2fa/register', { phoneNumber: '+442079460000', method: 'sms' });
      assert.equal(status, 422);
      assert.match(readable(text), says);
    });
  }

  it('a number from another country gets no list of more countries than a sentence holds', async () => {
    const allowedCountries = 'AT BE CH CZ DE DK ES FI FR IE IT NL NO'.split(' ');
    const app = await startWith(['sms'], { twoFactor: { allowedCountries } });
    const browser = await app.signedIn('ben');
    const { text } = await browser.post('/2fa/register', { phoneNumber: '+442079460000', method: 'sms' });
    assertSays(text, 'advice.otherCountry');
  });
});

describe('a form of a session that has ended', () => {
  it('leads to the sign-in page', async () => {
    const app = await startTestApp({ twoFactor: { loginUrl: '/login?from=2fa' } });
    for (const path of [
      '/2fa',
      '/2fa/verify',
      '/2fa/resend',
      '/2fa/register',
      '/2fa/cancel',
      '/2fa/skip',
      '/2fa/change',
    ]) {
      const { status, text } = await app.client().post(path, { method: 'sms' });
      assert.equal(status, 401, path);
      assertSays(text, 'refusal.login_required');
      assert.ok(linksTo(text, '/login?from=2fa'), path);
      assertSays(text, 'action.signIn');
    }
  });

  it('an app without a sign-in page gets no link', async () => {
    const app = await startTestApp();
    assert.doesNotMatch((await app.client().post('/2fa', {})).text, /<a\s/);
  });
});
