import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { lastCode } from '../../support/steps.js';
import { startTestApp } from '../../support/test-app.js';
import { assertProblem, assertStep, signedIn, verified, withCode } from './support/program.js';

const TYPED = { phoneNumber: '(202) 555-0177', country: 'US' };

before(() => mock.timers.enable({ apis: ['Date'], now: Date.now() }));
after(() => mock.timers.reset());

describe('an API client that registers a first number', () => {
  it('the client gets the form, sends a code to the number, and the number is stored after a right code', async () => {
    const app = await startTestApp({ twoFactor: { allowedCountries: ['US', 'GB'] } });
    const program = await signedIn(app, 'ben');
    const form = {
      step: 'register',
      methods: [
        { method: 'sms', label: 'Text message' },
        { method: 'call', label: 'Phone call' },
        { method: 'whatsapp', label: 'WhatsApp' },
      ],
      countries: [
        { code: 'GB', name: 'United Kingdom', callingCode: '44' },
        { code: 'US', name: 'United States', callingCode: '1' },
      ],
      country: 'US',
      canSkip: false,
    };
    assert.deepEqual((await program.get('/2fa')).body, form);
    assert.deepEqual((await program.get('/2fa/register')).body, form);

    const sent = await program.post('/2fa/register', { ...TYPED, method: 'sms' });
    assertStep(sent, 'verify', 'sent');
    const { purpose, to } = sent.body.pending as { purpose: string; to: string };
    assert.deepEqual({ purpose, to }, { purpose: 'register', to: '+1 202 555 0177' });
    assert.equal(app.users.get('ben')?.phone, undefined);

    const approved = await program.post('/2fa/verify', { code: lastCode(app) });
    assertStep(approved, 'done', 'approved');
    assert.deepEqual(approved.body.notices, ['Your phone number was added.']);
    assert.equal(app.users.get('ben')?.phone, '+12025550177');
  });

  it('a client can register the number first, and then choose a method for it', async () => {
    const app = await startTestApp();
    const program = await signedIn(app, 'ben');
    const accepted = await program.post('/2fa/register', { phoneNumber: '+12025550177' });
    assertStep(accepted, 'start', 'numberAccepted');
    assert.equal(accepted.body.purpose, 'register');
    assert.equal(app.emulator.messages().length, 0);
    assertStep(await program.post('/2fa', { method: 'whatsapp' }), 'verify', 'sent');
    assertStep(await program.post('/2fa/cancel'), 'register', 'canceled');
  });

  it('the client skips an optional registration and continues', async () => {
    const app = await startTestApp({ twoFactor: { registerOptional: true } });
    const program = await signedIn(app, 'ben');
    assert.equal((await program.get('/2fa')).body.canSkip, true);
    await program.browser.get('/account');
    assert.deepEqual((await program.post('/2fa/skip')).body, { step: 'done', result: 'skipped', location: '/account' });
    assert.equal((await program.browser.get('/account')).text, 'account of ben');
  });

  it('a required registration cannot be skipped, and a user with a number cannot register one', async () => {
    const app = await startTestApp();
    assertProblem(await (await signedIn(app, 'ben')).post('/2fa/skip'), 'skip_not_allowed');
    const ann = await signedIn(app, 'ann');
    assertProblem(await ann.post('/2fa/register', { ...TYPED, method: 'sms' }), 'registration_not_allowed');
    assert.equal(app.emulator.messages().length, 0);
  });

  for (const { name, typed, code, field } of [
    {
      name: 'a number that does not exist',
      typed: { phoneNumber: '12' },
      code: 'number_invalid',
      field: 'phoneNumber',
    },
    { name: 'no number', typed: {}, code: 'number_invalid', field: 'phoneNumber' },
    { name: 'a premium number', typed: { phoneNumber: '+19005550123' }, code: 'number_refused', field: 'phoneNumber' },
    {
      name: 'a foreign number',
      typed: { phoneNumber: '+447400123456' },
      code: 'country_refused',
      field: 'phoneNumber',
    },
    { name: 'an unknown method', typed: { ...TYPED, method: 'fax' }, code: 'method_unknown', field: 'method' },
    { name: 'email for a number', typed: { ...TYPED, method: 'email' }, code: 'method_unknown', field: 'method' },
    {
      name: 'a landline by SMS',
      typed: { phoneNumber: '+19075550205', method: 'sms' },
      code: 'landline',
      field: 'method',
    },
    {
      name: 'a number that Twilio has blocked',
      typed: { phoneNumber: '+19075550238', method: 'sms' },
      code: 'address_refused',
      field: 'phoneNumber',
    },
  ] as const) {
    it(`a registration with ${name} is refused, and the answer names the field`, async () => {
      const app = await startTestApp();
      const program = await signedIn(app, 'ben');
      assertProblem(await program.post('/2fa/register', typed), code, { field });
      assert.equal(app.emulator.messages().length, 0);
    });
  }

  it('a refusal of a number carries the message of the application', async () => {
    const message = 'Somebody else has this number.';
    const app = await startTestApp({ twoFactor: { storePhoneNumber: () => ({ message }) } });
    const program = await signedIn(app, 'ben');
    await program.post('/2fa/register', { ...TYPED, method: 'sms' });
    const refused = await program.post('/2fa/verify', { code: lastCode(app) });
    assertProblem(refused, 'number_rejected', { field: 'phoneNumber' });
    assert.equal(refused.body.detail, message);
    assertStep(await program.get('/2fa'), 'register');
  });
});

