import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertSays, linksTo } from '../../support/page.js';
import { getJson, giveCodes, postJson, WRONG_CODE, withRecovery } from '../../support/recovery.js';
import { lastCode, withCode, wrongCode } from '../../support/steps.js';
import { startTestApp, type TestAppOptions, type TestOptions } from '../../support/test-app.js';

const start = (twoFactor: TestOptions = {}, rest: Omit<TestAppOptions, 'twoFactor'> = {}) =>
  startTestApp({ ...rest, twoFactor: withRecovery(twoFactor) });

describe('a sign-in with a recovery code', () => {
  it('the start page and the code page link to it, and the user is in after one code', async () => {
    const app = await start();
    const [code = ''] = await giveCodes(app, 'ann');
    const browser = await app.signedIn('ann');
    assert.ok(linksTo((await browser.get('/2fa')).text, '/2fa/recovery'));
    await browser.post('/2fa', { method: 'call' });
    assert.ok(linksTo((await browser.get('/2fa/verify')).text, '/2fa/recovery'));
    assertSays((await browser.get('/2fa/recovery')).text, 'recovery.lead');

    const { status, location } = await browser.post('/2fa/recovery', { code: code.toLowerCase().replaceAll('-', ' ') });
    assert.deepEqual([status, location], [303, '/2fa/success']);
    const { text } = await browser.get('/2fa/success');
    assertSays(text, 'success.recovery');
    assertSays(text, 'recoveryCodes.left', { left: 9 });
    assert.equal((await browser.get('/account')).status, 200);
  });

  it('a recovery code redirects to the page that required the verification', async () => {
    const app = await start();
    const [code = ''] = await giveCodes(app, 'ann');
    const browser = await app.signedIn('ann');
    await browser.get('/account');
    await browser.post('/2fa/recovery', { code });
    assert.ok(linksTo((await browser.get('/2fa/success')).text, '/account'));
  });

  it('a code works once', async () => {
    const app = await start();
    const [code = ''] = await giveCodes(app, 'ann');
    assert.equal((await postJson(await app.signedIn('ann'), '/2fa/recovery', { code })).body.result, 'approved');
    const second = await app.signedIn('ann');
    const { status, body } = await postJson(second, '/2fa/recovery', { code });
    assert.deepEqual([status, body.code, body.attemptsLeft], [422, 'code_wrong', 9]);
    assert.notEqual((await second.get('/account')).status, 200);
  });

  it('every code of a set works', async () => {
    const app = await start({ recoveryCodes: { count: 3 } });
    const codes = await giveCodes(app, 'ann');
    assert.equal(codes.length, 3);
    for (const [index, code] of codes.entries()) {
      const { body } = await postJson(await app.signedIn('ann'), '/2fa/recovery', { code });
      assert.deepEqual([body.result, body.recoveryCodesLeft], ['approved', 2 - index]);
    }
    const page = await getJson(await app.signedIn('ann'), '/2fa/recovery');
    assert.equal(page.body.hasCodes, false);
  });

  it('a user without recovery codes sees a page with the reason', async () => {
    const app = await start();
    const browser = await app.signedIn('ann');
    assertSays((await browser.get('/2fa/recovery')).text, 'recovery.none');
    assert.equal((await postJson(browser, '/2fa/recovery', { code: WRONG_CODE })).body.code, 'code_wrong');
  });

  it('a code of another user is wrong', async () => {
    const app = await start();
    const [code = ''] = await giveCodes(app, 'ann');
    await giveCodes(app, 'eve');
    assert.equal((await postJson(await app.signedIn('eve'), '/2fa/recovery', { code })).body.code, 'code_wrong');
  });

  for (const { name, code } of [
    { name: 'an empty field', code: '' },
    { name: 'a code by SMS', code: '123456' },
    { name: 'half a code', code: '0000-0000' },
  ]) {
    it(`${name} costs no attempt`, async () => {
      const app = await start();
      const browser = await app.signedIn('ann');
      const { status, body } = await postJson(browser, '/2fa/recovery', { code });
      assert.deepEqual([status, body.code], [422, 'code_malformed']);
      assert.equal((await postJson(browser, '/2fa/recovery', { code: WRONG_CODE })).body.attemptsLeft, 9);
    });
  }

  it('a session that is verified uses up no code', async () => {
    const app = await start();
    const [code = ''] = await giveCodes(app, 'ann');
    const browser = await app.verified('ann');
    assert.equal((await postJson(browser, '/2fa/recovery', { code })).body.result, 'alreadyVerified');
    assert.equal((await postJson(await app.signedIn('ann'), '/2fa/recovery', { code })).body.result, 'approved');
  });

  it('a pending code by SMS no longer counts afterwards', async () => {
    const app = await start();
    const [code = ''] = await giveCodes(app, 'ann');
    const browser = await withCode(app, 'ann', 'call');
    await browser.post('/2fa/recovery', { code });
    assert.equal((await app.record(browser))?.pending, undefined);
  });

  it('the session ID is another one afterwards', async () => {
    const app = await start();
    const [code = ''] = await giveCodes(app, 'ann');
    const browser = await app.signedIn('ann');
    const thief = browser.fork();
    await browser.post('/2fa/recovery', { code });
    assert.equal((await browser.get('/account')).status, 200);
    assert.notEqual((await thief.get('/account')).status, 200);
  });

  it('the recovery pages do not exist without the option', async () => {
    const app = await startTestApp();
    const browser = await app.signedIn('ann');
    assert.ok(!linksTo((await browser.get('/2fa')).text, '/2fa/recovery'));
    assert.equal((await browser.get('/2fa/recovery')).location, '/2fa');
    assert.equal((await postJson(browser, '/2fa/recovery', { code: WRONG_CODE })).status, 503);
    const verified = await app.verified('ann');
    assert.equal((await verified.get('/2fa/recovery-codes')).location, '/2fa');
    assert.equal((await postJson(verified, '/2fa/recovery-codes')).status, 503);
  });
});

