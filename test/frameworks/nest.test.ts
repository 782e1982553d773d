import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import type { Client } from '../support/client.js';
import { newNumber, type OwnUser, wrongCode } from '../support/second-step.js';
import { jsonOf } from './support/json.js';
import { type NestApp, startNestApp } from './support/nest-app.js';
import { AccountController } from './support/nest-controller.js';

const SCRIPT = { accept: 'application/json' };

describe('Nest', () => {
  let app: NestApp;
  let validate: (user: unknown) => unknown;
  let user: OwnUser;
  let browser: Client;
  let users = 0;

  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-03-01T10:00:00Z') });
    app = await startNestApp({ verify: (given) => validate(given) });
  });
  after(() => mock.timers.reset());

  beforeEach(async () => {
    validate = (given) => given;
    users += 1;
    user = { id: `user-${users}`, phone: newNumber() };
    app.users.set(user.id, user);
    browser = await app.signedIn(user.id);
  });

  async function startCode() {
    assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
    return app.emulator.codeFor(user.phone);
  }

  async function passBoth() {
    const code = await startCode();
    assert.equal((await browser.post('/2fa/verify', { code })).status, 303);
  }

  const who = async (client = browser) => jsonOf(await client.get('/who'));

  it("answers Nest's 401 where there is no user, also to a page request", async () => {
    for (const headers of [SCRIPT, { accept: 'text/html' }]) {
      const answer = await app.client().get('/account', headers);
      assert.deepEqual([answer.status, jsonOf(answer)], [401, { message: 'Unauthorized', statusCode: 401 }]);
    }
    assert.deepEqual(await who(app.client()), { user: null, isVerified: false });
  });

  it("answers Nest's 401 to a script of a user who is not verified, and leaves the user on the request", async () => {
    const answer = await browser.get('/account', SCRIPT);
    assert.deepEqual([answer.status, jsonOf(answer)], [401, { message: 'Unauthorized', statusCode: 401 }]);
    assert.deepEqual(await who(), { user, isVerified: false });
  });

  it('sends a page request to the pages, and back when the code was right', async () => {
    const stopped = await browser.get('/account');
    assert.deepEqual([stopped.status, stopped.location], [302, '/2fa']);
    assert.match((await browser.get('/2fa')).text, /name="method"/);
    const code = await startCode();
    assert.match((await browser.get('/2fa/verify')).text, /name="code"/);
    const wrong = await browser.post('/2fa/verify', { code: wrongCode(code) });
    assert.equal(wrong.location, '/2fa/verify');
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/account');
    assert.equal((await browser.get('/2fa/success')).status, 200);
    assert.equal((await browser.get('/2fa/assets/twilio-2fa.css')).status, 200);
  });

  it('runs the controller of a verified user, with the same user on the request', async () => {
    await passBoth();
    AccountController.seen = [];
    assert.deepEqual(jsonOf(await browser.get('/account')), { account: user.id });
    assert.equal(AccountController.seen[0], user);
    assert.deepEqual(await who(), { user, isVerified: true });
  });

  it('asks validate once for each right code, and not for a verified user', async () => {
    app.second.validated.length = 0;
    const code = await startCode();
    await browser.post('/2fa/verify', { code: wrongCode(code) });
    assert.equal(app.second.validated.length, 0);
    await browser.post('/2fa/verify', { code });
    await browser.get('/account');
    const [info, ...more] = app.second.validated;
    assert.match(info?.verificationSid ?? '', /^VE/);
    assert.deepEqual([info?.method, info?.purpose, more], ['sms', 'signIn', []]);
  });

  for (const { name, answer, status } of [
    { name: 'nothing', answer: () => undefined, status: 303 },
    { name: 'false and a reason', answer: () => [false, { message: 'Not on Sundays' }], status: 303 },
    { name: 'another user', answer: () => ({ id: 'somebody' }), status: 303 },
    {
      name: 'an exception',
      answer: () => {
        throw new Error('no database');
      },
      status: 500,
    },
  ]) {
    it(`no one is verified if validate returns ${name}`, async () => {
      validate = answer;
      const code = await startCode();
      const refused = await browser.post('/2fa/verify', { code });
      assert.equal(refused.status, status);
      assert.equal((await browser.get('/account', SCRIPT)).status, 401);
      if (name.endsWith('reason')) assert.match((await browser.get('/2fa/failed')).text, /Not on Sundays/);
    });
  }

  it('checks a code that is posted to a route behind the guard', async () => {
    const started = jsonOf(await browser.postJson('/start', { method: 'sms' }));
    assert.equal(started.type, 'sent');
    const code = await app.emulator.codeFor(user.phone);
    const wrong = await browser.postJson('/enter', { code: wrongCode(code) });
    assert.deepEqual([wrong.status, jsonOf(wrong).code, jsonOf(wrong).attemptsLeft], [422, 'code_wrong', 4]);
    const right = await browser.postJson('/enter', { code });
    assert.deepEqual([right.status, jsonOf(right)], [201, { entered: user.id }]);
  });

  it('a route whose guard sets maxAgeSeconds requires a recent verification', async () => {
    await passBoth();
    assert.equal((await browser.get('/transfer')).status, 200);
    mock.timers.tick(301_000);
    assert.equal((await browser.get('/account')).status, 200);
    assert.equal((await browser.get('/transfer', SCRIPT)).status, 401);
    assert.equal((await browser.get('/transfer')).location, '/2fa');
    const code = await startCode();
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/transfer');
    assert.equal((await browser.get('/transfer')).status, 200);
  });

  it('the verification ends at sign-out, and when another user signs in', async () => {
    await passBoth();
    await browser.post('/logout');
    assert.deepEqual(await who(), { user: null, isVerified: false });
    await browser.postJson('/login', { username: user.id, password: user.id });
    assert.equal((await browser.get('/account', SCRIPT)).status, 401);

    await passBoth();
    const other = { id: `${user.id}-other`, phone: newNumber() };
    app.users.set(other.id, other);
    await browser.postJson('/login', { username: other.id, password: other.id });
    assert.deepEqual(await who(), { user: other, isVerified: false });
    assert.equal((await browser.get('/account', SCRIPT)).status, 401);
  });

  it('listeners of the injected strategy receive the events', async () => {
    const heard: string[] = [];
    app.second.once('verificationSent', ({ user: { id } }) => void heard.push(`sent ${id}`));
    app.second.once('verificationApproved', ({ user: { id } }) => void heard.push(`approved ${id}`));
    await passBoth();
    assert.deepEqual(heard, [`sent ${user.id}`, `approved ${user.id}`]);
  });

  it('registers a first number on the pages', async () => {
    const { phone } = user;
    Object.assign(user, { phone: undefined });
    assert.equal((await browser.get('/2fa')).location, '/2fa/register');
    const form = { country: 'US', phoneNumber: phone, method: 'sms' };
    assert.equal((await browser.post('/2fa/register', form)).location, '/2fa/verify');
    const code = await app.emulator.codeFor(phone);
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa/success');
    assert.equal(user.phone, phone);
  });

  it('paths outside the pages are left to Nest', async () => {
    const nowhere = await browser.get('/2fa/nowhere');
    assert.equal(nowhere.status, 404);
    assert.equal(jsonOf(nowhere).statusCode, 404);
  });

  it("an outage of Twilio causes Nest's 500, or 503 with a guard that sets it, and the app keeps running", async () => {
    const code = await startCode();
    app.emulator.fail({ call: 'check', status: 500, times: 2 });
    assert.equal((await browser.postJson('/account', { code })).status, 500);
    const told = await browser.postJson('/enter', { code });
    assert.deepEqual([told.status, jsonOf(told).message], [503, 'ERR_TWILIO_VERIFY_UNAVAILABLE']);
    assert.equal((await browser.postJson('/enter', { code })).status, 201);
  });
});
