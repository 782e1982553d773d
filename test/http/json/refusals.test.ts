import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import type { RefusalCode } from 'passport-twilio-verify';
import type { EmulatorFault } from 'passport-twilio-verify/emulator';
import { lastCode, wrongCode } from '../../support/steps.js';
import { startTestApp, type TestApp, type TestAppOptions } from '../../support/test-app.js';
import { assertProblem, assertStep, Program, signedIn, withCode } from './support/program.js';

before(() => mock.timers.enable({ apis: ['Date'], now: Date.now() }));
after(() => mock.timers.reset());

const ONE_SEND = [{ points: 1, durationSeconds: 600 }];
const GETS = ['/2fa', '/2fa/verify', '/2fa/register', '/2fa/change', '/2fa/success', '/2fa/failed'];
const POSTS = [
  '/2fa',
  '/2fa/verify',
  '/2fa/resend',
  '/2fa/cancel',
  '/2fa/register',
  '/2fa/skip',
  '/2fa/change',
  '/2fa/other-sessions/end',
];

/** The whole record in the store: what a refused request must not change. */
const stored = (app: TestApp, { browser }: Program) => app.record(browser);

describe('an API client without a user', () => {
  for (const loginUrl of [undefined, '/login']) {
    it(`every route refuses a client without a user, with no redirect${loginUrl ? ', with loginUrl too' : ''}`, async () => {
      const app = await startTestApp({ twoFactor: loginUrl ? { loginUrl } : {} });
      const program = new Program(app.client());
      for (const path of GETS) assertProblem(await program.get(path), 'login_required');
      for (const path of POSTS) assertProblem(await program.post(path, { code: '123456' }), 'login_required');
      assert.equal(program.browser.cookies.size, 0, 'no session is begun');
    });
  }
});

describe('an API client that is refused a code', () => {
  for (const { name, options = {}, user = 'ann', body = { method: 'sms' }, code, members } of [
    { name: 'an unknown method', body: { method: 'fax' }, code: 'method_unknown', members: { field: 'method' } },
    { name: 'no method', body: {}, code: 'method_unknown', members: { field: 'method' } },
    {
      name: 'a method that the option leaves out',
      options: { twoFactor: { allowedMethods: ['call'] } },
      code: 'method_unknown',
      members: { field: 'method' },
    },
    { name: 'no address for any method', options: { twoFactor: { allowedMethods: ['email'] } }, code: 'no_method' },
    {
      name: 'no number, and no registration',
      options: { twoFactor: { allowRegister: false } },
      user: 'ben',
      code: 'registration_not_allowed',
    },
  ] satisfies {
    name: string;
    options?: TestAppOptions;
    user?: string;
    body?: object;
    code: RefusalCode;
    members?: object;
  }[]) {
    it(`a code is refused for ${name}`, async () => {
      const app = await startTestApp(options);
      const program = await signedIn(app, user);
      assertProblem(await program.post('/2fa', body), code, members);
      assert.equal(app.emulator.messages().length, 0);
    });
  }

  it('a user without a number or registration is refused on every page that would offer one', async () => {
    const app = await startTestApp({ twoFactor: { allowRegister: false } });
    const program = await signedIn(app, 'ben');
    for (const path of ['/2fa', '/2fa/success', '/2fa/register']) {
      assertProblem(await program.get(path), 'registration_not_allowed');
    }
    const { reason, ...failed } = (await program.get('/2fa/failed')).body;
    assert.ok(reason);
    assert.deepEqual(failed, {
      step: 'failed',
      code: 'registration_not_allowed',
      canRetry: false,
      canEnterCode: false,
    });
    assertProblem(await program.post('/2fa/cancel'), 'registration_not_allowed');
  });

  for (const { twilioCode, code, members } of [
    { twilioCode: 60205, code: 'landline', members: { field: 'method' } },
    { twilioCode: 60223, code: 'method_unavailable', members: { field: 'method' } },
    { twilioCode: 60212, code: 'busy', members: { field: 'method' } },
    { twilioCode: 21211, code: 'number_invalid', members: {} },
    { twilioCode: 60200, code: 'unavailable', members: {} },
    { twilioCode: 21610, code: 'opted_out', members: { field: 'method' } },
    { twilioCode: 60410, code: 'address_refused', members: {} },
    { twilioCode: 60605, code: 'country_refused', members: {} },
    { twilioCode: 60203, code: 'too_many_sends', members: { retryAfterSeconds: 600 } },
    { twilioCode: 20500, code: 'unavailable', members: {} },
    { twilioCode: 20003, code: 'unavailable', members: {} },
  ] as const) {
    it(`because Twilio answers ${twilioCode}: ${code}`, async () => {
      const app = await startTestApp();
      const program = await signedIn(app, 'ann');
      app.emulator.fail({ call: 'create', code: twilioCode });
      assertProblem(await program.post('/2fa', { method: 'sms' }), code, members);
      assertStep(await program.post('/2fa', { method: 'sms' }), 'verify', 'sent');
    });
  }

  it('because too many were sent, and can still type the one that was', async () => {
    const app = await startTestApp({ twoFactor: { retryTimeSeconds: 0, limits: { sendsPerUser: ONE_SEND } } });
    const program = await withCode(app, 'ann');
    assertProblem(await program.post('/2fa/resend'), 'too_many_sends', { retryAfterSeconds: 600 });
    const { reason, ...failed } = (await program.get('/2fa/failed')).body;
    assert.ok(reason);
    assert.deepEqual(failed, {
      step: 'failed',
      code: 'too_many_sends',
      canRetry: false,
      canEnterCode: true,
      retryAfterSeconds: 600,
    });
    mock.timers.tick(599_000);
    assert.equal((await program.get('/2fa/failed')).body.retryAfterSeconds, 1);
    assertStep(await program.post('/2fa/verify', { code: lastCode(app) }), 'done', 'approved');
  });
});

