import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { addUser, recordOf, storedSession, type WaitingForCode, waitForCode } from '../../support/second-step.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

/** Paths of the lengths that are measured. */
const pathOf = (length: number) => `/any/${'a'.repeat(length - 5)}`;

/** The size of a record without its paths, which have a separate limit. */
const bytes = (record: object) =>
  Buffer.byteLength(JSON.stringify(record, (key, value) => (['returnTo', 'wentTo'].includes(key) ? undefined : value)));

function start(twoFactor = {}) {
  return startTestApp({
    twoFactor: { retryTimeSeconds: 0, allowedCountries: ['US', 'DE'], ...twoFactor },
    routes: (express, passport) => {
      express.use('/any', passport.authenticate('twilio-2fa'), (_req, res) => void res.send('any'));
    },
  });
}

describe('the record in the session', () => {
  let app: TestApp;
  before(async () => {
    app = await start({ allowedMethods: ['sms', 'call', 'whatsapp', 'email'] });
  });

  it('the record is the only key that the strategy adds to the session', async () => {
    const { browser, code } = await waitForCode(app);
    assert.deepEqual(Object.keys((await storedSession(app, browser)) ?? {}).sort(), [
      'cookie',
      'passport',
      'twilio-2fa',
    ]);
    await browser.post('/2fa/verify', { code });
    assert.deepEqual(Object.keys((await storedSession(app, browser)) ?? {}).sort(), [
      'cookie',
      'passport',
      'twilio-2fa',
    ]);
  });

  it('the record is removed if it has nothing left to remember', async () => {
    const user = addUser(app, { phone: undefined });
    const browser = await app.signedIn(user.id);
    await browser.post('/2fa/register', { phoneNumber: '+12025550177' });
    app.users.set(user.id, { id: user.id, phone: '+12025550178' });
    await browser.get('/2fa');
    assert.deepEqual(Object.keys((await storedSession(app, browser)) ?? {}).sort(), ['cookie', 'passport']);
  });

  it('the record of a canceled sign-in says that the next code needs a click', async () => {
    const { browser } = await waitForCode(app);
    await browser.post('/2fa/cancel');
    assert.deepEqual(await recordOf(app, browser), { manual: 'canceled' });
  });

  it('the record of a pending sign-in has only the necessary fields', async () => {
    const { browser } = await waitForCode(app);
    const { pending, ...rest } = await recordOf(app, browser);
    assert.deepEqual(rest, {});
    assert.deepEqual(Object.keys(pending ?? {}).sort(), ['expiresAt', 'purpose', 'sent', 'user']);
    assert.deepEqual(Object.keys(pending?.sent ?? {}).sort(), ['method', 'sid', 'to', 'wrong']);
  });

  it('the record of a verified session has only the verification', async () => {
    const browser = await app.verified(addUser(app).id);
    const { verified, ...rest } = await recordOf(app, browser);
    assert.deepEqual(rest, {});
    assert.deepEqual(Object.keys(verified ?? {}).sort(), ['at', 'binding', 'by']);
  });

  it('the record loses the pending verification after a right code', async () => {
    const { browser, code } = await waitForCode(app);
    await browser.post('/2fa/verify', { code });
    assert.equal((await recordOf(app, browser)).pending, undefined);
  });
});

describe('the address of a sign-in', () => {
  let app: TestApp;
  before(async () => {
    app = await start({ allowedMethods: ['sms', 'call', 'whatsapp', 'email'] });
  });

  /** Everything in the session but what consists of digits for another reason. */
  async function textOf({ browser }: Pick<WaitingForCode, 'browser'>): Promise<string> {
    const session = (await storedSession(app, browser)) ?? {};
    const { pending, verified } = await recordOf(app, browser);
    const digits = [pending?.sent?.sid, pending?.expiresAt, pending?.user, verified?.at, verified?.binding];
    return digits
      .filter((value) => value !== undefined)
      .reduce<string>((text, value) => text.replaceAll(String(value), ''), JSON.stringify(session));
  }

  for (const method of ['sms', 'call', 'whatsapp']) {
    it(`the recipient of a code by ${method} is not in the session, neither whole nor masked, at any step`, async () => {
      const waiting = await waitForCode(app, addUser(app), method);
      const { browser, user, wrong, code } = waiting;
      const steps: (() => Promise<unknown>)[] = [
        () => browser.get('/2fa/verify'),
        () => browser.post('/2fa/verify', { code: wrong }),
        () => browser.post('/2fa/resend'),
        () => browser.post('/2fa/verify', { code }),
        () => browser.get('/2fa/success'),
      ];
      for (const step of steps) {
        await step();
        const text = await textOf(waiting);
        assert.ok(!text.includes(user.phone.slice(-4)), text);
        assert.ok(!text.includes('•'), text);
        assert.doesNotMatch(text, /\d{6}/);
      }
    });
  }

  it('the recipient of a code by email is not in the session, neither whole nor masked', async () => {
    const user = addUser(app, { email: 'someone@mail.example' });
    const browser = await app.signedIn(user.id);
    assert.equal((await browser.post('/2fa', { method: 'email' })).location, '/2fa/verify');
    const text = await textOf({ browser });
    assert.doesNotMatch(text, /mail\.example|someone|@|•/);
  });
});