describe('the lockout', () => {
  it('wrong codes by SMS and wrong recovery codes lock the user out together', async () => {
    const app = await start();
    const codes = await giveCodes(app, 'ann');
    const browser = await withCode(app, 'ann', 'call');
    for (let count = 0; count < 4; count += 1) await browser.post('/2fa/verify', { code: wrongCode(app) });
    for (const attemptsLeft of [5, 4, 3, 2, 1]) {
      const { body } = await postJson(browser, '/2fa/recovery', { code: WRONG_CODE });
      assert.deepEqual([body.code, body.attemptsLeft], ['code_wrong', attemptsLeft]);
    }
    assert.equal((await postJson(browser, '/2fa/recovery', { code: WRONG_CODE })).body.code, 'locked');

    assert.equal((await postJson(browser, '/2fa/recovery', { code: codes[0] })).status, 429);
    assert.equal((await postJson(browser, '/2fa/verify', { code: lastCode(app) })).status, 429);
    assert.notEqual((await browser.get('/account')).status, 200);
    await app.strategy.admin.unlock({ id: 'ann' }, { actor: 'ops', reason: 'called' });
    assert.equal((await postJson(browser, '/2fa/recovery', { code: codes[0] })).body.result, 'approved');
  });

  it('a correct recovery code forgets the wrong codes', async () => {
    const app = await start();
    const [code = ''] = await giveCodes(app, 'ann');
    const browser = await app.signedIn('ann');
    for (let count = 0; count < 9; count += 1) await browser.post('/2fa/recovery', { code: WRONG_CODE });
    assert.equal((await postJson(browser, '/2fa/recovery', { code })).body.result, 'approved');
    const next = await app.signedIn('ann');
    assert.equal((await postJson(next, '/2fa/recovery', { code: WRONG_CODE })).body.attemptsLeft, 9);
  });

  it('64 kB in the field is refused before anything else, and costs no attempt', async () => {
    const app = await start();
    await giveCodes(app, 'ann');
    const browser = await app.signedIn('ann');
    for (const code of ['0'.repeat(257), '\u0301'.repeat(4_000), `${WRONG_CODE}\0`]) {
      assert.equal((await postJson(browser, '/2fa/recovery', { code })).status, 400);
    }
    assert.equal((await postJson(browser, '/2fa/recovery', { code: 'A'.repeat(65_536) })).status, 413);
    assert.equal((await postJson(browser, '/2fa/recovery', { code: WRONG_CODE })).body.attemptsLeft, 9);
  });
});

