import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AuditRecord, SecurityNoticeEvent } from 'passport-twilio-verify';
import { BreakableStore, giveCodes, postJson, WRONG_CODE, withRecovery } from '../../support/recovery.js';
import { startTestApp, type TestApp, type TestOptions, type TestUser } from '../../support/test-app.js';

const ACTION = { actor: 'ops-7', reason: 'case 41' };

async function start(twoFactor: TestOptions = {}) {
  const app = await startTestApp({ twoFactor: withRecovery(twoFactor) });
  const audit: AuditRecord[] = [];
  app.strategy.on('audit', (record) => audit.push(record));
  const user = (id: string) => app.users.get(id) as TestUser;
  return { app, audit, user };
}

async function lockOut(app: TestApp, id: string): Promise<void> {
  const browser = await app.signedIn(id);
  for (let count = 0; count < 10; count += 1) await postJson(browser, '/2fa/recovery', { code: WRONG_CODE });
}

describe('admin.overview', () => {
  it('the overview shows masked addresses, codes left, and the lockout', async () => {
    const { app, user } = await start({ allowedMethods: ['sms', 'call', 'email'], email: ({ user }) => user.email });
    await giveCodes(app, 'eve');
    assert.deepEqual(await app.strategy.admin.overview(user('eve')), {
      phoneNumber: '•••• 0199',
      email: 'e•••@example.com',
      recoveryCodesLeft: 10,
      devices: [],
      lockedUntil: null,
    });
    assert.deepEqual(await app.strategy.admin.overview(user('ben')), {
      phoneNumber: undefined,
      email: undefined,
      recoveryCodesLeft: 0,
      devices: [],
      lockedUntil: null,
    });
  });

  it('the overview shows nothing of an address that cannot be read', async () => {
    const { app } = await start();
    const { phoneNumber } = await app.strategy.admin.overview({ id: 'zoe', phone: 'my secret' });
    assert.equal(phoneNumber, '••••');
  });

  it('callbacks get the user and no request', async () => {
    const seen: unknown[] = [];
    const { app, user } = await start({
      phoneNumber: ({ user, req }) => {
        seen.push(user.id, req);
        return user.phone;
      },
    });
    await app.strategy.admin.overview(user('ann'));
    assert.deepEqual(seen, ['ann', undefined]);
  });
});

