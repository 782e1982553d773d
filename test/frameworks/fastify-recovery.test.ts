import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WRONG_CODE, withRecovery } from '../support/recovery.js';
import { type SessionKind, startFastifyApp } from './support/fastify-app.js';
import { jsonOf } from './support/json.js';

const KINDS: readonly SessionKind[] = ['@fastify/session', '@fastify/secure-session'];
const JSON_ONLY = { accept: 'application/json' };

for (const kind of KINDS) {
  describe(`recovery codes on Fastify with ${kind}`, () => {
    it('codes are created, confirmed, and used once', async () => {
      const app = await startFastifyApp({ kind, twoFactor: withRecovery() });
      app.users.set('ann', { id: 'ann', phone: '+12025550123' });
      const browser = await app.verified('ann');
      const { codes } = jsonOf(await browser.postJson('/second-step/recovery-codes', {})) as unknown as {
        codes: readonly string[];
      };
      assert.equal(codes.length, 10);
      const confirmed = await browser.postJson('/second-step/recovery-codes/confirm', { code: codes[0] });
      assert.equal(jsonOf(confirmed).type, 'confirmed');

      const other = await app.signedIn('ann');
      assert.equal((await other.get('/account', JSON_ONLY)).status, 401);
      const wrong = await other.postJson('/second-step/recovery', { code: WRONG_CODE });
      assert.deepEqual([wrong.status, jsonOf(wrong).code], [422, 'code_wrong']);
      const used = await other.postJson('/second-step/recovery', { code: codes[0] });
      assert.equal(jsonOf(used).type, 'approved');
      assert.equal((await other.get('/account', JSON_ONLY)).text, 'account of ann');
      assert.equal((await other.postJson('/transfer', {})).status, 401, 'a recovery code is not enough for step-up');
      const again = await (await app.signedIn('ann')).postJson('/second-step/recovery', { code: codes[0] });
      assert.equal(jsonOf(again).code, 'code_wrong');
    });

    it('required: true keeps a route closed until the user has codes', async () => {
      const app = await startFastifyApp({ kind, twoFactor: withRecovery({ recoveryCodes: { required: true } }) });
      app.users.set('ann', { id: 'ann', phone: '+12025550123' });
      const browser = await app.verified('ann');
      assert.equal((await browser.get('/account', JSON_ONLY)).status, 401);
      const { codes } = jsonOf(await browser.postJson('/second-step/recovery-codes', {})) as unknown as {
        codes: readonly string[];
      };
      await browser.postJson('/second-step/recovery-codes/confirm', { code: codes[0] });
      assert.equal((await browser.get('/account', JSON_ONLY)).status, 200);
    });
  });
}
