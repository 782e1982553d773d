/**
 * T22. Attacker: an honest user with two tabs, two devices, or a double click, or someone who bets on a race. They post
 * the same form twice, use both tabs, sign in on two devices at once, or are refused by the application after a correct
 * code. Twilio forgets a verification once it is approved, so the second of two equal posts would have to start again.
 * Goal: a verification that a refused step leaves behind. Defense: parallel checks of the same code in the same session
 * share one call. Each session gets one success and a way to continue. The verification is stored last, after every
 * callback has agreed.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { VerifyCallback } from 'passport-twilio-verify';
import { startTestApp, type TestUser } from '../support/test-app.js';
import { addGate, BOB, isIn, send, startExample } from './support/example.js';
import { audited, callsOf, lastCode, recordOf, tells, wrongCode } from './support/look.js';
import { pass, stopTheClock } from './support/time.js';

/** Twilio takes about a hundred milliseconds. The emulator would answer the first post before the second has come. */
const AS_SLOW_AS_TWILIO = { delayMs: 200 };

const number = (phoneNumber: string) => ({ country: 'US', phoneNumber, method: 'sms' });

describe('T22: a form that is posted twice', () => {
  stopTheClock();

  for (const path of ['/2fa/verify', '/check']) {
    it(`two posts of the correct code to ${path} both succeed, with one call`, async () => {
      const example = await startExample();
      addGate(example, '/check');
      const browser = await example.waiting('alice');
      const fingers = [browser.fork(), browser.fork(), browser.fork()];
      const code = lastCode(example);
      example.emulator.fail({ call: 'check', ...AS_SLOW_AS_TWILIO });
      const answers = await Promise.all(fingers.map((finger) => finger.post(path, { code })));
      const expected = path === '/check' ? [200, null] : [303, '/account'];
      for (const { status, location } of answers) assert.deepEqual([status, location], expected);
      for (const finger of fingers) assert.equal(await isIn(finger), true);
      assert.equal(callsOf(example, 'check'), 1);
      assert.equal(audited(example, 'verificationApproved').length, 1, 'told once');
    });
  }

  it('a second post after the first was answered leads to the same page', async () => {
    const example = await startExample();
    const browser = await example.signedIn('alice');
    await browser.get('/account?tab=2');
    await send(browser);
    const code = lastCode(example);
    for (let press = 0; press < 3; press += 1) {
      assert.equal((await browser.post('/2fa/verify', { code })).location, '/account?tab=2');
    }
    assert.equal(callsOf(example, 'check'), 1);
  });

  it('two posts of a wrong code count once', async () => {
    const example = await startExample();
    const browser = await example.waiting('alice');
    const code = wrongCode(example);
    example.emulator.fail({ call: 'check', ...AS_SLOW_AS_TWILIO });
    await Promise.all([1, 2, 3].map(() => browser.fork().post('/2fa/verify', { code })));
    assert.equal(callsOf(example, 'check'), 1);
    assert.equal(audited(example, 'verificationRejected').length, 1);
  });

  it('sends one code, which works', async () => {
    const example = await startExample();
    const browser = await example.signedIn('alice');
    const answers = await Promise.all([1, 2, 3].map(() => browser.fork().post('/2fa', { method: 'sms' })));
    assert.equal(answers.filter(({ location }) => location === '/2fa/verify').length >= 1, true);
    assert.ok(answers.every(({ status }) => status < 500));
    assert.equal(callsOf(example, 'create'), 1);
    await browser.post('/2fa/verify', { code: lastCode(example) });
    assert.equal(await isIn(browser), true);
  });

  it('registers one number once', async () => {
    const example = await startExample();
    const browser = await example.signedIn('bob');
    await Promise.all([1, 2].map(() => browser.fork().post('/2fa/register', number(BOB))));
    const fingers = [browser.fork(), browser.fork()];
    example.emulator.fail({ call: 'check', ...AS_SLOW_AS_TWILIO });
    await Promise.all(fingers.map((finger) => finger.post('/2fa/verify', { code: lastCode(example, BOB) })));
    for (const finger of fingers) assert.equal(await isIn(finger), true);
    assert.equal(callsOf(example, 'create'), 1);
    assert.equal(audited(example, 'phoneNumberRegistered').length, 1);
  });
});

describe('T22: two tabs', () => {
  stopTheClock();

  it('two tabs with different methods accept the one code', async () => {
    const example = await startExample();
    const browser = await example.waiting('alice');
    await send(browser, 'call');
    assert.equal(new Set(example.emulator.messages().map(({ code }) => code)).size, 1);
    await browser.post('/2fa/verify', { code: lastCode(example) });
    assert.equal(await isIn(browser), true);
  });

  it('a tab that cancels leads the other tab to a new code', async () => {
    const example = await startExample();
    const browser = await example.waiting('alice');
    const old = lastCode(example);
    await browser.post('/2fa/cancel');
    assert.equal((await browser.post('/2fa/verify', { code: old })).location, '/2fa');
    await send(browser, 'call');
    await browser.post('/2fa/verify', { code: lastCode(example) });
    assert.equal(await isIn(browser), true);
  });

  it('a tab that is verified lets the other tab continue', async () => {
    const example = await startExample();
    const browser = await example.verified('alice');
    for (const path of ['/2fa', '/2fa/verify', '/2fa/register']) {
      const { location } = await browser.get(path);
      assert.ok(location === '/account' || location === '/2fa', `${path} leads to ${location}`);
    }
    assert.equal((await browser.get('/2fa')).location, '/account');
    assert.equal((await browser.post('/2fa/resend')).location, '/2fa');
    assert.equal(await isIn(browser), true);
  });

  it('two tabs that change the number to two numbers store the number that was verified last', async () => {
    const example = await startExample();
    const browser = await example.verified('alice');
    await browser.post('/2fa/change', number('+12025550178'));
    const first = lastCode(example, '+12025550178');
    await browser.post('/2fa/change', number('+12025550179'));
    const second = lastCode(example, '+12025550179');
    if (first !== second) {
      await browser.post('/2fa/verify', { code: first });
      assert.equal(audited(example, 'phoneNumberChanged').length, 0);
    }
    await browser.post('/2fa/verify', { code: second });
    assert.equal(await example.users.phoneNumberOf({ id: '1', username: 'alice', password: '' }), '+12025550179');
  });
});

