import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertSays, hasForm, linksTo } from '../../support/page.js';
import { createCodes, getJson, giveCodes, postJson, WRONG_CODE, withRecovery } from '../../support/recovery.js';
import { lastCode } from '../../support/steps.js';
import { startTestApp, type TestOptions } from '../../support/test-app.js';

const start = (twoFactor: TestOptions = {}) => startTestApp({ twoFactor: withRecovery(twoFactor) });
const CODE = /[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}/g;

describe('new recovery codes', () => {
  it('the page shows ten codes once, with a file to save, and is not cached', async () => {
    const app = await start();
    const browser = await app.verified('ann');
    assert.ok(hasForm((await browser.get('/2fa/recovery-codes')).text, '/2fa/recovery-codes'));
    const { status, text, headers } = await browser.post('/2fa/recovery-codes');
    assert.equal(status, 200);
    assert.equal(headers['cache-control'], 'no-store');
    const codes = [...text.matchAll(/<li>([^<]+)<\/li>/g)].map(([, code]) => code ?? '');
    assert.equal(codes.length, 10);
    const [, file = ''] = /href="data:text\/plain;charset=utf-8,([^"]+)" download/.exec(text) ?? [];
    assert.deepEqual(decodeURIComponent(file.replaceAll('&amp;', '&')).trim().split('\r\n'), codes);

    const again = (await browser.get('/2fa/recovery-codes')).text;
    assert.equal(again.match(CODE), null);
    assert.ok(hasForm(again, '/2fa/recovery-codes/confirm'), 'the user can still confirm the codes');
  });

  it('codes work only after the user typed one of them, which stays valid', async () => {
    const app = await start();
    const browser = await app.verified('ann');
    const codes = await createCodes(browser);
    assert.equal(
      (await postJson(await app.signedIn('ann'), '/2fa/recovery', { code: codes[3] })).body.code,
      'code_wrong',
    );

    const { status, location } = await browser.post('/2fa/recovery-codes/confirm', { code: codes[3] ?? '' });
    assert.deepEqual([status, location], [303, '/2fa/success']);
    assertSays((await browser.get('/2fa/success')).text, 'notice.recovery_codes_created');
    const { body } = await postJson(await app.signedIn('ann'), '/2fa/recovery', { code: codes[3] });
    assert.deepEqual([body.result, body.recoveryCodesLeft], ['approved', 9]);
  });

  it('the old set works until the new one is confirmed, and not afterwards', async () => {
    const app = await start();
    const old = await giveCodes(app, 'ann');
    const browser = await app.signedIn('ann');
    await browser.post('/2fa', { method: 'call' });
    await browser.post('/2fa/verify', { code: lastCode(app) });
    const codes = await createCodes(browser);
    assert.equal(
      (await postJson(await app.signedIn('ann'), '/2fa/recovery', { code: old[1] })).body.result,
      'approved',
    );
    await postJson(browser, '/2fa/recovery-codes/confirm', { code: codes[0] });
    assert.equal(
      (await postJson(await app.signedIn('ann'), '/2fa/recovery', { code: old[2] })).body.code,
      'code_wrong',
    );
    assert.equal(
      (await postJson(await app.signedIn('ann'), '/2fa/recovery', { code: codes[1] })).body.result,
      'approved',
    );
  });

  it('a reload makes another set, and the one before it can no longer be confirmed', async () => {
    const app = await start();
    const browser = await app.verified('ann');
    const first = await createCodes(browser);
    const second = await createCodes(browser);
    assert.equal(first.filter((code) => second.includes(code)).length, 0);
    const { status, body } = await postJson(browser, '/2fa/recovery-codes/confirm', { code: first[0] });
    assert.deepEqual([status, body.code], [422, 'code_wrong']);
    assert.equal(
      (await postJson(browser, '/2fa/recovery-codes/confirm', { code: second[0] })).body.result,
      'confirmed',
    );
  });

  it('a confirmation that is submitted twice succeeds twice', async () => {
    const app = await start();
    const browser = await app.verified('ann');
    const [code = ''] = await createCodes(browser);
    assert.equal((await postJson(browser, '/2fa/recovery-codes/confirm', { code })).body.result, 'confirmed');
    assert.equal((await postJson(browser, '/2fa/recovery-codes/confirm', { code })).body.result, 'confirmed');
  });

  it('a confirmation without new codes leads back to the page', async () => {
    const app = await start();
    const browser = await app.verified('ann');
    const { status, body } = await postJson(browser, '/2fa/recovery-codes/confirm', { code: WRONG_CODE });
    assert.deepEqual([status, body.code], [409, 'nothing_pending']);
  });

  it('ten wrong confirmations lock the user out', async () => {
    const app = await start();
    const browser = await app.verified('ann');
    const codes = await createCodes(browser);
    for (let count = 0; count < 9; count += 1) {
      assert.equal(
        (await postJson(browser, '/2fa/recovery-codes/confirm', { code: WRONG_CODE })).body.code,
        'code_wrong',
      );
    }
    assert.equal((await postJson(browser, '/2fa/recovery-codes/confirm', { code: WRONG_CODE })).body.code, 'locked');
    assert.equal((await postJson(browser, '/2fa/recovery-codes/confirm', { code: codes[0] })).body.code, 'locked');
  });

  it('a correct confirmation does not forget the wrong codes of a sign-in', async () => {
    const app = await start();
    const browser = await app.verified('ann');
    const guesser = await app.signedIn('ann');
    for (let count = 0; count < 3; count += 1) await postJson(guesser, '/2fa/recovery', { code: WRONG_CODE });
    const [code = ''] = await createCodes(browser);
    await postJson(browser, '/2fa/recovery-codes/confirm', { code });
    assert.equal((await postJson(guesser, '/2fa/recovery', { code: WRONG_CODE })).body.attemptsLeft, 6);
  });

  it('a user who was verified more than 5 minutes ago confirms again first, and comes back', async () => {
    let now = Date.now();
    const app = await start({ clock: () => now, retryTimeSeconds: 0 });
    const browser = await app.verified('ann');
    now += 300_000;
    assert.equal((await postJson(browser, '/2fa/recovery-codes')).body.code, 'verification_required');
    assert.equal((await browser.get('/2fa/recovery-codes')).location, '/2fa');
    await browser.post('/2fa', { method: 'sms' });
    const { location } = await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.equal(location, '/2fa/recovery-codes');
    assert.ok(hasForm((await browser.get('/2fa/recovery-codes')).text, '/2fa/recovery-codes'));
  });

  it('a user who is not verified gets no codes', async () => {
    const app = await start();
    const browser = await app.signedIn('ann');
    assert.equal((await postJson(browser, '/2fa/recovery-codes')).body.code, 'verification_required');
    assert.equal((await postJson(browser, '/2fa/recovery-codes/confirm', { code: WRONG_CODE })).status, 401);
    assert.equal((await getJson(browser, '/2fa/recovery-codes')).status, 401);
  });

  it('a user who registers a number is offered codes, and can continue without them', async () => {
    const app = await start();
    const browser = await app.signedIn('ben');
    await browser.get('/account');
    await browser.post('/2fa/register', { phoneNumber: '+12025550155', method: 'sms' });
    const { location } = await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.equal(location, '/2fa/recovery-codes');
    const { text } = await browser.get('/2fa/recovery-codes');
    assertSays(text, 'notice.number_registered');
    assert.ok(linksTo(text, '/account'));
    assert.equal((await browser.get('/account')).status, 200);
  });
});

