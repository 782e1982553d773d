import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { assertRefuses } from '../../support/page.js';
import {
  addUser,
  callsOf,
  newNumber,
  recordOf,
  type WaitingForCode,
  waitForCode,
  wrongCode,
} from '../../support/second-step.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

describe('verifications that are canceled at Twilio', () => {
  let app: TestApp;
  const told: string[] = [];
  const canceled: { verificationSid: string; method: string; purpose: string }[] = [];
  before(async () => {
    app = await startTestApp({ twoFactor: { retryTimeSeconds: 0 } });
    app.strategy.on('twilioError', ({ call }) => told.push(call));
    app.strategy.on('verificationCanceled', ({ verificationSid, method, purpose }) => {
      canceled.push({ verificationSid, method, purpose });
    });
  });

  const sidOf = async ({ browser }: Pick<WaitingForCode, 'browser'>) =>
    (await recordOf(app, browser)).pending?.sent?.sid ?? '';

  async function assertCanceled(sid: string) {
    const [event, ...more] = canceled.splice(0);
    assert.deepEqual(event, { verificationSid: sid, method: 'sms', purpose: 'signIn' });
    assert.deepEqual(more, []);
    const { path = '' } =
      app.emulator.requests().findLast(({ method, path }) => method === 'POST' && path.includes(sid)) ?? {};
    assert.ok(path.endsWith(`/Verifications/${sid}`));
  }

  it('a canceled verification is canceled at Twilio; the next code is a new one', async () => {
    const waiting = await waitForCode(app);
    const sid = await sidOf(waiting);
    await waiting.browser.post('/2fa/cancel');
    await assertCanceled(sid);
    await waiting.browser.post('/2fa', { method: 'sms' });
    assert.notEqual(await sidOf(waiting), sid);
    assert.equal((await waiting.browser.post('/2fa/verify', { code: waiting.code })).location, '/2fa/verify');
  });

  it('nothing where nothing is pending', async () => {
    const browser = await app.signedIn(addUser(app).id);
    const updates = callsOf(app, 'update');
    await browser.post('/2fa/cancel');
    assert.equal(callsOf(app, 'update'), updates);
    assert.deepEqual(canceled, []);
  });

  it('a sign-in whose number has changed in the meantime, when its code is typed', async () => {
    const waiting = await waitForCode(app);
    const sid = await sidOf(waiting);
    const checks = callsOf(app, 'check');
    app.users.set(waiting.user.id, { id: waiting.user.id, phone: newNumber() });
    assert.equal((await waiting.browser.post('/2fa/verify', { code: waiting.code })).location, '/2fa');
    await assertCanceled(sid);
    assert.equal(callsOf(app, 'check'), checks);
    assert.equal((await waiting.browser.get('/account')).location, '/2fa');
  });

  it('a sign-in whose number has changed, when another code is sent', async () => {
    const waiting = await waitForCode(app);
    const sid = await sidOf(waiting);
    const phone = newNumber();
    app.users.set(waiting.user.id, { id: waiting.user.id, phone });
    await waiting.browser.post('/2fa', { method: 'sms' });
    await assertCanceled(sid);
    const code = await app.emulator.codeFor(phone);
    assert.equal((await waiting.browser.post('/2fa/verify', { code })).status, 303);
  });

  it('nothing where a number is corrected while it is registered: its owner may wait for the same code', async () => {
    const user = addUser(app, { phone: undefined });
    const browser = await app.signedIn(user.id);
    await browser.post('/2fa/register', { phoneNumber: '+12025590012', method: 'sms' });
    const sid = await sidOf({ browser });
    const updates = callsOf(app, 'update');
    await browser.post('/2fa/register', { phoneNumber: '+12025590013', method: 'sms' });
    assert.deepEqual(canceled.splice(0), [{ verificationSid: sid, method: 'sms', purpose: 'register' }]);
    assert.equal(callsOf(app, 'update'), updates);
    await browser.post('/2fa/verify', { code: await app.emulator.codeFor('+12025590013') });
    assert.equal(app.users.get(user.id)?.phone, '+12025590013');
  });

  for (const purpose of ['register', 'change'] as const) {
    it(`a used-up verification of a ${purpose} is canceled when the next code is sent`, async () => {
      const user = addUser(app, purpose === 'register' ? { phone: undefined } : {});
      const browser = purpose === 'register' ? await app.signedIn(user.id) : await app.verified(user.id);
      const phoneNumber = newNumber();
      await browser.post(`/2fa/${purpose}`, { phoneNumber, method: 'sms' });
      const sid = await sidOf({ browser });
      const code = wrongCode(await app.emulator.codeFor(phoneNumber));
      const before = app.emulator.requests().length;
      for (let wrong = 1; wrong <= 5; wrong += 1) await browser.post('/2fa/verify', { code });
      await browser.post(`/2fa/${purpose}`, { phoneNumber, method: 'sms' });
      const calls = app.emulator.requests().slice(before);
      assert.deepEqual(
        calls.map(({ path }) => path.split('/').at(-1)).filter((name) => name !== 'VerificationCheck'),
        ['Verifications', sid, 'Verifications'],
      );
      await browser.post('/2fa/verify', { code: await app.emulator.codeFor(phoneNumber) });
      assert.equal(app.users.get(user.id)?.phone, phoneNumber);
      canceled.length = 0;
    });
  }

  it('a verification that is used up by five wrong codes; the next code is a new one', async () => {
    const waiting = await waitForCode(app);
    const sid = await sidOf(waiting);
    for (let wrong = 1; wrong <= 4; wrong += 1) {
      assert.equal((await waiting.browser.post('/2fa/verify', { code: waiting.wrong })).location, '/2fa/verify');
    }
    assert.equal((await waiting.browser.post('/2fa/verify', { code: waiting.wrong })).location, '/2fa/failed');
    assertRefuses((await waiting.browser.get('/2fa/failed')).text, 'too_many_checks');
    await assertCanceled(sid);
    await waiting.browser.post('/2fa', { method: 'sms' });
    assert.notEqual(await sidOf(waiting), sid);
    const code = await app.emulator.codeFor(waiting.user.phone);
    assert.equal((await waiting.browser.post('/2fa/verify', { code })).status, 303);
  });

  it('a verification that Twilio calls used up; the next code may be sent at once', async () => {
    const pausing = await startTestApp();
    const { browser, code } = await waitForCode(pausing);
    const sid = await recordOf(pausing, browser).then(({ pending }) => pending?.sent?.sid);
    const updates = callsOf(pausing, 'update');
    pausing.emulator.fail({ call: 'check', code: 60202 });
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa/failed');
    assert.equal(callsOf(pausing, 'update'), updates + 1);
    assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
    assert.notEqual((await recordOf(pausing, browser)).pending?.sent?.sid, sid);
  });

  it('a used-up verification is canceled before the user gets the answer', async () => {
    const waiting = await waitForCode(app);
    for (let wrong = 1; wrong <= 4; wrong += 1) await waiting.browser.post('/2fa/verify', { code: waiting.wrong });
    app.emulator.fail({ call: 'update', delayMs: 200 });
    const sid = await sidOf(waiting);
    await waiting.browser.post('/2fa/verify', { code: waiting.wrong });
    await assertCanceled(sid);
  });

  it('a verification used up while Twilio was down is canceled before the next code is sent', async () => {
    const waiting = await waitForCode(app);
    const { browser, user } = waiting;
    const sid = await sidOf(waiting);
    app.emulator.fail({ call: 'update', drop: true });
    for (let wrong = 1; wrong <= 5; wrong += 1) await browser.post('/2fa/verify', { code: waiting.wrong });
    const before = app.emulator.requests().length;
    assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
    assert.deepEqual(
      app.emulator
        .requests()
        .slice(before)
        .map(({ path }) => path.split('/').at(-1)),
      ['Verifications', sid, 'Verifications'],
    );
    assert.notEqual(await sidOf(waiting), sid);
    const code = await app.emulator.codeFor(user.phone);
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa/success');
    canceled.length = 0;
  });

  it('nothing where the code was right', async () => {
    const updates = callsOf(app, 'update');
    await app.verified(addUser(app).id);
    assert.equal(callsOf(app, 'update'), updates);
    assert.deepEqual(canceled, []);
  });

  for (const { name, fault } of [
    { name: '20404: gone, as was wanted', fault: { code: 20404 } },
    { name: '20429', fault: { code: 20429 } },
    { name: '20500', fault: { code: 20500 } },
    { name: '20003', fault: { code: 20003 } },
    { name: 'a dropped connection', fault: { drop: true } },
  ]) {
    it(`${name}: the cancel still succeeds for the user, and no false cancellation event is emitted`, async () => {
      const { browser } = await waitForCode(app);
      told.length = 0;
      canceled.length = 0;
      app.emulator.fail({ call: 'update', ...fault });
      assert.equal((await browser.post('/2fa/cancel')).location, '/2fa');
      assert.equal((await recordOf(app, browser)).pending, undefined);
      assert.deepEqual(canceled, []);
      assert.deepEqual(told, 'code' in fault && fault.code === 20404 ? [] : ['cancel']);
    });
  }
});