describe('a session that a recovery code verified', () => {
  it('a route that asks for a recent verification asks for a code by SMS', async () => {
    const app = await start(
      {},
      {
        routes: (server, passport) =>
          server.get('/transfer', passport.authenticate('twilio-2fa', { maxAgeSeconds: 300 }), (_req, res) => {
            res.send('done');
          }),
      },
    );
    const [code = ''] = await giveCodes(app, 'ann');
    const browser = await app.signedIn('ann');
    await browser.post('/2fa/recovery', { code });
    assert.equal((await browser.get('/account')).status, 200);
    assert.equal((await browser.get('/transfer')).location, '/2fa');
    await browser.post('/2fa', { method: 'call' });
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.equal((await browser.get('/transfer')).text, 'done');
  });

  it('the option maxAgeSeconds counts from the recovery', async () => {
    let now = Date.now();
    const app = await start({ maxAgeSeconds: 3_600, clock: () => now });
    const [code = ''] = await giveCodes(app, 'ann');
    const browser = await app.signedIn('ann');
    await browser.post('/2fa/recovery', { code });
    now += 3_599_000;
    assert.equal((await browser.get('/account')).status, 200);
    now += 1_000;
    assert.notEqual((await browser.get('/account')).status, 200);
  });

  it('the user can replace the lost number for 15 minutes', async () => {
    let now = Date.now();
    const app = await start({ clock: () => now });
    const [code = ''] = await giveCodes(app, 'ann');
    const browser = await app.signedIn('ann');
    await browser.post('/2fa/recovery', { code });
    now += 899_000;
    assert.ok(linksTo((await browser.get('/2fa/success')).text, '/2fa/change'));
    assert.equal(
      (await browser.post('/2fa/change', { phoneNumber: '+12025550142', method: 'sms' })).location,
      '/2fa/verify',
    );
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.equal(app.users.get('ann')?.phone, '+12025550142');
    assert.equal((await browser.get('/account')).status, 200);
    now += 1_000;
    const late = await postJson(browser, '/2fa/change', { phoneNumber: '+12025550143', method: 'sms' });
    assert.equal(late.body.code, 'verification_required');
  });

  it('the user cannot replace the number if allowChange is false', async () => {
    const app = await start({ allowChange: false });
    const [code = ''] = await giveCodes(app, 'ann');
    const browser = await app.signedIn('ann');
    await browser.post('/2fa/recovery', { code });
    const { body } = await postJson(browser, '/2fa/change', { phoneNumber: '+12025550142', method: 'sms' });
    assert.equal(body.code, 'change_not_allowed');
  });

  it('the user cannot create recovery codes', async () => {
    const app = await start();
    const [code = ''] = await giveCodes(app, 'ann');
    const browser = await app.signedIn('ann');
    await browser.post('/2fa/recovery', { code });
    assert.equal((await postJson(browser, '/2fa/recovery-codes')).body.code, 'verification_required');
    assert.equal((await postJson(browser, '/2fa/recovery-codes/confirm', { code })).body.code, 'verification_required');
  });
});

describe('the verify callback', () => {
  it('the callback is called with by: recovery after the code is used up, and can refuse', async () => {
    const asked: unknown[] = [];
    let isRefusing = false;
    const app = await start(
      {},
      {
        verify: (user, info, done) => {
          asked.push(info);
          done(null, isRefusing ? false : user, { message: 'Not today.' });
        },
      },
    );
    const codes = await giveCodes(app, 'ann');
    asked.length = 0;
    isRefusing = true;
    const browser = await app.signedIn('ann');
    const refused = await postJson(browser, '/2fa/recovery', { code: codes[0] });
    assert.deepEqual([refused.status, refused.body.code, refused.body.detail], [403, 'refused_by_app', 'Not today.']);
    assert.notEqual((await browser.get('/account')).status, 200);

    isRefusing = false;
    assert.equal((await postJson(browser, '/2fa/recovery', { code: codes[0] })).body.code, 'code_wrong');
    assert.equal((await postJson(browser, '/2fa/recovery', { code: codes[1] })).body.result, 'approved');
    assert.deepEqual(asked, [{ by: 'recovery' }, { by: 'recovery' }]);
  });
});
