import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withRecovery } from '../../support/recovery.js';
import { ask, call, startCoreApp, verified } from './support/headless-app.js';

const start = () => startCoreApp({ twoFactor: withRecovery() });

describe('recovery codes without the pages', () => {
  it('codes are created, confirmed, and used once', async () => {
    const app = await start();
    const browser = await verified(app, 'ann');
    const created = await call(browser, 'recovery-codes');
    assert.equal(created.body.type, 'created');
    const codes = created.body.codes as string[];
    assert.equal(codes.length, 10);
    assert.deepEqual((await call(browser, 'recovery-codes/confirm', { code: codes[0] })).body, { type: 'confirmed' });

    const other = await app.signedIn('ann');
    const used = await call(other, 'recovery', { code: codes[0] });
    assert.deepEqual(used.body, { type: 'approved', left: 9, info: { by: 'recovery' } });
    assert.equal((await ask(other, '/status')).body.isVerified, true);
    const again = await call(await app.signedIn('ann'), 'recovery', { code: codes[0] });
    assert.deepEqual([again.status, again.body.code, again.body.attemptsLeft], [422, 'code_wrong', 9]);
    assert.match(String(again.body.message), /recovery code isn’t correct/);
    assert.deepEqual((await call(other, 'recovery', { code: codes[1] })).body, { type: 'alreadyVerified' });
  });

  it('every method refuses a cross-site request, a request without a user, and a value that is not a string', async () => {
    const app = await start();
    const browser = await app.signedIn('ann');
    for (const step of ['recovery', 'recovery-codes', 'recovery-codes/confirm']) {
      const foreign = await call(browser, step, { code: 'x' }, { 'sec-fetch-site': 'cross-site' });
      assert.deepEqual([foreign.status, foreign.body.code], [403, 'cross_site'], step);
      assert.equal((await call(app.client(), step, { code: 'x' })).body.code, 'login_required', step);
    }
    for (const code of [undefined, null, 7, ['x'], { code: 'x' }, 'x'.repeat(257), 'x\0']) {
      for (const step of ['recovery', 'recovery-codes/confirm']) {
        assert.equal((await call(browser, step, { code })).body.code, 'bad_request', `${step} ${JSON.stringify(code)}`);
      }
    }
  });

  it('a user who is not verified gets no codes', async () => {
    const app = await start();
    const { status, body } = await call(await app.signedIn('ann'), 'recovery-codes');
    assert.deepEqual([status, body.code], [401, 'verification_required']);
  });
});