describe('an API client whose check is refused', () => {
  it('the fifth wrong code is refused, and the failed page reports the reason', async () => {
    const app = await startTestApp();
    const program = await withCode(app, 'ann');
    for (const attemptsLeft of [4, 3, 2, 1]) {
      const refused = await program.post('/2fa/verify', { code: wrongCode(app) });
      assertProblem(refused, 'code_wrong', { field: 'code', attemptsLeft });
    }
    assertProblem(await program.post('/2fa/verify', { code: wrongCode(app) }), 'too_many_checks');
    const failed = await program.get('/2fa/failed');
    assertStep(failed, 'failed');
    assert.deepEqual([failed.body.code, failed.body.canRetry], ['too_many_checks', true]);
    assertProblem(await program.post('/2fa/verify', { code: lastCode(app) }), 'nothing_pending');
  });

  it('a temporary lockout refuses a check', async () => {
    const app = await startTestApp({ twoFactor: { limits: { wrongCodesPerLock: 1 } } });
    const program = await withCode(app, 'ann');
    const locked = { retryAfterSeconds: 900 };
    assertProblem(await program.post('/2fa/verify', { code: wrongCode(app) }), 'locked', locked);
    assertProblem(await program.post('/2fa', { method: 'sms' }), 'locked', locked);
    const failed = await program.get('/2fa/failed');
    assert.deepEqual([failed.body.code, failed.body.canRetry], ['locked', false]);
    assert.equal(failed.body.retryAfterSeconds, 900);
    mock.timers.tick(900_000);
    assert.equal((await program.get('/2fa/failed')).body.canRetry, true);
    assertStep(await program.post('/2fa', { method: 'sms' }), 'verify', 'sent');
  });

  it('a lockout that only an unlock ends has a wait of null, because JSON has no infinity', async () => {
    const app = await startTestApp({ twoFactor: { limits: { wrongCodesPerLock: 1, wrongCodesInAll: 1 } } });
    const program = await withCode(app, 'ann');
    const locked = { retryAfterSeconds: null };
    const refused = await program.post('/2fa/verify', { code: wrongCode(app) });
    assertProblem(refused, 'locked', locked);
    assert.match(String(refused.body.detail), /Contact support/);
    assertProblem(await program.post('/2fa', { method: 'sms' }), 'locked', locked);
    assert.equal((await program.get('/2fa/failed')).body.retryAfterSeconds, null);
    await app.strategy.admin.unlock({ id: 'ann' }, { actor: 'test', reason: 'next row' });
    assertStep(await program.post('/2fa', { method: 'sms' }), 'verify', 'sent');
  });

  it('an expired code is refused', async () => {
    const app = await startTestApp();
    const program = await withCode(app, 'ann');
    mock.timers.tick(10 * 60_000);
    assertProblem(await program.get('/2fa/verify'), 'code_expired');
    assertProblem(await program.post('/2fa/verify', { code: lastCode(app) }), 'code_expired');
    assert.equal((await program.get('/2fa/failed')).body.code, 'code_expired');
  });

  it('a code sent to an earlier number of the user is refused', async () => {
    const app = await startTestApp();
    const program = await withCode(app, 'ann');
    const code = lastCode(app);
    app.users.set('ann', { id: 'ann', phone: '+12025550188' });
    assertProblem(await program.post('/2fa/verify', { code }), 'address_changed');
    assert.deepEqual((await program.get('/2fa')).body.notices, [
      'Your phone number changed after the code was sent. Get a new code.',
    ]);
  });

  it('a refusal by the application does not reveal its info', async () => {
    const app = await startTestApp({ verify: (_user, _info, done) => done(null, false, { message: 'from the app' }) });
    const program = await withCode(app, 'ann');
    assertProblem(await program.post('/2fa/verify', { code: lastCode(app) }), 'refused_by_app');
    assert.notEqual((await program.browser.get('/account')).status, 200);
  });
});

