import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import {
  type AuditRecord,
  type NoticeKind,
  type SecurityNoticeEvent,
  TwilioVerifyStrategy,
} from 'passport-twilio-verify';
import { rememberedDevice } from '../../support/devices.js';
import { giveCodes, postJson, WRONG_CODE, withRecovery } from '../../support/recovery.js';
import { lastCode, withCode, wrongCode } from '../../support/steps.js';
import { startTestApp, type TestApp, type TestOptions, type TestUser } from '../../support/test-app.js';
import { textLibrary } from '../../support/texts.js';

const LANGUAGES = readdirSync(path.join(__dirname, '../../../views/locales')).map((file) =>
  path.basename(file, '.json'),
);

async function start(twoFactor: TestOptions = {}) {
  const app = await startTestApp({ twoFactor: withRecovery(twoFactor) });
  const notices: SecurityNoticeEvent<TestUser>[] = [];
  const audit: AuditRecord[] = [];
  app.strategy.on('securityNotice', (notice) => notices.push(notice)).on('audit', (record) => audit.push(record));
  const kinds = () => notices.map(({ kind }) => kind);
  return { app, notices, audit, kinds };
}

describe('the event securityNotice', () => {
  it('a first number, new codes, a used code, and few codes left each bring a notice', async () => {
    const { app, notices, kinds } = await start({ recoveryCodes: { count: 4 } });
    const browser = await app.signedIn('ben');
    await browser.post('/2fa/register', { phoneNumber: '+12025550155', method: 'sms' });
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.deepEqual(kinds(), ['phoneNumberRegistered']);
    const { body } = await postJson(browser, '/2fa/recovery-codes');
    assert.deepEqual(kinds(), ['phoneNumberRegistered'], 'codes that were only shown change nothing');
    await postJson(browser, '/2fa/recovery-codes/confirm', { code: body.codes?.[0] });
    await postJson(await app.signedIn('ben'), '/2fa/recovery', { code: body.codes?.[0] });
    assert.deepEqual(kinds(), [
      'phoneNumberRegistered',
      'recoveryCodesCreated',
      'recoveryCodeUsed',
      'recoveryCodesLow',
    ]);

    const [registered, , used] = notices;
    assert.equal(registered?.user.id, 'ben');
    assert.equal(registered?.locale, 'en');
    assert.match(registered?.text ?? '', /ending in 0155\.\n\n.*change your password/);
    assert.match(used?.text ?? '', /Unused recovery codes: 3/);
    assert.ok(registered?.timestamp instanceof Date && registered.req);
  });

  for (const { kind, act } of [
    {
      kind: 'reset',
      act: (app: TestApp) => app.strategy.admin.reset({ id: 'ann' }, { actor: 'ops', reason: 'lost' }),
    },
    {
      kind: 'recoveryCodeUsed',
      act: async (app: TestApp, code: string) => postJson(await app.signedIn('ann'), '/2fa/recovery', { code }),
    },
  ]) {
    it(`the notice "${kind}" names forgotten devices, if there were any`, async () => {
      for (const hasDevice of [true, false]) {
        const { app, notices } = await start({ rememberDevice: { days: 30 }, recoveryCodes: { count: 10 } });
        const [code = ''] = await giveCodes(app, 'ann');
        if (hasDevice) await rememberedDevice(app, 'ann');
        await act(app, code);
        const { text = '' } = notices.find((notice) => notice.kind === kind) ?? {};
        assert.notEqual(text, '');
        assert.equal(text.includes('\n\nAll devices were forgotten.\n\n'), hasDevice);
      }
    });
  }

  it('a changed number brings the one that it replaces', async () => {
    const { app, notices } = await start();
    const browser = await app.verified('ann');
    await browser.post('/2fa/change', { phoneNumber: '+12025550142', method: 'sms' });
    await browser.post('/2fa/verify', { code: lastCode(app) });
    const [notice] = notices;
    assert.equal(notice?.kind, 'phoneNumberChanged');
    assert.equal(notice?.previousPhoneNumber, '+12025550123');
    assert.ok(!notice?.text.includes('+1'));
  });

  it('ten wrong codes bring one notice of a lockout', async () => {
    const { app, kinds, notices } = await start();
    const browser = await app.signedIn('ann');
    for (let count = 0; count < 13; count += 1) await postJson(browser, '/2fa/recovery', { code: WRONG_CODE });
    assert.deepEqual(kinds(), ['locked']);
    assert.match(notices[0]?.text ?? '', /15 minutes/);
  });

  for (const { name, fault } of [
    { name: 'Twilio no longer has the verification', fault: { code: 20404, status: 404 } },
    { name: 'Twilio has had enough wrong codes', fault: { code: 60202, status: 429 } },
    { name: 'Twilio answers with its own error', fault: { status: 500 } },
  ]) {
    it(`the last guess locks the user out with a notice if ${name}`, async () => {
      const { app, kinds } = await start({ limits: { wrongCodesPerLock: 2 } });
      const browser = await withCode(app, 'ann');
      await browser.post('/2fa/verify', { code: wrongCode(app) });
      assert.deepEqual(kinds(), []);
      app.emulator.fail({ call: 'check', ...fault });
      await browser.post('/2fa/verify', { code: wrongCode(app) });
      assert.deepEqual(kinds(), ['locked']);
    });
  }

  it('confirming codes that were never shown locks the user out with a notice', async () => {
    const { app, kinds } = await start();
    const browser = await app.verified('ann');
    const codes = [];
    for (let count = 0; count < 10; count += 1) {
      codes.push((await postJson(browser, '/2fa/recovery-codes/confirm', { code: WRONG_CODE })).body.code);
    }
    assert.deepEqual(codes, [...Array(9).fill('nothing_pending'), 'locked']);
    assert.deepEqual(kinds(), ['locked']);
  });

  it('a number that was stored while the session ended brings its notice', async () => {
    const { app, kinds } = await start({
      storePhoneNumber: async ({ user, phoneNumber, req }) => {
        user.phone = phoneNumber;
        await new Promise((resolve) => req?.sessionStore.destroy(req.sessionID, resolve));
      },
    });
    const browser = await app.verified('ann');
    await browser.post('/2fa/change', { phoneNumber: '+12025550142', method: 'sms' });
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.equal((await browser.get('/account')).status, 401);
    assert.deepEqual(kinds(), ['phoneNumberChanged']);
  });

  it('ten wrong codes by SMS bring one notice too', async () => {
    const { app, kinds } = await start();
    const browser = await app.signedIn('ann');
    for (const method of ['sms', 'call']) {
      await browser.post('/2fa', { method });
      for (let count = 0; count < 6; count += 1) await browser.post('/2fa/verify', { code: '000000' });
    }
    assert.deepEqual(kinds(), ['locked']);
  });

  it('a notice is in the language of the user', async () => {
    const { app, notices } = await start({ locale: ({ user }) => (user.id === 'ann' ? 'fr' : undefined) });
    await giveCodes(app, 'ann');
    assert.deepEqual(
      notices.map(({ locale, subject }) => [locale, subject]),
      [['fr', textLibrary().for('fr').text('mail.recoveryCodesCreated.subject')]],
    );
    await app.strategy.admin.reset({ id: 'ann' }, { actor: 'ops', reason: 'lost' });
    assert.equal(notices.at(-1)?.locale, 'fr', 'an administrator’s language does not count');
  });

  it('a locale callback that fails costs the language, and not the notice', async () => {
    const { app, notices } = await start({ locale: ({ req }) => (req ? 'de' : Promise.reject(new Error('no user'))) });
    await app.strategy.admin.reset({ id: 'ann' }, { actor: 'ops', reason: 'lost' });
    await new Promise(setImmediate);
    assert.deepEqual(
      notices.map(({ kind, locale }) => [kind, locale]),
      [['reset', 'en']],
    );
  });

  it('no notice and no audit record contains a code or a whole number', async () => {
    const { app, notices, audit } = await start({ recoveryCodes: { count: 2 } });
    const codes = await giveCodes(app, 'ann');
    await postJson(await app.signedIn('ann'), '/2fa/recovery', { code: codes[1] });
    const said = JSON.stringify([notices.map(({ req: _req, user: _user, ...rest }) => rest), audit]);
    for (const code of codes) for (const part of [code, code.replaceAll('-', '')]) assert.ok(!said.includes(part));
    assert.ok(!said.includes('2025550123'));
    const names = audit.map(({ event }) => event);
    assert.ok(names.includes('recoveryCodesCreated') && names.includes('recoveryCodeUsed'));
    assert.ok(!names.includes('securityNotice' as never));
    assert.equal(audit.find(({ event }) => event === 'recoveryCodeUsed')?.left, 1);
    assert.equal(audit.findLast(({ event }) => event === 'verificationApproved')?.by, 'recovery');
  });

  for (const language of LANGUAGES) {
    it(`every kind has a text in ${language}`, () => {
      const { text } = textLibrary().for(language);
      const kinds: readonly NoticeKind[] = [
        'phoneNumberRegistered',
        'phoneNumberChanged',
        'recoveryCodesCreated',
        'recoveryCodeUsed',
        'recoveryCodesLow',
        'locked',
        'reset',
      ];
      for (const kind of kinds) assert.ok(text(`mail.${kind}.subject`).length > 0);
    });
  }
});

describe('a process in production that no one tells', () => {
  it('a notice that no one hears brings one warning', async () => {
    const warnings: (Error & { code?: string })[] = [];
    const keep = (warning: Error) => warnings.push(warning);
    process.on('warning', keep);
    const { NODE_ENV } = process.env;
    process.env.NODE_ENV = 'production';
    try {
      const callbacks = { phoneNumber: () => undefined, storePhoneNumber: () => undefined };
      const strategy = new TwilioVerifyStrategy<TestUser>(callbacks);
      for (let count = 0; count < 2; count += 1) {
        await strategy.admin.reset({ id: 'ann' }, { actor: 'ops', reason: 'lost' });
      }
      await new Promise(setImmediate);
    } finally {
      process.off('warning', keep);
      if (NODE_ENV === undefined) delete process.env.NODE_ENV;
      else process.env.NODE_ENV = NODE_ENV;
    }
    const ours = warnings.filter(({ code }) => code === 'TWILIO_VERIFY_NOTICE');
    assert.equal(ours.length, 1);
    assert.match(ours[0]?.message ?? '', /twoFactor\.on\('securityNotice'/);
  });
});
