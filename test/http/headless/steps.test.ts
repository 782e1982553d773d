import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { lastCode, wrongCode } from '../../support/steps.js';
import { textLibrary } from '../../support/texts.js';
import { ask, call, startCoreApp, verified } from './support/headless-app.js';

const NOW = Date.parse('2026-05-04T12:00:00Z');
const TYPED = { phoneNumber: '(202) 555-0177', country: 'US', method: 'sms' };
const NOBODY = {
  isRequired: true,
  isVerified: false,
  isSkipped: false,
  canRegister: false,
  canSkip: false,
  canChange: false,
};
/** Choices of a user who can register or change a number. */
const NEW_NUMBER = {
  methods: ['sms', 'call', 'whatsapp'],
  countries: [{ code: 'US', name: 'United States', callingCode: '1' }],
  country: 'US',
};
const TEXTS = textLibrary();

before(() => mock.timers.enable({ apis: ['Date'], now: NOW }));
after(() => mock.timers.reset());

describe('the headless API, called by routes of the application', () => {
  it('the headless API lists masked recipients by method, sends, checks, and reports the status', async () => {
    const app = await startCoreApp();
    const browser = await app.signedIn('ann');
    const to = '•••• 0123';
    assert.deepEqual((await ask(browser, '/methods')).body, {
      methods: [
        { method: 'sms', to },
        { method: 'call', to },
        { method: 'whatsapp', to },
      ],
    });
    assert.deepEqual((await ask(browser, '/status')).body, NOBODY);

    const pending = {
      purpose: 'signIn',
      method: 'sms',
      to,
      expiresAt: '2026-05-04T12:10:00.000Z',
      resendAt: '2026-05-04T12:03:00.000Z',
      attemptsLeft: 5,
    };
    const sent = await call(browser, 'start', { method: 'sms' });
    assert.deepEqual(sent, { status: 200, body: { type: 'sent', pending } });
    assert.deepEqual((await ask(browser, '/status')).body, { ...NOBODY, pending });

    const wrong = await call(browser, 'check', { code: wrongCode(app) });
    const refusal = { type: 'refused' as const, code: 'code_wrong' as const, attemptsLeft: 4 };
    assert.deepEqual(wrong, {
      status: 422,
      body: { ...refusal, status: 422, message: TEXTS.for('en').refusal(refusal) },
    });
    assert.deepEqual((await ask(browser, '/status')).body.pending, { ...pending, attemptsLeft: 4 });

    const sessionBefore = browser.cookies.get('connect.sid');
    const approved = await call(browser, 'check', { code: lastCode(app) });
    const verificationSid = app.emulator.messages().at(-1)?.verificationSid;
    assert.deepEqual(approved.body, {
      type: 'approved',
      purpose: 'signIn',
      info: { by: 'sms', verificationSid, method: 'sms', purpose: 'signIn' },
    });
    assert.notEqual(browser.cookies.get('connect.sid'), sessionBefore);
    assert.deepEqual((await ask(browser, '/status')).body, {
      ...NOBODY,
      isVerified: true,
      canChange: true,
      newNumber: NEW_NUMBER,
    });
    assert.equal((await browser.get('/account')).text, 'account of ann', 'the gate knows it');
    assert.deepEqual((await call(browser, 'check', { code: '123456' })).body, { type: 'alreadyVerified' });
  });

  it('the headless API registers a number, and shows all of it until then', async () => {
    const app = await startCoreApp();
    const browser = await app.signedIn('ben');
    assert.deepEqual((await ask(browser, '/methods')).body, { methods: [] });
    assert.deepEqual((await ask(browser, '/status')).body, { ...NOBODY, canRegister: true, newNumber: NEW_NUMBER });
    const { phoneNumber, country } = TYPED;
    assert.deepEqual((await call(browser, 'register', { phoneNumber, country })).body, { type: 'numberAccepted' });
    const [first] = (await ask(browser, '/methods')).body.methods as object[];
    assert.deepEqual(first, { method: 'sms', to: '+1 202 555 0177' });
    assert.equal((await call(browser, 'start', { method: 'sms' })).body.type, 'sent');
    assert.equal(app.users.get('ben')?.phone, undefined);
    assert.equal((await call(browser, 'check', { code: lastCode(app) })).body.purpose, 'register');
    assert.equal(app.users.get('ben')?.phone, '+12025550177');
  });

  it('the headless API lists methods and countries for a new number, by name in the language of the user', async () => {
    const app = await startCoreApp({
      twoFactor: { allowedCountries: ['US', 'DE', 'AT'], country: 'DE', allowedMethods: ['email', 'call'] },
    });
    const browser = await app.signedIn('ben');
    const { body } = await ask(browser, '/status', { 'accept-language': 'de' });
    assert.deepEqual(body.newNumber, {
      methods: ['call'],
      countries: [
        { code: 'DE', name: 'Deutschland', callingCode: '49' },
        { code: 'AT', name: 'Österreich', callingCode: '43' },
        { code: 'US', name: 'Vereinigte Staaten', callingCode: '1' },
      ],
      country: 'DE',
    });
  });

  it('a new number that waits for its method expires after ten minutes', async () => {
    const app = await startCoreApp();
    const browser = await app.signedIn('ben');
    const { phoneNumber } = TYPED;
    await call(browser, 'register', { phoneNumber });
    mock.timers.tick(10 * 60_000 - 1);
    assert.equal(((await ask(browser, '/methods')).body.methods as object[]).length, 3);
    mock.timers.tick(1);
    assert.deepEqual((await ask(browser, '/methods')).body, { methods: [] });
    assert.equal((await call(browser, 'start', { method: 'sms' })).body.code, 'no_method');
    assert.deepEqual(app.emulator.requests(), []);
    assert.equal((await app.record(browser))?.pending, undefined, 'nothing is left of it in the session');
  });

  it('a changed number that waits for its method expires after ten minutes, and the old one stays', async () => {
    const app = await startCoreApp();
    const browser = await verified(app, 'ann');
    const { phoneNumber } = TYPED;
    await call(browser, 'change', { phoneNumber });
    mock.timers.tick(10 * 60_000 - 1);
    const [before] = (await ask(browser, '/methods')).body.methods as { to: string }[];
    assert.equal(before?.to, '+1 202 555 0177');
    mock.timers.tick(1);
    const [after] = (await ask(browser, '/methods')).body.methods as { to: string }[];
    assert.equal(after?.to, '•••• 0123');
    await call(browser, 'start', { method: 'sms' });
    assert.equal(app.emulator.messages().at(-1)?.to, '+12025550123');
  });

  it('the code for a new number is refused as expired after ten minutes, not as unknown', async () => {
    const app = await startCoreApp();
    const browser = await app.signedIn('ben');
    await call(browser, 'register', TYPED);
    mock.timers.tick(10 * 60_000);
    assert.equal((await call(browser, 'check', { code: lastCode(app) })).body.code, 'code_expired');
    assert.equal((await call(browser, 'check', { code: lastCode(app) })).body.code, 'nothing_pending');
  });

  it('the headless API changes a number, and keeps the old one if the change is canceled', async () => {
    const app = await startCoreApp();
    const browser = await verified(app, 'ann');
    assert.equal((await call(browser, 'change', TYPED)).body.type, 'sent');
    assert.deepEqual((await call(browser, 'cancel')).body, { type: 'canceled' });
    assert.deepEqual((await call(browser, 'cancel')).body, { type: 'canceled' });
    assert.equal((await call(browser, 'change', TYPED)).body.code, 'retry_later');
    mock.timers.tick(180_000);
    assert.equal((await call(browser, 'change', TYPED)).body.type, 'sent');
    assert.equal((await call(browser, 'check', { code: lastCode(app) })).body.purpose, 'change');
    assert.equal(app.users.get('ann')?.phone, '+12025550177');
  });

  it('the headless API skips an optional registration for protected routes, except those with a maximum age', async () => {
    const app = await startCoreApp({
      twoFactor: { registerOptional: true },
      routes: (server, passport) => {
        const strict = { maxAgeSeconds: 60, redirect: false };
        server.get('/strict', passport.authenticate('twilio-2fa', strict), (_req, res) => void res.send('in'));
      },
    });
    const browser = await app.signedIn('ben');
    assert.deepEqual((await ask(browser, '/status')).body, {
      ...NOBODY,
      canRegister: true,
      canSkip: true,
      newNumber: NEW_NUMBER,
    });
    assert.deepEqual((await call(browser, 'skip')).body, { type: 'skipped' });
    const { isSkipped, isVerified } = (await ask(browser, '/status')).body;
    assert.deepEqual({ isSkipped, isVerified }, { isSkipped: true, isVerified: false });
    assert.equal((await browser.get('/account')).status, 200);
    assert.equal((await browser.get('/strict')).status, 401);
    app.users.set('ben', { id: 'ben', phone: '+12025550177' });
    assert.equal((await ask(browser, '/status')).body.isSkipped, false, 'there is a number now');
  });

  it('the status says whether a user must verify', async () => {
    const app = await startCoreApp({ twoFactor: { isRequired: ({ user }) => user.id !== 'ann' } });
    assert.equal((await ask(await app.signedIn('ann'), '/status')).body.isRequired, false);
    assert.equal((await ask(await app.signedIn('eve'), '/status')).body.isRequired, true);
  });
});