describe('the size of the record', () => {
  let app: TestApp;
  before(async () => {
    app = await start();
  });

  it('the record is at most 400 bytes while a sign-in is pending, with the longest way back', async () => {
    const browser = await app.signedIn(addUser(app).id);
    await browser.get(pathOf(2_048));
    await browser.post('/2fa', { method: 'whatsapp' });
    const record = await recordOf(app, browser);
    assert.equal(record.returnTo?.path?.length, 2_048);
    assert.equal(record.pending?.sent?.method, 'whatsapp');
    assert.ok(bytes(record) <= 400, `${bytes(record)} bytes`);
  });

  it('the record is at most 400 bytes while a registration is pending', async () => {
    const browser = await app.signedIn(addUser(app, { phone: undefined }).id);
    await browser.get(pathOf(2_048));
    const phoneNumber = '+4915123456200';
    await browser.post('/2fa/register', { phoneNumber, country: 'DE', method: 'whatsapp' });
    const record = await recordOf(app, browser);
    assert.equal(record.pending?.to, phoneNumber);
    assert.equal(record.returnTo?.path?.length, 2_048);
    assert.ok(bytes(record) <= 400, `${bytes(record)} bytes`);
  });

  for (const { length, isKept } of [
    { length: 100, isKept: true },
    { length: 1_000, isKept: false },
  ]) {
    it(`the record is at most 400 bytes with a message of the app: ${length} characters are ${isKept ? 'kept' : 'replaced by ours'}`, async () => {
      const message = 'é'.repeat(length);
      const refusing = await startTestApp({ verify: (_user, _info, done) => done(null, false, { message }) });
      const { browser, code } = await waitForCode(refusing);
      assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa/failed');
      const record = await recordOf(refusing, browser);
      assert.ok(bytes(record) <= 400, `${bytes(record)} bytes`);
      assert.equal((await browser.get('/2fa/failed')).text.includes(message), isKept);
    });
  }

  it('the record is at most 400 bytes while a verified session steps up, with the longest way back', async () => {
    const user = addUser(app);
    const browser = await app.signedIn(user.id);
    await browser.get(pathOf(2_048));
    await browser.post('/2fa', { method: 'whatsapp' });
    await browser.post('/2fa/verify', { code: await app.emulator.codeFor(user.phone) });
    await browser.get('/2fa/change');
    await browser.get(pathOf(2_048));
    await browser.post('/2fa/change', { phoneNumber: '+4915123456780', country: 'DE', method: 'whatsapp' });
    const record = await recordOf(app, browser);
    assert.equal(record.pending?.purpose, 'change');
    assert.ok(bytes(record) <= 400, `${bytes(record)} bytes`);
  });

  for (const length of [20, 200, 2_048]) {
    it(`the record is at most 220 bytes when verified, after a return path of ${length} characters`, async () => {
      const { browser, code } = await waitForCode(app);
      await browser.get(pathOf(length));
      assert.equal((await browser.post('/2fa/verify', { code })).location, pathOf(length));
      const record = await recordOf(app, browser);
      assert.equal(record.verified?.wentTo, pathOf(length));
      assert.ok(bytes(record) <= 220, `${bytes(record)} bytes`);
    });
  }

  it('the record is at most 220 bytes when verified by a registration, with its notice', async () => {
    const browser = await app.signedIn(addUser(app, { phone: undefined }).id);
    await browser.get(pathOf(2_048));
    await browser.post('/2fa/register', { phoneNumber: '+12025580001', method: 'sms' });
    await browser.post('/2fa/verify', { code: await app.emulator.codeFor('+12025580001') });
    const record = await recordOf(app, browser);
    assert.deepEqual(record.notices, ['number_registered']);
    assert.ok(bytes(record) <= 220, `${bytes(record)} bytes`);
  });
});