describe('an API client that changes the number', () => {
  it('a change stores the new number after a right code and reports it', async () => {
    const app = await startTestApp();
    const program = await verified(app, 'ann');
    const form = await program.get('/2fa/change');
    assertStep(form, 'change');
    assert.equal(form.body.canSkip, false);
    assertStep(await program.post('/2fa/change', { ...TYPED, method: 'sms' }), 'verify', 'sent');
    assert.equal(app.users.get('ann')?.phone, '+12025550123');
    const approved = await program.post('/2fa/verify', { code: lastCode(app) });
    assert.deepEqual(approved.body, {
      step: 'done',
      result: 'approved',
      canChange: true,
      canEndOtherSessions: true,
      notices: ['Your phone number was changed.'],
    });
    assert.equal(app.users.get('ann')?.phone, '+12025550177');
  });

  it('a client can change the number first, and then choose a method for it', async () => {
    const app = await startTestApp();
    const program = await verified(app, 'ann');
    const accepted = await program.post('/2fa/change', TYPED);
    assertStep(accepted, 'start', 'numberAccepted');
    assert.equal(accepted.body.purpose, 'change');
    assertStep(await program.post('/2fa/cancel'), 'done', 'canceled');
  });

  it('a change requires a code to the present number if the last one is older than 5 minutes, then continues', async () => {
    const app = await startTestApp();
    const program = await verified(app, 'ann');
    mock.timers.tick(5 * 60_000);
    assertProblem(await program.get('/2fa/change'), 'verification_required');
    assertProblem(await program.post('/2fa/change', { ...TYPED, method: 'sms' }), 'verification_required');
    assertStep(await program.get('/2fa'), 'start');
    await program.post('/2fa', { method: 'sms' });
    const approved = await program.post('/2fa/verify', { code: lastCode(app) });
    assert.equal(approved.body.location, '/2fa/change');
    assertStep(await program.get('/2fa/change'), 'change');
  });

  it('a change is refused if the option forbids it, and for an unverified user', async () => {
    const app = await startTestApp({ twoFactor: { allowChange: ({ user }) => user.id !== 'eve' } });
    const eve = await verified(app, 'eve');
    assertProblem(await eve.get('/2fa/change'), 'change_not_allowed');
    assertProblem(await eve.post('/2fa/change', { ...TYPED, method: 'sms' }), 'change_not_allowed');
    assert.equal((await eve.get('/2fa/success')).body.canChange, false);
    const ann = await withCode(app, 'ann');
    assertProblem(await ann.post('/2fa/change', { ...TYPED, method: 'sms' }), 'verification_required');
  });
});
