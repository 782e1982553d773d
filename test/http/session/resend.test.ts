import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import { assertRefuses } from '../../support/page.js';
import { addUser, callsOf, recordOf, waitForCode } from '../../support/second-step.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

describe('a code that is sent again', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp();
  });
  beforeEach(() => mock.timers.enable({ apis: ['Date'], now: 1_800_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('a resent code has the same digits, SID, and expiry', async () => {
    const { user, browser, code } = await waitForCode(app);
    const before = (await recordOf(app, browser)).pending;
    assert.equal(before?.expiresAt, 1_800_000_000_000 + 600_000);
    mock.timers.tick(180_000);
    assert.equal((await browser.post('/2fa/resend')).location, '/2fa/verify');
    assert.deepEqual((await recordOf(app, browser)).pending, before);
    assert.deepEqual(
      app.emulator.messages(user.phone).map((message) => message.code),
      [code, code],
    );
    assert.equal((await browser.post('/2fa/verify', { code })).status, 303);
  });

  it('a resend does not extend the life of a code', async () => {
    const { browser, code } = await waitForCode(app);
    mock.timers.tick(599_000);
    await browser.post('/2fa/resend');
    mock.timers.tick(1_000);
    const checks = callsOf(app, 'check');
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa/failed');
    assertRefuses((await browser.get('/2fa/failed')).text, 'code_expired');
    assert.equal(callsOf(app, 'check'), checks);
  });

  it('a code that Twilio has sent too often can be sent again when its verification expires', async () => {
    const { browser } = await waitForCode(app);
    mock.timers.tick(200_500);
    app.emulator.fail({ call: 'create', code: 60203 });
    const answer = await browser.post('/2fa/resend', {}, { accept: 'application/json' });
    assert.equal(JSON.parse(answer.text).code, 'too_many_sends');
    assert.equal(answer.headers['retry-after'], '400');
  });

  it('an immediate resend by another method keeps the verification, and the session records the method', async () => {
    const { user, browser, code } = await waitForCode(app);
    const before = (await recordOf(app, browser)).pending;
    assert.equal((await browser.post('/2fa', { method: 'call' })).location, '/2fa/verify');
    const after = (await recordOf(app, browser)).pending;
    assert.deepEqual(after, { ...before, sent: { ...before?.sent, method: 'call' } });
    assert.deepEqual(
      app.emulator.messages(user.phone).map(({ channel }) => channel),
      ['sms', 'call'],
    );
    assert.equal((await browser.post('/2fa/verify', { code })).status, 303);
  });

  it('a resend does not reset the count of wrong codes', async () => {
    const { browser, wrong } = await waitForCode(app);
    await browser.post('/2fa/verify', { code: wrong });
    await browser.post('/2fa/verify', { code: wrong });
    await browser.post('/2fa', { method: 'call' });
    assert.equal((await recordOf(app, browser)).pending?.sent?.wrong, 2);
  });

  it('a resend after ten minutes starts a new verification with a new expiry', async () => {
    const { user, browser } = await waitForCode(app);
    const before = (await recordOf(app, browser)).pending;
    mock.timers.tick(600_000);
    await browser.post('/2fa', { method: 'sms' });
    const after = (await recordOf(app, browser)).pending;
    assert.notEqual(after?.sent?.sid, before?.sent?.sid);
    assert.equal(after?.expiresAt, 1_800_000_000_000 + 1_200_000);
    assert.equal(after?.sent?.wrong, 0);
    assert.equal((await browser.post('/2fa/verify', { code: await app.emulator.codeFor(user.phone) })).status, 303);
  });

  it('a resent code expires by the time at which Twilio created it, not by the time of the send', async () => {
    const user = addUser(app);
    await waitForCode(app, user);
    mock.timers.tick(240_000);
    const other = await app.signedIn(user.id);
    await other.post('/2fa', { method: 'sms' });
    assert.equal((await recordOf(app, other)).pending?.expiresAt, 1_800_000_000_000 + 600_000);
  });

  it('a resend with nothing pending sends nothing and redirects to the start page', async () => {
    const browser = await app.signedIn(addUser(app).id);
    const creates = callsOf(app, 'create');
    assert.equal((await browser.post('/2fa/resend')).location, '/2fa');
    assert.equal(callsOf(app, 'create'), creates);
  });
});