describe('option recoveryCodes: { required: true }', () => {
  const required: TestOptions = { recoveryCodes: { required: true } };

  it('a protected route leads to the codes until the user has confirmed some', async () => {
    const app = await start(required);
    const browser = await app.signedIn('ann');
    await browser.get('/account');
    await browser.post('/2fa', { method: 'sms' });
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/recovery-codes');
    assert.equal((await browser.get('/account')).location, '/2fa/recovery-codes');
    assert.equal((await browser.get('/2fa')).location, '/2fa/recovery-codes');
    assertSays((await browser.get('/2fa/recovery-codes')).text, 'refusal.recovery_codes_required');

    const codes = await createCodes(browser);
    assert.equal(
      (await browser.get('/account')).location,
      '/2fa/recovery-codes',
      'codes that were only shown do not count',
    );
    await browser.post('/2fa/recovery-codes/confirm', { code: codes[0] ?? '' });
    assert.ok(linksTo((await browser.get('/2fa/success')).text, '/account'));
    assert.equal((await browser.get('/account')).status, 200);
  });

  it('any other request than a page gets 401, and the headless API says that no one is verified', async () => {
    const app = await startTestApp({
      twoFactor: withRecovery(required),
      routes: (server, _passport, strategy) => {
        server.get('/verification', async (req, res) => void res.json(await strategy.verification(req)));
        server.get('/status', async (req, res) => void res.json(await strategy.status(req)));
      },
    });
    const browser = await app.verified('ann');
    const { status, text } = await browser.get('/account', { accept: 'application/json' });
    assert.equal(status, 401);
    assert.equal(text, 'Unauthorized');
    assert.deepEqual(JSON.parse((await browser.get('/verification')).text), { isVerified: false });
    assert.equal(JSON.parse((await browser.get('/status')).text).isVerified, false);
    const [code = ''] = await createCodes(browser);
    await postJson(browser, '/2fa/recovery-codes/confirm', { code });
    assert.equal(JSON.parse((await browser.get('/verification')).text).isVerified, true);
  });

  it('a user with an unused code sees no prompt for new codes', async () => {
    const app = await start(required);
    await giveCodes(app, 'ann');
    const browser = await app.signedIn('ann');
    await browser.post('/2fa', { method: 'call' });
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.equal((await browser.get('/account')).status, 200);
  });

  it('a user who confirmed codes in another session continues', async () => {
    const app = await start(required);
    const other = await app.verified('ann');
    const browser = await app.signedIn('ann');
    await browser.post('/2fa', { method: 'call' });
    await browser.post('/2fa/verify', { code: lastCode(app) });
    const [code = ''] = await createCodes(other);
    await postJson(other, '/2fa/recovery-codes/confirm', { code });
    assert.equal((await browser.get('/account')).location, '/2fa/recovery-codes');
    assert.equal((await browser.get('/2fa/recovery-codes')).location, '/account');
    assert.equal((await browser.get('/account')).status, 200);
  });

  it('a session that a recovery code verified sees no prompt for new codes', async () => {
    const app = await start({ recoveryCodes: { required: true, count: 1 } });
    const [code = ''] = await giveCodes(app, 'ann');
    const browser = await app.signedIn('ann');
    await browser.post('/2fa/recovery', { code });
    assert.equal((await browser.get('/account')).status, 200);
  });

  it('the callback of passport.authenticate gets recovery_codes_required and where to go', async () => {
    const app = await startTestApp({
      twoFactor: withRecovery(required),
      routes: (server, passport) =>
        server.get('/api', (req, res, next) => {
          const answer = (error: unknown, user: unknown, info: object, status: number) =>
            error || user ? next(error) : void res.status(status).json(info);
          passport.authenticate('twilio-2fa', answer)(req, res, next);
        }),
    });
    const browser = await app.verified('ann');
    const { status, text } = await browser.get('/api', { accept: 'application/json' });
    const { code, location } = JSON.parse(text);
    assert.deepEqual([status, code, location], [401, 'recovery_codes_required', '/2fa/recovery-codes']);
  });
});
