/**
 * T26. Who: someone who knows the victim's password. What they do: sign in to an account whose stored phone number or
 * email address can't be read (a national form, an extension, a placeholder), and register their own phone. What they
 * would gain: the account, and the owner's number is overwritten. The defense: stored addresses have three states:
 * none, usable, and unusable. Only users without any can register or skip. An unusable one refuses and emits an event.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { REFUSAL_STATUS, type RefusalCode, type Status } from 'passport-twilio-verify';
import { startFastifyApp } from '../frameworks/support/fastify-app.js';
import { ask, call, startCoreApp, verified as verifiedByCore } from '../http/headless/support/headless-app.js';
import { assertProblem, Program } from '../http/json/support/program.js';
import { assertRefuses, hasForm, linksTo } from '../support/page.js';
import { lastCode, withCode } from '../support/steps.js';
import { startTestApp, type TestApp, type TestOptions } from '../support/test-app.js';
import { pass, stopTheClock } from './support/time.js';

const MALLORY = { phoneNumber: '+12025550199', method: 'sms' };
const EMAIL_TOO = ['sms', 'email'] as const;

const UNUSABLE: readonly { readonly name: string; readonly stored: string }[] = [
  { name: 'the national form of another country', stored: '07400 123456' },
  { name: 'an extension', stored: '+12025550123 ext 9' },
  { name: 'a space', stored: ' ' },
  { name: 'a placeholder', stored: 'none' },
  { name: 'a premium-rate number', stored: '+19002345678' },
  { name: 'a personal number', stored: '+44 7012 345678' },
];

const USABLE: readonly { readonly name: string; readonly stored: string; readonly to: string }[] = [
  { name: 'the old Mexican mobile form', stored: '+5215512345678', to: '+5215512345678' },
  { name: 'the same with separators', stored: '+52 1 (55) 1234-5678', to: '+5215512345678' },
  { name: 'a number that bundled metadata does not know', stored: '+4932123456', to: '+4932123456' },
  { name: 'voice over IP', stored: '+33912345678', to: '+33912345678' },
  { name: 'a company-wide number', stored: '+445512345678', to: '+445512345678' },
];

/** Starts an app in which `ann` has this number, and records each call of `storePhoneNumber`. */
async function startWith(phone: string | undefined, twoFactor: TestOptions = {}) {
  const registered: { phoneNumber: string; previous: string | undefined }[] = [];
  const app = await startTestApp({
    twoFactor: {
      storePhoneNumber: ({ user, phoneNumber, previous }) => {
        registered.push({ phoneNumber, previous });
        user.phone = phoneNumber;
      },
      ...twoFactor,
    },
  });
  app.users.set('ann', { id: 'ann', phone });
  return { app, registered };
}

/** Tries every way to a number of the attacker's own, as pages and as JSON. */
async function expectClosed(app: TestApp, code: RefusalCode): Promise<void> {
  const browser = await app.signedIn('ann');
  assert.equal((await browser.get('/2fa/register')).location, '/2fa');
  for (const answer of [
    await browser.get('/2fa'),
    await browser.post('/2fa', { method: 'sms' }),
    await browser.post('/2fa/register', MALLORY),
  ]) {
    assert.deepEqual([answer.status, answer.location], [303, '/2fa/failed']);
    assertRefuses((await browser.get('/2fa/failed')).text, code);
  }
  assert.equal((await browser.post('/2fa/skip')).location, '/2fa/failed');
  const script = new Program(await app.signedIn('ann'));
  for (const answer of [
    await script.get('/2fa'),
    await script.get('/2fa/register'),
    await script.post('/2fa', { method: 'sms' }),
    await script.post('/2fa/register', MALLORY),
  ]) {
    assertProblem(answer, code);
  }
  assert.equal((await script.post('/2fa/skip')).status, 403);
  for (const client of [browser, script.browser]) assert.equal((await client.get('/account')).location, '/2fa');
  assert.deepEqual(app.emulator.messages(), []);
}