describe('a refused step of the headless API', () => {
  it('a step without a user is refused with a code, a text, and a status, and creates no session', async () => {
    const app = await startCoreApp();
    const nobody = app.client();
    const refused = {
      type: 'refused',
      code: 'login_required',
      message: TEXTS.for('fi').refusal({ type: 'refused', code: 'login_required' }),
      status: 401,
    };
    for (const step of ['start', 'resend', 'check', 'cancel', 'register', 'change', 'skip']) {
      const answer = await call(nobody, step, { method: 'sms', code: '123456' }, { 'accept-language': 'fi' });
      assert.deepEqual(answer, { status: 401, body: refused }, step);
    }
    assert.deepEqual((await ask(nobody, '/status')).body, NOBODY);
    assert.deepEqual((await ask(nobody, '/methods')).body, { methods: [] });
    assert.equal(nobody.cookies.size, 0);
  });

  for (const { name, headers, isAllowed } of [
    { name: 'our own page', headers: { 'sec-fetch-site': 'same-origin' }, isAllowed: true },
    { name: 'no browser', headers: {}, isAllowed: true },
    {
      name: 'an allowed origin',
      headers: { 'sec-fetch-site': 'cross-site', origin: 'https://app.example' },
      isAllowed: true,
    },
    { name: 'another site', headers: { 'sec-fetch-site': 'cross-site' }, isAllowed: false },
    { name: 'another site, older browser', headers: { origin: 'https://evil.example' }, isAllowed: false },
    { name: 'a neighbour', headers: { 'sec-fetch-site': 'same-site' }, isAllowed: false },
  ]) {
    it(`${isAllowed ? 'is not because it came' : 'is because it came'} from ${name}`, async () => {
      const app = await startCoreApp({ twoFactor: { allowedOrigins: ['https://app.example'], retryTimeSeconds: 0 } });
      const browser = await app.signedIn('ann');
      await call(browser, 'start', { method: 'sms' });
      const record = await app.record(browser);
      const calls = app.emulator.requests().length;
      for (const step of ['resend', 'start', 'check', 'register', 'change', 'skip', 'cancel']) {
        const { status, body } = await call(browser, step, { method: 'sms', code: wrongCode(app) }, headers);
        assert.equal(body.code === 'cross_site', !isAllowed, `${step}: ${JSON.stringify(body)}`);
        if (!isAllowed) assert.equal(status, 403);
      }
      if (!isAllowed) {
        assert.deepEqual(await app.record(browser), record);
        assert.equal(app.emulator.requests().length, calls);
      }
    });
  }

  for (const { step, body, code } of [
    { step: 'start', body: { method: 7 }, code: 'bad_request' },
    { step: 'start', body: { method: ['sms'] }, code: 'bad_request' },
    { step: 'start', body: {}, code: 'method_unknown' },
    { step: 'check', body: { code: 123_456 }, code: 'bad_request' },
    { step: 'check', body: {}, code: 'bad_request' },
    { step: 'check', body: { code: '1'.repeat(10_000) }, code: 'bad_request' },
    { step: 'register', body: {}, code: 'bad_request' },
    { step: 'register', body: { phoneNumber: ['1'] }, code: 'bad_request' },
    { step: 'register', body: { ...TYPED, country: 1 }, code: 'bad_request' },
    { step: 'register', body: { ...TYPED, country: 'ZZ', phoneNumber: '2025550177' }, code: 'number_invalid' },
    { step: 'register', body: { ...TYPED, method: {} }, code: 'bad_request' },
    { step: 'register', body: { ...TYPED, phoneNumber: '1'.repeat(10_000) }, code: 'bad_request' },
  ]) {
    it(`${step} with ${JSON.stringify(body).slice(0, 40)} is refused without an error: ${code}`, async () => {
      const app = await startCoreApp();
      const browser = await app.signedIn(step === 'register' ? 'ben' : 'ann');
      if (step === 'check') await call(browser, 'start', { method: 'sms' });
      const answer = await call(browser, step, body);
      assert.equal(answer.body.code, code, JSON.stringify(answer.body));
      assert.equal(answer.status, answer.body.status);
    });
  }

  for (const { step, body, field } of [
    { step: 'check', body: { code: 123_456 }, field: 'code' },
    { step: 'start', body: { method: 7 }, field: 'method' },
    { step: 'register', body: { phoneNumber: 12_025_550_177 }, field: 'phoneNumber' },
  ]) {
    it(`${step} names the field that must be a string: ${JSON.stringify(body)}`, async () => {
      const app = await startCoreApp();
      const browser = await app.signedIn(step === 'register' ? 'ben' : 'ann');
      const answer = await call(browser, step, body);
      assert.equal(answer.body.field, field);
      assert.equal(answer.body.message, TEXTS.for('en').text('badRequest.notString', { field }));
    });
  }

  it('a refusal is in the language of the browser, or of the option', async () => {
    const app = await startCoreApp({ twoFactor: { locale: ({ user }) => (user.id === 'eve' ? 'nl' : undefined) } });
    for (const { id, language } of [
      { id: 'ann', language: 'de' },
      { id: 'eve', language: 'nl' },
    ]) {
      const { body } = await call(await app.signedIn(id), 'resend', {}, { 'accept-language': 'de' });
      assert.equal(body.message, TEXTS.for(language).refusal({ type: 'refused', code: 'nothing_pending' }));
    }
  });

  it('a refusal carries the info of the verify callback', async () => {
    const app = await startCoreApp({ verify: (_user, _info, done) => done(null, false, { because: 'suspended' }) });
    const browser = await app.signedIn('ann');
    await call(browser, 'start', { method: 'sms' });
    const { status, body } = await call(browser, 'check', { code: lastCode(app) });
    assert.equal(status, 403);
    assert.deepEqual([body.code, body.info], ['refused_by_app', { because: 'suspended' }]);
  });

  it('a step throws an error with a status if Twilio is unreachable, and nothing is lost', async () => {
    const app = await startCoreApp();
    const browser = await app.signedIn('ann');
    app.emulator.fail({ call: 'create', status: 503 });
    const down = await call(browser, 'start', { method: 'sms' });
    assert.equal(down.status, 503);
    assert.match(String(down.body.text), /^ERR_TWILIO_VERIFY_UNAVAILABLE/);
    assert.deepEqual(await app.record(browser), { manual: 'refused' }, 'the start page waits for a click');
    await call(browser, 'start', { method: 'sms' });
    app.emulator.fail({ call: 'check', status: 503 });
    assert.equal((await call(browser, 'check', { code: lastCode(app) })).status, 503);
    assert.equal((await call(browser, 'check', { code: lastCode(app) })).body.type, 'approved');
  });

  it('a step throws an error without a session', async () => {
    const app = await startCoreApp({
      session: null,
      before: (server) =>
        server.use((req, _res, next) => {
          req.user = { id: 'ann', phone: '+12025550123' };
          next();
        }),
    });
    const { status, body } = await call(app.client(), 'start', { method: 'sms' });
    assert.equal(status, 500);
    assert.match(String(body.text), /NO_SESSION/);
  });
});