describe('an API client while Twilio is unreachable', () => {
  for (const { name, fault } of [
    { name: 'answers 500', fault: { status: 500 } },
    { name: 'answers a page', fault: { status: 503, body: '<!doctype html><title>503</title>' } },
    { name: 'drops the connection', fault: { drop: true } },
  ] satisfies { name: string; fault: EmulatorFault }[]) {
    it(`the client gets "unavailable" if Twilio ${name}, and nothing is lost`, async () => {
      const app = await startTestApp();
      const program = await signedIn(app, 'ann');
      app.emulator.fail({ call: 'create', ...fault });
      assertProblem(await program.post('/2fa', { method: 'sms' }), 'unavailable');
      assertStep(await program.post('/2fa', { method: 'sms' }), 'verify', 'sent');
      app.emulator.fail({ call: 'check', ...fault });
      assertProblem(await program.post('/2fa/verify', { code: lastCode(app) }), 'unavailable');
      const { canEnterCode, code } = (await program.get('/2fa/failed')).body;
      assert.deepEqual({ canEnterCode, code }, { canEnterCode: true, code: 'unavailable' });
      assertStep(await program.post('/2fa/verify', { code: lastCode(app) }), 'done', 'approved');
    });
  }
});

describe('a request that is refused outright', () => {
  for (const { name, headers, body, code } of [
    {
      name: 'from another site',
      headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
      body: { code: '123456', method: 'call' },
      code: 'cross_site',
    },
    { name: 'with fields that are no text', headers: {}, body: { code: 1, method: [] }, code: 'bad_request' },
  ] as const) {
    it(`${name}, changes nothing in the session`, async () => {
      const app = await startTestApp();
      const program = await withCode(app, 'ann');
      const before = await stored(app, program);
      const calls = app.emulator.requests().length;
      for (const [path, field] of [
        ['/2fa', 'method'],
        ['/2fa/verify', 'code'],
      ] as const) {
        const answer = await program.post(path, body, headers);
        assertProblem(answer, code, code === 'bad_request' ? { field } : {});
        assert.equal(answer.headers['set-cookie'], undefined);
      }
      assert.deepEqual(await stored(app, program), before);
      assert.equal(app.emulator.requests().length, calls);
    });
  }
});