describe('T26: a stored address that cannot be read', () => {
  stopTheClock();

  for (const { name, stored } of UNUSABLE) {
    it(`an unusable phone number ends registration and skipping: ${name}`, async () => {
      const { app, registered } = await startWith(stored, { registerOptional: true });
      await expectClosed(app, 'address_unusable');
      assert.deepEqual(registered, []);
      assert.equal(app.users.get('ann')?.phone, stored);
    });
  }

  for (const { name, stored, to } of USABLE) {
    it(`a number in international form gets a code: ${name}`, async () => {
      const { app } = await startWith(stored);
      const browser = await app.signedIn('ann');
      assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
      assert.equal(app.emulator.messages().at(-1)?.to, to);
      assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
    });
  }

  for (const stored of [undefined, null as unknown as undefined, '']) {
    it(`a user without an address can register: ${JSON.stringify(stored)}`, async () => {
      const { app, registered } = await startWith(stored, { registerOptional: true });
      const browser = await app.signedIn('ann');
      assert.ok(hasForm((await browser.get('/2fa/register')).text, '/2fa/skip'));
      assert.equal((await browser.post('/2fa/register', MALLORY)).location, '/2fa/verify');
      await browser.post('/2fa/verify', { code: lastCode(app) });
      assert.deepEqual(registered, [{ phoneNumber: MALLORY.phoneNumber, previous: undefined }]);
    });
  }

  it('an unusable email address ends registration and skipping', async () => {
    const { app } = await startWith(undefined, {
      registerOptional: true,
      allowedMethods: EMAIL_TOO,
      email: () => 'ann at home',
    });
    await expectClosed(app, 'address_unusable');
  });

  it('an email address with spaces around it gets a code, and ends registration', async () => {
    const { app } = await startWith(undefined, { allowedMethods: EMAIL_TOO, email: () => ' ann@example.com\n' });
    const browser = await app.signedIn('ann');
    assert.equal((await browser.get('/2fa/register')).location, '/2fa');
    assert.equal((await browser.post('/2fa', { method: 'email' })).location, '/2fa/verify');
    assert.equal(app.emulator.messages().at(-1)?.to, 'ann@example.com');
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
  });

  it('an unusable email address counts even if allowedMethods leaves out email', async () => {
    const { app } = await startWith(undefined, { allowedMethods: () => ['sms'], email: () => 'ann at home' });
    await expectClosed(app, 'address_unusable');
  });

  it('an email address ends registration and skipping even if allowedMethods leaves out email', async () => {
    const { app } = await startWith(undefined, {
      registerOptional: true,
      allowedMethods: () => ['sms', 'call'],
      email: () => 'ann@example.com',
    });
    await expectClosed(app, 'no_method');
  });

  it('a phone number counts even if allowedMethods has only email', async () => {
    const { app } = await startWith('+12025550123', { allowedMethods: ['email'] });
    await expectClosed(app, 'no_method');
  });

  it('the owner of an unusable number reads address_unusable with allowRegister: false', async () => {
    const { app } = await startWith('none', { allowRegister: false });
    await expectClosed(app, 'address_unusable');
    const { app: without } = await startWith(undefined, { allowRegister: false });
    await expectClosed(without, 'registration_not_allowed');
  });

  it('another address that works signs the user in, and registration stays closed', async () => {
    const { app } = await startWith('none', {
      registerOptional: true,
      allowedMethods: EMAIL_TOO,
      email: () => 'ann@example.com',
    });
    const browser = await app.signedIn('ann');
    assert.equal((await browser.post('/2fa/register', MALLORY)).location, '/2fa/failed');
    assert.equal((await browser.post('/2fa/skip')).location, '/2fa/failed');
    assert.equal((await browser.get('/account')).location, '/2fa');
    assert.equal((await browser.post('/2fa', { method: 'sms' })).status, 422);
    await browser.post('/2fa', { method: 'email' });
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/account');
  });

  it('a registration that began without an address ends when an unusable one appears', async () => {
    const { app, registered } = await startWith(undefined);
    const attacker = await app.signedIn('ann');
    await attacker.post('/2fa/register', MALLORY);
    app.users.set('ann', { id: 'ann', phone: 'none' });
    await attacker.post('/2fa/verify', { code: lastCode(app) });
    assert.deepEqual(registered, []);
    assert.equal((await attacker.get('/account')).location, '/2fa');
  });

  it('a registration ends when an unusable address appears while Twilio checks the code', async () => {
    const { app, registered } = await startWith(undefined);
    const attacker = await app.signedIn('ann');
    await attacker.post('/2fa/register', MALLORY);
    let reads = 0;
    const user = { id: 'ann' };
    // The check reads the number once, and the storage reads it again.
    Object.defineProperty(user, 'phone', { get: () => (++reads > 1 ? 'none' : undefined) });
    app.users.set('ann', user);
    assert.equal((await attacker.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/failed');
    assertRefuses((await attacker.get('/2fa/failed')).text, 'address_unusable');
    assert.deepEqual(registered, []);
    assert.equal((await attacker.get('/account')).location, '/2fa');
  });

  it('a skipped registration ends when an unusable address appears', async () => {
    const { app } = await startWith(undefined, { registerOptional: true });
    const browser = await app.signedIn('ann');
    await browser.post('/2fa/skip');
    assert.equal((await browser.get('/account')).status, 200);
    app.users.set('ann', { id: 'ann', phone: 'none' });
    assert.equal((await browser.get('/account')).location, '/2fa');
    app.users.set('ann', { id: 'ann' });
    assert.equal((await browser.get('/account')).status, 200);
  });

  it('a code that was sent before the number became unusable verifies no one', async () => {
    const { app } = await startWith('+12025550123', { helpUrl: '/help' });
    const browser = await withCode(app, 'ann');
    const code = lastCode(app);
    app.users.set('ann', { id: 'ann', phone: 'none' });
    await browser.post('/2fa/resend');
    const { text } = await browser.get('/2fa/failed');
    assertRefuses(text, 'address_unusable');
    assert.equal(linksTo(text, '/2fa'), false, 'a second try changes nothing');
    assert.equal(linksTo(text, '/2fa/verify'), false, 'the code is invalid');
    assert.ok(linksTo(text, '/help'));
    await browser.post('/2fa/verify', { code });
    assert.equal((await browser.get('/account')).location, '/2fa');
  });

  it('a verified user can replace an unusable number, and the app gets the old one', async () => {
    const { app, registered } = await startWith('+12025550123');
    const changes: unknown[] = [];
    const audits: unknown[] = [];
    app.strategy.on('phoneNumberChanged', ({ previous }) => changes.push(previous));
    app.strategy.on('audit', ({ event, previous }) => event === 'phoneNumberChanged' && audits.push(previous));
    const browser = await app.verified('ann');
    app.users.set('ann', { id: 'ann', phone: 'none' });
    assert.equal((await browser.get('/account')).status, 200);
    assert.equal((await browser.post('/2fa/change', MALLORY)).location, '/2fa/verify');
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.deepEqual(registered, [{ phoneNumber: MALLORY.phoneNumber, previous: 'none' }]);
    assert.deepEqual(changes, ['none']);
    assert.deepEqual(audits, ['••••'], 'the audit record has nothing of a text that can be a secret');
  });

  it('the option email without the method email throws a TypeError', async () => {
    const email = () => 'ann@example.com';
    for (const twoFactor of [{ email }, { email, allowedMethods: ['sms', 'call'] as const }]) {
      await assert.rejects(startTestApp({ twoFactor }), /TypeError: .*option "email".*"allowedMethods"/);
    }
    await startTestApp({ twoFactor: { email, allowedMethods: ['email'] } });
    await startTestApp({ twoFactor: { email, allowedMethods: () => ['sms'] } });
  });
});

describe('T26: the headless methods and routes of the app', () => {
  stopTheClock();

  it('the headless methods refuse an unusable number like the pages', async () => {
    const app = await startCoreApp({ twoFactor: { registerOptional: true } });
    app.users.set('ann', { id: 'ann', phone: 'none' });
    const browser = await app.signedIn('ann');
    for (const [step, body] of [
      ['start', { method: 'sms' }],
      ['register', MALLORY],
      ['skip', {}],
    ] as const) {
      const { status, body: refused } = await call(browser, step, body);
      assert.deepEqual([status, refused.code], [REFUSAL_STATUS.address_unusable, 'address_unusable'], step);
      assert.match(String(refused.message), /Contact support/);
    }
    const status = (await ask(browser, '/status')).body as unknown as Status;
    assert.deepEqual([status.canRegister, status.canSkip, status.isSkipped], [false, false, false]);
    assert.deepEqual((await ask(browser, '/methods')).body, { methods: [] });
    assert.deepEqual(app.emulator.messages(), []);
  });

  it('a verified user changes an unusable number by the headless methods', async () => {
    const app = await startCoreApp();
    const browser = await verifiedByCore(app, 'ann');
    app.users.set('ann', { id: 'ann', phone: 'none' });
    assert.equal((await call(browser, 'change', MALLORY)).body.type, 'sent');
    assert.equal((await call(browser, 'check', { code: lastCode(app) })).body.type, 'approved');
    assert.equal(app.users.get('ann')?.phone, MALLORY.phoneNumber);
  });

  it('an API client gets 401 at a protected route', async () => {
    const { app } = await startWith('none');
    const answer = await (await app.signedIn('ann')).get('/account', { accept: 'application/json' });
    assert.equal(answer.status, 401);
  });

  for (const kind of ['@fastify/session', '@fastify/secure-session'] as const) {
    it(`an unusable number keeps the user from registering with Fastify and ${kind}`, async () => {
      const app = await startFastifyApp({ kind, twoFactor: { registerOptional: true } });
      app.users.set('ann', { id: 'ann', phone: 'none' });
      const browser = await app.signedIn('ann');
      for (const [step, body] of [
        ['start', { method: 'sms' }],
        ['register', MALLORY],
        ['skip', {}],
      ] as const) {
        const { status, text } = await browser.postJson(`/second-step/${step}`, body);
        assert.deepEqual([status, JSON.parse(text).code], [403, 'address_unusable'], step);
      }
      assert.equal((await browser.get('/account')).location, '/code');
      assert.deepEqual(app.emulator.messages(), []);
    });
  }
});

describe('T26: the report of an unusable address', () => {
  stopTheClock();

  it('the app hears of each user and kind of address once a day, and of nothing that is stored', async () => {
    const { app } = await startWith('none of yours', {
      allowedMethods: EMAIL_TOO,
      email: ({ user }) => (user.id === 'ann' ? 'ann at home' : undefined),
    });
    app.users.set('bob', { id: 'bob', phone: '07400 123456' });
    const events: unknown[] = [];
    const audits: object[] = [];
    app.strategy.on('addressUnusable', ({ user, addressType, req, timestamp }) => {
      assert.ok(req?.headers && timestamp.getTime() === Date.now());
      events.push([user.id, addressType]);
    });
    app.strategy.on('audit', (record) => audits.push(record));
    const look = async () => {
      for (const id of ['ann', 'bob', 'ben']) {
        const browser = await app.signedIn(id);
        await browser.get('/2fa');
        await browser.post('/2fa', { method: 'sms' });
      }
      return events.splice(0);
    };
    const all = [
      ['ann', 'phone'],
      ['ann', 'email'],
      ['bob', 'phone'],
    ];
    assert.deepEqual(await look(), all);
    pass(86_399);
    assert.deepEqual(await look(), []);
    pass(1);
    assert.deepEqual(await look(), all);
    const [first] = audits;
    assert.deepEqual(first, {
      event: 'addressUnusable',
      at: '2026-01-15T12:00:00.000Z',
      userId: 'ann',
      ip: '127.0.0.1',
      addressType: 'phone',
    });
    assert.equal(audits.length, 6);
    assert.doesNotMatch(JSON.stringify(audits), /none|yours|home|123456/);
  });

  it('a usable or an absent address is not reported', async () => {
    const { app } = await startWith('+5215512345678');
    let reports = 0;
    app.strategy.on('addressUnusable', () => {
      reports += 1;
    });
    await withCode(app, 'ann');
    await (await app.signedIn('ben')).get('/2fa/register');
    assert.equal(reports, 0);
  });
});
