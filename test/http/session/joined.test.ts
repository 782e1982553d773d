import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import express from 'express';
import { assertRefuses, assertSays } from '../../support/page.js';
import { enterCode, lastCode, withCode, wrongCode } from '../../support/steps.js';
import { startTestApp, type TestAppOptions } from '../../support/test-app.js';

const AS_JSON = { accept: 'application/json' };

/** A user who got a code in one session, and signs in with another. */
async function joined(options: TestAppOptions = {}) {
  const app = await startTestApp(options);
  const first = await withCode(app, 'ann');
  const code = lastCode(app);
  const second = await app.signedIn('ann');
  const answer = await second.post('/2fa', { method: 'sms' });
  assert.deepEqual([answer.status, answer.location], [303, '/2fa/verify']);
  return { app, first, second, code };
}

describe('a second session of a user who has got a code', () => {
  it('takes the code that the first session got, and nothing is sent again', async () => {
    const { app, second, code } = await joined();
    assert.equal(app.emulator.messages().length, 1);
    const { text } = await second.get('/2fa/verify');
    assertSays(text, 'verify.joined');
    assert.equal((await second.post('/2fa/verify', { code })).location, '/2fa/success');
    assert.equal((await second.get('/account')).text, 'account of ann');
  });

  it('the code verifies one of the two sessions, even if Twilio approves it twice', async () => {
    const { app, first, second, code } = await joined();
    const { pending } = (await app.record(first)) as { pending: { sent: { sid: string } } };
    const { sid } = pending.sent;
    const approved = { sid, to: '+12025550123', channel: 'sms', status: 'approved', valid: true };
    app.emulator.fail({ call: 'check', status: 200, body: JSON.stringify(approved), times: 2 });
    const answers = await Promise.all([first, second].map((browser) => browser.post('/2fa/verify', { code })));
    assert.deepEqual(answers.map(({ location }) => location).sort(), ['/2fa/failed', '/2fa/success']);
    const statuses = await Promise.all([first, second].map(async (browser) => (await browser.get('/account')).status));
    assert.deepEqual(statuses.sort(), [200, 302]);
  });

  it('keeps no phone number in the session', async () => {
    const { app, second } = await joined();
    const record = await app.record(second);
    assert.deepEqual(Object.keys(record ?? {}), ['pending']);
    assert.doesNotMatch(JSON.stringify(record), /2025550123/);
  });

  it('a user whose cookie is lost can enter the code in a new session', async () => {
    const app = await startTestApp();
    const browser = await withCode(app, 'ann');
    browser.cookies.clear();
    await browser.post('/login/ann');
    assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
  });

  it('two posts of the same form lead to the code page', async () => {
    const app = await startTestApp();
    const browser = await app.signedIn('ann');
    const answers = await Promise.all([1, 2].map(() => browser.post('/2fa', { method: 'sms' })));
    assert.deepEqual(
      answers.map(({ location }) => location),
      ['/2fa/verify', '/2fa/verify'],
    );
    assert.equal(app.emulator.messages().length, 1);
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
  });

  it('JSON has isJoined', async () => {
    const { app, first, second } = await joined();
    const own = JSON.parse((await first.get('/2fa/verify', AS_JSON)).text);
    assert.equal(own.pending.isJoined, undefined);
    const body = JSON.parse((await second.get('/2fa/verify', AS_JSON)).text);
    assert.equal(body.pending.isJoined, true);
    const third = await app.signedIn('ann');
    const started = await third.post('/2fa', { method: 'sms' }, AS_JSON);
    const { step, result, pending } = JSON.parse(started.text);
    assert.deepEqual([started.status, step, result, pending.isJoined], [200, 'verify', 'sent', true]);
  });

  it('the headless API returns isJoined', async () => {
    const app = await startTestApp({
      routes: (server, _passport, strategy) => {
        server.post('/api/start', async (req, res) => void res.json(await strategy.start(req, 'sms')));
        server.post('/api/check', express.json(), async (req, res) => {
          res.json(await strategy.check(req, req.body.code));
        });
      },
    });
    await withCode(app, 'ann');
    const second = await app.signedIn('ann');
    const started = JSON.parse((await second.post('/api/start')).text);
    assert.deepEqual([started.type, started.pending.isJoined], ['sent', true]);
    const checked = JSON.parse((await second.postJson('/api/check', { code: lastCode(app) })).text);
    assert.equal(checked.type, 'approved');
    assert.equal(checked.info.verificationSid, app.emulator.messages()[0]?.verificationSid);
  });

  it('goes to the code page with sendOnLogin()', async () => {
    const app = await startTestApp({
      twoFactor: { allowedMethods: ['sms'] },
      afterLogin: (strategy) => strategy.sendOnLogin(),
    });
    for (let session = 0; session < 2; session += 1) {
      const browser = app.client();
      assert.equal((await browser.post('/login/ann')).location, '/2fa/verify');
      if (session === 0) continue;
      assertSays((await browser.get('/2fa/verify')).text, 'verify.joined');
      assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
    }
    assert.equal(app.emulator.messages().length, 1);
  });

  it('a protected route accepts the joined code', async () => {
    const { app, second, code } = await joined({
      routes: (server, passport) => {
        server.post('/enter', express.json(), passport.authenticate('twilio-2fa'), (_req, res) => void res.send('in'));
      },
    });
    assert.equal((await second.postJson('/enter', { code })).text, 'in');
    assert.equal(app.emulator.messages().length, 1);
  });

  it('a joined code expires ten minutes after the session joined', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const app = await startTestApp();
    await withCode(app, 'ann');
    t.mock.timers.tick(100_000);
    const second = await app.signedIn('ann');
    await second.post('/2fa', { method: 'sms' });
    const { pending } = JSON.parse((await second.get('/2fa/verify', AS_JSON)).text);
    assert.equal(Date.parse(pending.expiresAt), Date.now() + 600_000);
  });

  it('shows the tries that our own lock leaves', async () => {
    const { app, second } = await joined({ twoFactor: { limits: { wrongCodesPerLock: 4 } } });
    const { pending } = JSON.parse((await second.get('/2fa/verify', AS_JSON)).text);
    assert.equal(pending.attemptsLeft, 4);
    assertRefuses((await enterCode(second, wrongCode(app))).text, 'code_wrong', { attemptsLeft: 3 });
  });

  it('gets a new code when the joined one is used up or gone', async () => {
    const { app, second } = await joined();
    app.emulator.fail({ call: 'check', code: 60202, status: 429 });
    assert.equal((await second.post('/2fa/verify', { code: '123456' })).location, '/2fa/failed');
    assert.equal((await second.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
    assert.equal(app.emulator.messages().length, 2);
    assert.equal((await app.record(second))?.pending !== undefined, true);
    assert.equal((await second.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
  });

  it('a resend after the delay makes the code one that this session got', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const { app, second } = await joined();
    t.mock.timers.tick(180_000);
    assert.equal((await second.post('/2fa/resend')).location, '/2fa/verify');
    assert.equal(app.emulator.messages().length, 2);
    const { pending } = JSON.parse((await second.get('/2fa/verify', AS_JSON)).text);
    assert.equal(pending.isJoined, undefined);
    assert.equal((await second.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
  });

  it('only forgets the code when it cancels: the first session can still use it', async () => {
    const { app, first, second, code } = await joined();
    const calls = app.emulator.requests().length;
    assert.equal((await second.post('/2fa/cancel')).location, '/2fa');
    assert.equal(app.emulator.requests().length, calls);
    assert.equal((await app.record(second))?.pending, undefined);
    assert.equal((await first.post('/2fa/verify', { code })).location, '/2fa/success');
  });

  it('reports no send and no refusal, and the approval with the SID of the code', async () => {
    const app = await startTestApp();
    const events: unknown[] = [];
    app.strategy.on('audit', ({ event, verificationSid }) => events.push([event, verificationSid]));
    await withCode(app, 'ann');
    const second = await app.signedIn('ann');
    await second.post('/2fa', { method: 'sms' });
    await enterCode(second, wrongCode(app));
    await second.post('/2fa/verify', { code: lastCode(app) });
    const sid = app.emulator.messages()[0]?.verificationSid;
    assert.deepEqual(events, [
      ['verificationSent', sid],
      ['verificationRejected', sid],
      ['verificationApproved', sid],
    ]);
  });

  it('waits as before by another rate limit', async () => {
    const app = await startTestApp({
      twoFactor: { retryTimeSeconds: 0, limits: { sendsPerUser: [{ points: 1, durationSeconds: 600 }] } },
    });
    await withCode(app, 'ann');
    const second = await app.signedIn('ann');
    assert.equal((await second.post('/2fa', { method: 'sms' })).location, '/2fa/failed');
    assertRefuses((await second.get('/2fa/failed')).text, 'too_many_sends');
  });
});
