import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import express from 'express';
import * as published from 'passport-twilio-verify';
import { Strategy, TwilioVerifyStrategy } from 'passport-twilio-verify';
import type { Client } from '../../support/client.js';
import { addUser, answerErrors, recordOf } from '../../support/second-step.js';
import { startTestApp, type TestApp, type TestUser } from '../../support/test-app.js';

const OPTIONS = { phoneNumber: () => undefined, storePhoneNumber: () => undefined };

describe('the export', () => {
  it('the class is also exported as Strategy, as in other packages', () => {
    assert.equal(Strategy, TwilioVerifyStrategy);
  });

  it('the package has no default export and no private exports', () => {
    assert.deepEqual(Object.keys(published).sort(), [
      'MemoryFactorStore',
      'REFUSAL_STATUS',
      'Strategy',
      'TwilioApiError',
      'TwilioVerifyError',
      'TwilioVerifyStrategy',
      'testFactorStore',
    ]);
  });
});

describe('the name', () => {
  it('the strategy name is twilio-2fa by default', () => {
    assert.equal(new Strategy<TestUser>(OPTIONS).name, 'twilio-2fa');
    assert.equal(new Strategy<TestUser>({ ...OPTIONS, name: 'payments' }).name, 'payments');
  });
});

describe('two strategies with two names', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp();
    const { accountSid, authToken, serviceSid, url } = app.emulator;
    const payments = new TwilioVerifyStrategy<TestUser>({
      ...{ accountSid, authToken, serviceSid, baseUrl: url },
      name: 'payments',
      mountPath: '/pay',
      phoneNumber: ({ user }) => user.email,
      storePhoneNumber: () => undefined,
    });
    app.passport.use(payments);
    app.app.use('/pay', payments.router());
    app.app.get('/transfer', app.passport.authenticate('payments'), (_req, res) => void res.send('transferred'));
    app.app.get(
      '/both',
      app.passport.authenticate('twilio-2fa'),
      app.passport.authenticate('payments'),
      (_req, res) => void res.send('both'),
    );
    app.app.post(
      '/transfer',
      express.urlencoded({ extended: false }),
      app.passport.authenticate('payments'),
      (_req, res) => void res.send('transferred'),
    );
    app.app.use(answerErrors);
  });

  // The second strategy has another number of the same user, so that the two verifications are two.
  const twoNumbers = () => {
    const user = addUser(app);
    const email = user.phone.replace('+1202556', '+1202557');
    app.users.set(user.id, { ...user, email });
    return { ...user, email };
  };
  const verifyPayment = async (browser: Client, { email }: { email: string }) => {
    await browser.post('/pay', { method: 'sms' });
    return browser.post('/pay/verify', { code: await app.emulator.codeFor(email) });
  };

  it('a verification for one strategy does not open the routes of the other', async () => {
    const browser = await app.verified(twoNumbers().id);
    assert.equal((await browser.get('/account')).status, 200);
    assert.equal((await browser.get('/transfer')).location, '/pay');
  });

  it('a code for one is not checked by the other', async () => {
    const user = twoNumbers();
    const browser = await app.signedIn(user.id);
    await browser.post('/2fa', { method: 'sms' });
    const code = await app.emulator.codeFor(user.phone);
    assert.equal((await browser.post('/transfer', { code })).location, '/pay');
    assert.equal((await browser.post('/2fa/verify', { code })).status, 303);
  });

  it('each strategy has a separate record', async () => {
    const user = twoNumbers();
    const browser = await app.verified(user.id);
    await browser.post('/pay', { method: 'sms' });
    assert.deepEqual(Object.keys(await recordOf(app, browser)), ['verified']);
    assert.deepEqual(Object.keys(await recordOf(app, browser, 'payments')), ['pending']);
  });

  it('verifying for one does not undo the verification for the other', async () => {
    const user = twoNumbers();
    const browser = await app.verified(user.id);
    await browser.get('/transfer');
    assert.equal((await verifyPayment(browser, user)).location, '/transfer');
    assert.equal((await browser.get('/transfer')).text, 'transferred');
    assert.equal((await browser.get('/account')).status, 200);
    assert.equal((await browser.get('/both')).text, 'both');
  });
});