describe('T22: two devices of one user', () => {
  stopTheClock();

  it('two devices that post the one code at once get one success, and the other can continue', async () => {
    const example = await startExample({ twoFactor: { retryTimeSeconds: 0 } });
    const devices = [await example.waiting('alice'), await example.waiting('alice')];
    const code = lastCode(example);
    await Promise.all(devices.map((device) => device.post('/2fa/verify', { code })));
    const through = await Promise.all(devices.map((device) => isIn(device)));
    assert.deepEqual([...through].sort(), [false, true], 'a code is used once');
    const late = devices[through.indexOf(false)];
    assert.ok(late);
    assert.ok(tells((await late.get('/2fa/failed')).text, 'code_expired'));
    assert.equal(audited(example, 'verificationRejected').length, 0, 'and it was no wrong code');
    await send(late);
    await late.post('/2fa/verify', { code: lastCode(example) });
    assert.equal(await isIn(late), true);
  });

  it('do not hold each other up: after a right code the next one may be sent at once', async () => {
    const example = await startExample({ twoFactor: { allowedMethods: ['sms'] } });
    await example.verified('alice');
    const second = await example.signedIn('alice');
    await send(second);
    await second.post('/2fa/verify', { code: lastCode(example) });
    assert.equal(await isIn(second), true);
  });

  it('a device that signs out leaves the other device signed in', async () => {
    const example = await startExample();
    const first = await example.verified('alice');
    pass(180);
    const second = await example.verified('alice');
    await first.post('/logout');
    assert.equal(await isIn(second), true);
    assert.equal(await isIn(first), false);
  });
});

const REFUSALS: readonly { name: string; verify: VerifyCallback<TestUser>; status: number }[] = [
  { name: 'says no', verify: (_user, _info, done) => done(null, false), status: 303 },
  {
    name: 'says no with a reason',
    verify: (_user, _info, done) => done(null, false, { message: 'Your account is closed.' }),
    status: 303,
  },
  { name: 'says no with null', verify: (_user, _info, done) => done(null, null), status: 303 },
  {
    name: 'agrees to somebody else',
    verify: (_user, _info, done) => done(null, { id: 'eve', phone: '+12025550199' }),
    status: 303,
  },
  { name: 'gives an error', verify: (_user, _info, done) => done(new Error('the database is away')), status: 500 },
  {
    name: 'throws',
    verify: () => {
      throw new Error('the database is away');
    },
    status: 500,
  },
  { name: 'rejects', verify: () => Promise.reject(new Error('the database is away')), status: 500 },
];

// The example has no `verify` callback: here it is the application of the other tests.
describe('T22: a verify callback that refuses', () => {
  for (const { name, verify, status } of REFUSALS) {
    it(`no verification remains when the callback ${name}, and the user can continue`, async () => {
      let isRefusing = true;
      const app = await startTestApp({
        twoFactor: { retryTimeSeconds: 0 },
        verify: (user, info, done) => (isRefusing ? verify(user, info, done) : done(null, user)),
      });
      const browser = await app.signedIn('ann');
      await browser.post('/2fa', { method: 'sms' });
      const code = await app.emulator.codeFor('+12025550123');
      assert.equal((await browser.post('/2fa/verify', { code })).status, status);
      assert.equal((await app.record(browser))?.verified, undefined);
      assert.equal((await browser.get('/account')).status, 302, 'not in');

      isRefusing = false;
      await browser.post('/2fa', { method: 'sms' });
      const again = await app.emulator.codeFor('+12025550123');
      assert.equal((await browser.post('/2fa/verify', { code: again })).location, '/account');
      assert.equal((await browser.get('/account')).text, 'account of ann');
    });
  }

  it('no verification remains when storePhoneNumber refuses or throws', async () => {
    for (const storePhoneNumber of [
      () => ({ message: 'This number belongs to somebody else.' }),
      () => Promise.reject(new Error('the database is away')),
    ]) {
      const example = await startExample({ twoFactor: { storePhoneNumber } });
      const browser = await example.signedIn('bob');
      await browser.post('/2fa/register', number(BOB));
      const { status } = await browser.post('/2fa/verify', { code: lastCode(example, BOB) });
      assert.ok(status === 422 || status === 500, `answered ${status}`);
      assert.equal((await recordOf(example, browser)).verified, undefined);
      assert.equal(await isIn(browser), false);
      assert.equal(audited(example, 'phoneNumberRegistered').length, 0);
    }
  });
});
