/**
 * T30, T4, and T8. Who: a user who knows a victim's password, or only a phone number. What they do: join a code that
 * someone else requested, guess it in many sessions, or cancel it. What they would gain: a verification without a
 * message to their own phone, more guesses, or the end of a sign-in. The defense: only a sign-in joins, only a code of
 * the same user, recipient, and method, the recipient comes from the app, guesses count per user, and a canceled join
 * ends nothing.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { recordOf } from '../support/second-step.js';
import { lastCode, withCode, wrongCode } from '../support/steps.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { startWiretap } from './support/wiretap.js';

const checksOf = ({ emulator }: TestApp) =>
  emulator.requests().filter(({ path }) => path.endsWith('/VerificationCheck'));

describe('T30: joined codes', () => {
  it('a user cannot join the code of another user, and gets a separate one', async () => {
    const app = await startTestApp();
    await withCode(app, 'ann');
    const code = lastCode(app);
    const mallory = await app.signedIn('eve');
    await mallory.post('/2fa', { method: 'sms', to: '+12025550123', phoneNumber: '+12025550123', userId: 'ann' });
    assert.deepEqual(
      app.emulator.messages().map(({ to }) => to),
      ['+12025550123', '+12025550199'],
    );
    assert.equal((await recordOf(app, mallory)).pending?.sent?.joined, undefined);
    if (code !== lastCode(app)) assert.equal((await mallory.post('/2fa/verify', { code })).location, '/2fa/verify');
    assert.equal((await mallory.get('/account')).location, '/2fa');
  });

  it('a user who joined and then changes to another recipient verifies nothing with the joined code', async () => {
    const app = await startTestApp();
    await withCode(app, 'ann');
    const code = lastCode(app);
    const second = await app.signedIn('ann');
    await second.post('/2fa', { method: 'sms' });
    app.users.set('ann', { id: 'ann', phone: '+12025550188' });
    const checks = checksOf(app).length;
    assert.equal((await second.post('/2fa/verify', { code })).location, '/2fa');
    assert.equal(checksOf(app).length, checks);
    assert.equal((await second.get('/account')).location, '/2fa');
  });

  it('a registration cannot join: the second session waits', async () => {
    const app = await startTestApp();
    const number = { phoneNumber: '+12025550177', method: 'sms' };
    const [first, second] = [await app.signedIn('ben'), await app.signedIn('ben')];
    assert.equal((await first.post('/2fa/register', number)).location, '/2fa/verify');
    const code = lastCode(app);
    const { status, text } = await second.post('/2fa/register', number, { accept: 'application/json' });
    assert.deepEqual([status, JSON.parse(text).code], [429, 'retry_later']);
    assert.equal((await recordOf(app, second)).pending?.sent, undefined);
    await second.post('/2fa/verify', { code });
    assert.equal(app.users.get('ben')?.phone, undefined);
  });

  it("a stranger cannot join a registration's pending code with the same number", async () => {
    const app = await startTestApp();
    app.users.set('mal', { id: 'mal' });
    const number = { phoneNumber: '+12025550177', method: 'sms' };
    await (await app.signedIn('ben')).post('/2fa/register', number);
    const mallory = await app.signedIn('mal');
    await mallory.post('/2fa/register', number);
    // Twilio shares the verification, so the owner of the phone gets a message for it.
    assert.equal(app.emulator.messages('+12025550177').length, 2);
    assert.equal((await recordOf(app, mallory)).pending?.sent?.joined, undefined);
  });

  it('a change of the number cannot join', async () => {
    const app = await startTestApp();
    const first = await app.verified('ann');
    const second = await app.verified('ann');
    const number = { phoneNumber: '+12025550177', method: 'sms' };
    await first.post('/2fa/change', number);
    const { status, text } = await second.post('/2fa/change', number, { accept: 'application/json' });
    assert.deepEqual([status, JSON.parse(text).code], [429, 'retry_later']);
    assert.equal((await recordOf(app, second)).pending?.sent, undefined);
  });

  it('guesses in joined sessions count for the user, and lock after ten', async () => {
    const app = await startTestApp({ emulator: { maxChecks: 100 } });
    await withCode(app, 'ann');
    for (let guess = 0; guess < 10; guess += 1) {
      const session = await app.signedIn('ann');
      assert.equal((await session.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
      await session.post('/2fa/verify', { code: wrongCode(app) });
    }
    assert.equal(checksOf(app).length, 10);
    const last = await app.signedIn('ann');
    assert.equal((await last.post('/2fa', { method: 'sms' })).location, '/2fa/failed');
    assert.ok(await app.strategy.admin.lockedUntil({ id: 'ann' }));
    assert.equal(checksOf(app).length, 10);
  });

  it('an answer of Twilio about another recipient or another verification verifies no one', async () => {
    for (const body of [
      { sid: `VE${'1'.repeat(32)}`, to: '+12025550199', status: 'approved' },
      { sid: `VE${'1'.repeat(32)}`, to: '', status: 'approved' },
    ]) {
      const app = await startTestApp();
      await withCode(app, 'ann');
      const second = await app.signedIn('ann');
      await second.post('/2fa', { method: 'sms' });
      app.emulator.fail({ call: 'check', status: 200, body: JSON.stringify(body) });
      await second.post('/2fa/verify', { code: lastCode(app) });
      assert.equal((await second.get('/account')).location, '/2fa');
      assert.equal((await recordOf(app, second)).verified, undefined);
    }
  });

  it('a code is checked by the recipient from the app, and by the SID once Twilio has named it', async () => {
    const wiretap = await startWiretap();
    const app = await startTestApp({ twoFactor: { baseUrl: wiretap.url } });
    wiretap.connect(app.emulator.url);
    await withCode(app, 'ann');
    const second = await app.signedIn('ann');
    await second.post('/2fa', { method: 'sms' });
    await second.post('/2fa/verify', { code: wrongCode(app), to: '+12025550199', To: '+12025550199' });
    await second.post('/2fa/verify', { code: lastCode(app) });
    assert.deepEqual(
      wiretap.checks.map((check) => [check.get('To'), check.get('VerificationSid')]),
      [
        ['+12025550123', null],
        [null, app.emulator.messages()[0]?.verificationSid],
      ],
    );
  });

  it('a verification whose SID was taken over is the only one that counts', async () => {
    const app = await startTestApp();
    await withCode(app, 'ann');
    const second = await app.signedIn('ann');
    await second.post('/2fa', { method: 'sms' });
    await second.post('/2fa/verify', { code: wrongCode(app) });
    const body = JSON.stringify({ sid: `VE${'1'.repeat(32)}`, to: '+12025550123', status: 'approved' });
    app.emulator.fail({ call: 'check', status: 200, body });
    await second.post('/2fa/verify', { code: lastCode(app) });
    assert.equal((await second.get('/account')).location, '/2fa');
  });

  it('a joined session cannot cancel the code of the session that got it', async () => {
    const app = await startTestApp();
    const victim = await withCode(app, 'ann');
    const other = await app.signedIn('ann');
    await other.post('/2fa', { method: 'sms' });
    // The answer to a wrong code names the verification.
    await other.post('/2fa/verify', { code: wrongCode(app) });
    await other.post('/2fa/cancel');
    assert.equal((await victim.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
  });

  it('a session that canceled its own code does not wait for it', async () => {
    const app = await startTestApp();
    const browser = await withCode(app, 'ann');
    await browser.post('/2fa/cancel');
    const { status, text } = await browser.post('/2fa', { method: 'sms' }, { accept: 'application/json' });
    assert.deepEqual([status, JSON.parse(text).code], [429, 'retry_later']);
  });
});
