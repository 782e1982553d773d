import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { lastCode, wrongCode } from '../../support/steps.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { assertProblem, assertStep, signedIn, verified, withCode } from './support/program.js';

const NOW = Date.parse('2026-05-04T12:00:00Z');

before(() => mock.timers.enable({ apis: ['Date'], now: NOW }));
after(() => mock.timers.reset());

describe('an API client that signs a user in', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp({ twoFactor: { retryTimeSeconds: 60 } });
  });

  it('the client gets the methods, sends a code, checks it, and is done', async () => {
    const program = await signedIn(app, 'ann');
    const start = await program.get('/2fa');
    const to = '•••• 0123';
    assert.deepEqual(start.body, {
      step: 'start',
      purpose: 'signIn',
      methods: [
        { method: 'sms', label: 'Text message', to },
        { method: 'call', label: 'Phone call', to },
        { method: 'whatsapp', label: 'WhatsApp', to },
      ],
      canEnterCode: false,
    });

    const sent = await program.post('/2fa', { method: 'call' });
    const pending = {
      purpose: 'signIn',
      method: 'call',
      label: 'Phone call',
      to,
      expiresAt: '2026-05-04T12:10:00.000Z',
      resendAt: '2026-05-04T12:01:00.000Z',
      attemptsLeft: 5,
    };
    assert.deepEqual(sent.body, { step: 'verify', result: 'sent', pending, codeLength: 6, hasOtherMethods: true });
    assert.deepEqual((await program.get('/2fa/verify')).body, {
      step: 'verify',
      pending,
      codeLength: 6,
      hasOtherMethods: true,
    });
    assert.equal((await program.get('/2fa')).body.canEnterCode, true);

    assertProblem(await program.post('/2fa/verify', { code: wrongCode(app) }), 'code_wrong', {
      field: 'code',
      attemptsLeft: 4,
    });
    assertProblem(await program.post('/2fa/verify', { code: 'abc' }), 'code_malformed', { field: 'code' });
    assert.equal(((await program.get('/2fa/verify')).body.pending as typeof pending).attemptsLeft, 4);

    const sessionBefore = program.browser.cookies.get('connect.sid');
    const approved = await program.post('/2fa/verify', { code: lastCode(app) });
    assert.deepEqual(approved.body, { step: 'done', result: 'approved', location: '/2fa/success' });
    assert.notEqual(program.browser.cookies.get('connect.sid'), sessionBefore, 'the session has another id');
    assert.deepEqual((await program.get('/2fa/success')).body, {
      step: 'done',
      canChange: true,
      canEndOtherSessions: false,
    });
    assert.deepEqual((await program.get('/2fa')).body, { step: 'done', location: '/2fa/success' });
    assert.equal((await program.browser.get('/account')).text, 'account of ann');
  });

  it('the answer to a right code names the page that the user requested', async () => {
    const program = await signedIn(app, 'eve');
    await program.browser.get('/account?tab=2');
    await program.post('/2fa', { method: 'sms' });
    const code = lastCode(app);
    const approved = await program.post('/2fa/verify', { code });
    assert.deepEqual(approved.body, { step: 'done', result: 'approved', location: '/account?tab=2' });
    assertStep(await program.post('/2fa/verify', { code }), 'done', 'alreadyVerified');
    assert.equal((await program.get('/2fa/success')).body.location, '/account?tab=2');
  });

  it('a resend is refused before its time, succeeds afterwards, and is reported once', async () => {
    const { users } = app;
    users.set('kim', { id: 'kim', phone: '+12025550131' });
    const program = await withCode(app, 'kim');
    assertProblem(await program.post('/2fa/resend'), 'retry_later', { retryAfterSeconds: 60 });
    mock.timers.tick(60_000);
    const again = await program.post('/2fa/resend');
    assertStep(again, 'verify', 'sent');
    assert.deepEqual(again.body.notices, ['We sent the code again.']);
    assert.equal((await program.get('/2fa/verify')).body.notices, undefined);
    assertStep(await program.post('/2fa', { method: 'call' }), 'verify', 'sent');
  });

  it('a cancel leaves nothing pending', async () => {
    app.users.set('lea', { id: 'lea', phone: '+12025550132' });
    const program = await withCode(app, 'lea');
    const code = lastCode(app);
    assertStep(await program.post('/2fa/cancel'), 'start', 'canceled');
    assertStep(await program.post('/2fa/cancel'), 'start', 'canceled');
    assertProblem(await program.get('/2fa/verify'), 'nothing_pending');
    assertProblem(await program.post('/2fa/verify', { code }), 'nothing_pending');
    assertProblem(await program.post('/2fa/resend'), 'nothing_pending');
  });

  it('a cancel leaves a verified user verified', async () => {
    const program = await verified(app, 'ann');
    assert.deepEqual((await program.post('/2fa/cancel')).body, {
      step: 'done',
      result: 'canceled',
      location: '/2fa/success',
    });
  });

  it('a page that does not apply to the user leads to the methods', async () => {
    const program = await signedIn(app, 'ann');
    for (const path of ['/2fa/success', '/2fa/register', '/2fa/failed']) {
      assertStep(await program.get(path), 'start');
    }
  });

  it('a client can also post forms, and request HTML in between', async () => {
    app.users.set('max', { id: 'max', phone: '+12025550133' });
    const browser = await app.signedIn('max');
    const accept = 'application/json';
    const sent = await browser.post('/2fa', { method: 'sms' }, { accept });
    assert.equal(JSON.parse(sent.text).step, 'verify');
    assert.match((await browser.get('/2fa/verify')).text, /<h1>Enter the security code/);
    const approved = await browser.post('/2fa/verify', { code: lastCode(app) }, { accept });
    assert.equal(JSON.parse(approved.text).result, 'approved');
  });

  it('no answer contains a whole number or a code', async () => {
    const phone = '+12025550134';
    app.users.set('nat', { id: 'nat', phone });
    const program = await signedIn(app, 'nat');
    const answers = [await program.get('/2fa'), await program.post('/2fa', { method: 'sms' })];
    const code = lastCode(app);
    answers.push(await program.get('/2fa/verify'), await program.post('/2fa/resend'), await program.get('/2fa'));
    answers.push(await program.post('/2fa/verify', { code: wrongCode(app) }), await program.get('/2fa/failed'));
    answers.push(await program.post('/2fa', { method: 'sms' }), await program.post('/2fa/verify', { code }));
    answers.push(await program.get('/2fa/success'), await program.get('/2fa/change'));
    for (const { text } of answers) {
      assert.ok(!text.includes(code), text);
      assert.doesNotMatch(text, /202\D?555\D?0134/);
    }
  });

  it('no answer to a client can be cached', async () => {
    const program = await signedIn(app, 'ann');
    for (const { headers } of [
      await program.get('/2fa'),
      await program.get('/2fa/verify'),
      await program.post('/2fa'),
    ]) {
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.match(headers.vary ?? '', /\baccept\b/i);
    }
  });
});