describe('admin.reset', () => {
  it('a reset removes codes and the lockout, and leaves the number and the sessions', async () => {
    const { app, user, audit } = await start();
    const codes = await giveCodes(app, 'ann');
    const verified = await app.signedIn('ann');
    await postJson(verified, '/2fa/recovery', { code: codes[9] });
    await lockOut(app, 'ann');
    const notices: SecurityNoticeEvent<TestUser>[] = [];
    app.strategy.on('securityNotice', (notice) => notices.push(notice));
    const events: unknown[] = [];
    app.strategy.on('reset', ({ actor, reason, user: { id }, req }) => events.push({ actor, reason, id, req }));

    await app.strategy.admin.reset(user('ann'), ACTION);
    assert.equal((await app.strategy.admin.overview(user('ann'))).recoveryCodesLeft, 0);
    assert.equal(await app.strategy.admin.lockedUntil(user('ann')), null);
    assert.equal(user('ann').phone, '+12025550123');
    assert.equal((await verified.get('/account')).status, 200);
    const browser = await app.signedIn('ann');
    assert.equal((await postJson(browser, '/2fa/recovery', { code: codes[1] })).body.code, 'code_wrong');

    assert.deepEqual(events, [{ ...ACTION, id: 'ann', req: undefined }]);
    const record = audit.find(({ event }) => event === 'reset');
    assert.deepEqual([record?.userId, record?.actor, record?.reason], ['ann', 'ops-7', 'case 41']);
    assert.deepEqual(
      notices.map(({ kind }) => kind),
      ['reset'],
    );
    assert.ok(!('req' in (notices[0] ?? {})));
  });

  it('codes that were shown before a reset can no longer be confirmed', async () => {
    const { app, user } = await start();
    const browser = await app.verified('ann');
    const { body } = await postJson(browser, '/2fa/recovery-codes');
    await app.strategy.admin.reset(user('ann'), ACTION);
    const confirmed = await postJson(browser, '/2fa/recovery-codes/confirm', { code: body.codes?.[0] });
    assert.equal(confirmed.body.code, 'nothing_pending');
  });

  it('a user without a number can register one after a reset', async () => {
    const { app, user } = await start();
    await giveCodes(app, 'ann');
    user('ann').phone = undefined;
    const browser = await app.signedIn('ann');
    assert.equal((await browser.get('/2fa')).location, '/2fa/failed');
    await app.strategy.admin.reset(user('ann'), ACTION);
    assert.equal((await browser.get('/2fa')).location, '/2fa/register');
  });

  it('a record that cannot be read is replaced', async () => {
    const store = new BreakableStore();
    const { app, user } = await start({ store });
    await store.memory.save('ann', { record: { schema: 9 }, revision: 'r' }, undefined);
    await assert.rejects(app.strategy.admin.overview(user('ann')), { code: 'ERR_TWILIO_VERIFY_STORE' });
    await app.strategy.admin.reset(user('ann'), ACTION);
    assert.equal((await app.strategy.admin.overview(user('ann'))).recoveryCodesLeft, 0);
  });

  it('a reset that the store refuses changes nothing', async () => {
    const store = new BreakableStore();
    const { app, user, audit } = await start({ store });
    await lockOut(app, 'ann');
    audit.length = 0;
    store.broken = { save: () => Promise.reject(new Error('down')) };
    await assert.rejects(app.strategy.admin.reset(user('ann'), ACTION), { code: 'ERR_TWILIO_VERIFY_STORE' });
    assert.ok((await app.strategy.admin.lockedUntil(user('ann'))) instanceof Date);
    assert.deepEqual(audit, []);
  });

  for (const action of [
    undefined,
    {},
    { actor: 'ops' },
    { reason: 'lost' },
    { actor: ' ', reason: 'lost' },
    { actor: 7, reason: 'lost' },
  ]) {
    it(`${JSON.stringify(action)} instead of an actor and a reason is a TypeError, and nothing is reset`, async () => {
      const { app, user } = await start();
      await giveCodes(app, 'ann');
      await assert.rejects(app.strategy.admin.reset(user('ann'), action as never), {
        name: 'TypeError',
        message: /needs two strings/,
      });
      await assert.rejects(app.strategy.admin.unlock(user('ann'), action as never), TypeError);
      assert.equal((await app.strategy.admin.overview(user('ann'))).recoveryCodesLeft, 10);
    });
  }
});

describe('admin.unlock', () => {
  it('an unlock ends the lockout, keeps the codes, and is in the audit', async () => {
    const { app, user, audit } = await start();
    const codes = await giveCodes(app, 'ann');
    await lockOut(app, 'ann');
    assert.ok((await app.strategy.admin.lockedUntil(user('ann'))) instanceof Date);
    await app.strategy.admin.unlock(user('ann'), ACTION);
    assert.equal(await app.strategy.admin.lockedUntil(user('ann')), null);
    const record = audit.find(({ event }) => event === 'unlock');
    assert.deepEqual([record?.userId, record?.actor, record?.reason], ['ann', 'ops-7', 'case 41']);
    assert.equal(
      (await postJson(await app.signedIn('ann'), '/2fa/recovery', { code: codes[0] })).body.result,
      'approved',
    );
  });

  it('a lockout that only an administrator ends is "unlock"', async () => {
    const { app, user } = await start({ limits: { wrongCodesInAll: 10 } });
    await lockOut(app, 'ann');
    assert.equal(await app.strategy.admin.lockedUntil(user('ann')), 'unlock');
    assert.equal((await app.strategy.admin.overview(user('ann'))).lockedUntil, 'unlock');
  });
});
