import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import express from 'express';
import { addUser, callsOf, waitForCode } from '../../support/second-step.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

/** Long enough for all requests of a test to be under way, in milliseconds of the emulator's network. */
const HELD_MS = 150;

describe('the right code that is submitted more than once', () => {
  let app: TestApp;
  let lookUpSlowly: (() => Promise<void>) | undefined;
  const heard: string[] = [];
  before(async () => {
    app = await startTestApp({
      twoFactor: {
        phoneNumber: async ({ user, req }) => {
          if (req?.headers['x-slow']) await lookUpSlowly?.();
          return user.phone;
        },
      },
      routes: (server, passport) => {
        server.use('/gate', express.urlencoded({ extended: false }));
        server.post('/gate', passport.authenticate('twilio-2fa'), (_req, res) => void res.send('in'));
      },
    });
    app.strategy.on('verificationApproved', ({ verificationSid }) => heard.push(String(verificationSid)));
  });

  const ways = [
    { name: 'to the code page', path: '/2fa/verify', status: 303, location: '/account?tab=1' },
    { name: 'to a route with the strategy', path: '/gate', status: 200, location: null },
  ];
  for (const { name, path, status, location } of ways) {
    for (const submits of [2, 5]) {
      it(`${name}, ${submits} times in flight together: all end verified, with one call to Twilio`, async () => {
        const { browser, code } = await waitForCode(app);
        await browser.get('/account?tab=1');
        const checks = callsOf(app, 'check');
        const approvals = heard.length;
        app.emulator.fail({ call: 'check', delayMs: HELD_MS });
        const tabs = Array.from({ length: submits }, () => browser.fork());
        const answers = await Promise.all(tabs.map((tab) => tab.post(path, { code })));
        for (const answer of answers) assert.deepEqual([answer.status, answer.location], [status, location]);
        for (const tab of tabs) assert.equal((await tab.get('/account')).status, 200);
        assert.equal(callsOf(app, 'check') - checks, 1);
        assert.equal(heard.length - approvals, 1, 'one approval is told');
      });
    }

    it(`${name}, again on the verified session: the same answer without a call to Twilio`, async () => {
      const { browser, code } = await waitForCode(app);
      await browser.get('/account?tab=1');
      await browser.post(path, { code });
      const checks = callsOf(app, 'check');
      for (const again of [code, '000000', '']) {
        const answer = await browser.post(path, { code: again });
        assert.deepEqual([answer.status, answer.location], [status, location]);
      }
      assert.equal(callsOf(app, 'check'), checks);
    });
  }

  it('again, with no page stopped: both go to the success page', async () => {
    const { browser, code } = await waitForCode(app);
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa/success');
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa/success');
  });

  it('a second submit that is still being read when the first one completes is verified as well', async () => {
    const { browser, code } = await waitForCode(app);
    await browser.get('/account');
    let release = () => {};
    const isHeld = new Promise<void>((held) => {
      lookUpSlowly = () =>
        new Promise((resolve) => {
          release = resolve;
          held();
        });
    });
    const slow = browser.fork();
    const second = slow.post('/2fa/verify', { code }, { 'x-slow': 'yes' });
    // Its session has been read by now, and the application is looking its number up.
    await isHeld;
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/account');
    release();
    assert.equal((await second).location, '/account');
    assert.equal((await slow.get('/account')).status, 200);
  });

  it('a right code and a wrong one in flight are separate attempts, and only the right submit is verified', async () => {
    const { browser, code, wrong } = await waitForCode(app);
    const checks = callsOf(app, 'check');
    const tab = browser.fork();
    const other = browser.fork();
    app.emulator.fail({ call: 'check', times: 2, delayMs: HELD_MS });
    const [right, no] = await Promise.all([
      tab.post('/2fa/verify', { code }),
      other.post('/2fa/verify', { code: wrong }),
    ]);
    assert.equal(right.location, '/2fa/success');
    assert.notEqual(no.location, '/2fa/success');
    assert.equal(callsOf(app, 'check') - checks, 2);
    assert.equal((await tab.get('/account')).status, 200);
    assert.notEqual((await other.get('/account')).status, 200);
  });

  it('the same code in two sessions of one user is checked for each: one verification, two devices', async () => {
    const user = addUser(app);
    const first = await waitForCode(app, user);
    const second = await app.signedIn(user.id);
    // The pause between two sends is the user's, so the second device uses another method: SID and code are the same.
    await second.post('/2fa', { method: 'call' });
    assert.equal((await first.browser.post('/2fa/verify', { code: first.code })).status, 303);
    const answer = await second.post('/2fa/verify', { code: first.code });
    assert.equal(answer.location, '/2fa/failed', 'Twilio has forgotten it: a new code is needed');
    assert.equal((await second.get('/account')).location, '/2fa');
  });
});
