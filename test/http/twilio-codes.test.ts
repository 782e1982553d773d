import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import express from 'express';
import type { RefusalCode, TwilioErrorEvent, TwilioVerifyErrorCode } from 'passport-twilio-verify';
import type { EmulatorFault, EmulatorFaultHandle } from 'passport-twilio-verify/emulator';
import type { Answer } from '../support/client.js';
import { assertRefuses, linksTo, readable } from '../support/page.js';
import { addUser, newNumber, recordOf, type WaitingForCode, waitForCode } from '../support/second-step.js';
import { startTestApp, type TestApp, type TestUser } from '../support/test-app.js';
import { ENGLISH } from '../support/texts.js';

const HTML = '<!doctype html><title>Bad gateway</title><h1>Bad gateway</h1>';

const TO = 'Invalid parameter `To`: +12025550123';
const CODE = 'Invalid parameter `Code`: 000000';

type Fault = Omit<EmulatorFault, 'call'>;

/** A refusal by Twilio and its result. */
interface RefusalRow {
  readonly code: number;
  readonly status: number;
  /** Twilio's message, if it says what is meant. */
  readonly message?: string;
  readonly reason: RefusalCode;
  /** Either the form again, with this status, or the failed page. */
  readonly page: 'form' | 'failed';
  readonly answer?: number;
}

/** An error that the application has to fix or wait for. */
interface FaultRow {
  readonly name: string;
  readonly fault: Fault;
  readonly error: TwilioVerifyErrorCode;
  readonly says?: RegExp;
}

const faultOf = ({ code, status, message }: RefusalRow): Fault => ({
  code,
  status,
  ...(message === undefined ? {} : { message }),
});

const configuration = (code: number, status: number, says: RegExp): FaultRow => ({
  name: `${code} with ${status}`,
  fault: { code, status },
  error: 'ERR_TWILIO_VERIFY_CONFIGURATION',
  says,
});
const unavailable = (name: string, fault: Fault): FaultRow => ({ name, fault, error: 'ERR_TWILIO_VERIFY_UNAVAILABLE' });

const CONFIGURATION: readonly FaultRow[] = [
  configuration(20003, 401, /20003.*TWILIO_AUTH_TOKEN.*TWILIO_API_KEY/),
  configuration(21608, 400, /21608.*trial account/),
  configuration(60204, 403, /60204.*custom codes/),
  configuration(60206, 400, /60206.*PSD2/),
  configuration(60207, 400, /60207.*rate limit/),
  configuration(60229, 404, /60229.*translation.*"templateSid" or "locale"/),
  configuration(60234, 400, /60234.*sender ID/),
  {
    name: '60200 about a parameter of the app',
    fault: { code: 60200, status: 400, message: 'Invalid parameter `TemplateSid`: HJ0' },
    error: 'ERR_TWILIO_VERIFY_CONFIGURATION',
    says: /60200.*"TemplateSid"/,
  },
  configuration(60200, 400, /60200.*logs/),
  { name: 'an unknown 401', fault: { status: 401, body: '' }, error: 'ERR_TWILIO_VERIFY_CONFIGURATION', says: /401/ },
  {
    name: 'an unknown code with 403',
    fault: { code: 60999, status: 403 },
    error: 'ERR_TWILIO_VERIFY_CONFIGURATION',
    says: /403 with code 60999/,
  },
];

const UNAVAILABLE: readonly FaultRow[] = [
  unavailable('an unknown code with 400', { code: 60999, status: 400 }),
  unavailable('20500 with 500', { code: 20500, status: 500 }),
  unavailable('an HTML page with 502', { status: 502, body: HTML }),
  unavailable('an HTML page with 503', { status: 503, body: HTML }),
  unavailable('an HTML page with 404', { status: 404, body: HTML }),
  unavailable('broken JSON with 502', { status: 502, body: '{"code": 20500, "mess' }),
  unavailable('nothing at all with 504', { status: 504, body: '' }),
  unavailable('an HTML page with 200, as of a proxy that asks for a log-in', { status: 200, body: HTML }),
  unavailable('broken JSON with 200', { status: 200, body: '{"sid": "VE' }),
  unavailable('an empty object with 200', { status: 200, body: '{}' }),
  unavailable('a JSON list with 201', { status: 201, body: '[]' }),
  unavailable('a dropped connection', { drop: true }),
];

describe('error responses from Twilio', () => {
  let app: TestApp;
  const told: TwilioErrorEvent<TestUser>[] = [];
  const limited: RefusalCode[] = [];
  const warnings: Error[] = [];
  const faults: EmulatorFaultHandle[] = [];
  const onWarning = (warning: Error) => void warnings.push(warning);

  before(async () => {
    process.on('warning', onWarning);
    app = await startTestApp({
      twoFactor: { retryTimeSeconds: 0 },
      routes: (server, passport) => {
        server.use(['/gate', '/told'], express.urlencoded({ extended: false }));
        server.post('/gate', passport.authenticate('twilio-2fa'), (_req, res) => void res.send('in'));
        server.post('/told', (req, res, next) => {
          const answer = (error: unknown, user: unknown, info: unknown, status: number) =>
            error ? next(error) : res.status(status ?? 200).json({ user: Boolean(user), info });
          passport.authenticate('twilio-2fa', answer as never)(req, res, next);
        });
      },
    });
    app.strategy.on('twilioError', (event) => told.push(event));
    app.strategy.on('rateLimited', ({ reason }) => limited.push(reason));
  });
  after(() => void process.off('warning', onWarning));
  afterEach(() => {
    // Faults that one test leaves must not affect the next test.
    for (const fault of faults.splice(0)) fault.cancel();
    told.length = 0;
    limited.length = 0;
  });

  const fail = (fault: EmulatorFault) => void faults.push(app.emulator.fail(fault));

  /** The only event emitted since the last call. */
  function theEvent(): TwilioErrorEvent<TestUser> {
    const [event, ...more] = told.splice(0);
    assert.ok(event, 'no twilioError was told');
    assert.deepEqual(more, []);
    return event;
  }

  async function assertNotVerified({ browser }: Pick<WaitingForCode, 'browser'>) {
    assert.equal((await recordOf(app, browser)).verified, undefined);
    assert.equal((await browser.get('/account', { accept: 'application/json' })).status, 401);
  }

  /** Neither number, nor code, nor credential, wherever it may be hidden in what listeners and handlers get. */
  function assertHoldsNoSecret(error: unknown, { user, code }: { user: { phone: string }; code?: string | undefined }) {
    const { accountSid, authToken } = app.emulator;
    const text = inspect(error, { depth: null, showHidden: true, maxStringLength: null, maxArrayLength: null });
    const basic = Buffer.from(`${accountSid}:${authToken}`).toString('base64');
    for (const secret of [authToken, accountSid, basic, user.phone, user.phone.slice(1), ...(code ? [code] : [])]) {
      assert.ok(!text.includes(secret), `${secret} is in: ${text}`);
    }
    assert.doesNotMatch(text, /Authorization|AxiosError|data: 'To=/i);
  }

  async function assertShows(answer: Answer, row: RefusalRow, browser: WaitingForCode['browser']) {
    if (row.page === 'form') {
      const page = row.answer === undefined ? await browser.get(answer.location ?? '') : answer;
      assert.equal(page.status, row.answer ?? 200);
      assertRefuses(page.text, row.reason, { attemptsLeft: 4 });
      return;
    }
    assert.equal(answer.status, 303);
    assert.equal(answer.location, '/2fa/failed');
    // A user who signs in has no field for another number.
    const isStored = row.reason === 'number_invalid';
    assertRefuses((await browser.get('/2fa/failed')).text, isStored ? 'address_refused' : row.reason);
  }

  describe('to a create', () => {
    const rows: readonly RefusalRow[] = [
      { code: 60200, status: 400, message: TO, reason: 'number_invalid', page: 'failed' },
      { code: 21211, status: 400, reason: 'number_invalid', page: 'failed' },
      { code: 60203, status: 429, reason: 'too_many_sends', page: 'failed' },
      { code: 60205, status: 403, reason: 'landline', page: 'form', answer: 422 },
      { code: 60212, status: 429, reason: 'busy', page: 'form', answer: 429 },
      { code: 60217, status: 400, reason: 'method_unavailable', page: 'form', answer: 422 },
      { code: 60220, status: 400, reason: 'method_unavailable', page: 'form', answer: 422 },
      { code: 60223, status: 400, reason: 'method_unavailable', page: 'form', answer: 422 },
      { code: 68008, status: 400, reason: 'method_unavailable', page: 'form', answer: 422 },
      { code: 60238, status: 403, reason: 'address_refused', page: 'failed' },
      { code: 60410, status: 403, reason: 'address_refused', page: 'failed' },
      { code: 60605, status: 403, reason: 'country_refused', page: 'failed' },
      { code: 13227, status: 400, reason: 'country_refused', page: 'failed' },
      { code: 21408, status: 400, reason: 'country_refused', page: 'failed' },
      { code: 21610, status: 400, reason: 'opted_out', page: 'form', answer: 422 },
      { code: 21614, status: 400, reason: 'landline', page: 'form', answer: 422 },
      { code: 20429, status: 429, reason: 'busy', page: 'form', answer: 429 },
    ];
    for (const row of rows) {
      it(`${row.code} with ${row.status} is an outcome: ${row.reason}`, async () => {
        const user = addUser(app);
        const browser = await app.signedIn(user.id);
        fail({ call: 'create', ...faultOf(row) });
        const answer = await browser.post('/2fa', { method: 'sms' });
        await assertShows(answer, row, browser);
        const { call, twilioCode, reason, error } = theEvent();
        assert.deepEqual({ call, twilioCode, reason }, { call: 'create', twilioCode: row.code, reason: row.reason });
        assert.equal(error, undefined, 'it is no fault');
        assert.equal(limited.length, row.status === 429 ? 1 : 0);
        assert.equal((await recordOf(app, browser)).pending, undefined);
        await assertNotVerified({ browser });
        assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify', 'the next try works');
      });

      it(`${row.code} in a registration: ${row.reason}, and no number is stored`, async () => {
        const user = addUser(app, { phone: undefined });
        const browser = await app.signedIn(user.id);
        const phoneNumber = newNumber();
        fail({ call: 'create', ...faultOf(row) });
        const answer = await browser.post('/2fa/register', { phoneNumber, method: 'sms' });
        assert.equal(theEvent().reason, row.reason);
        if (answer.status === 303) {
          assert.equal(answer.location, '/2fa/failed');
          assertRefuses((await browser.get('/2fa/failed')).text, row.reason);
        } else {
          assertRefuses(answer.text, row.reason);
        }
        assert.equal(app.users.get(user.id)?.phone, undefined);
        await assertNotVerified({ browser });
      });
    }

    it('60203 tells when to try again', async () => {
      const browser = await app.signedIn(addUser(app).id);
      fail({ call: 'create', code: 60203 });
      await browser.post('/2fa', { method: 'sms' });
      theEvent();
      const failed = await browser.get('/2fa/failed');
      const [wait = ''] = ENGLISH.text('wait', { wait: '|' }).split('|');
      assert.ok(readable(failed.text).includes(wait), readable(failed.text));
    });

    it('60205 leaves a call, which then works', async () => {
      const user = addUser(app, { phone: '+19075550205' });
      const browser = await app.signedIn(user.id);
      assert.equal((await browser.post('/2fa', { method: 'sms' })).status, 422);
      theEvent();
      assert.equal((await browser.post('/2fa', { method: 'call' })).location, '/2fa/verify');
    });

    const rowsOfFaults = [
      ...CONFIGURATION,
      configuration(20404, 404, /20404.*TWILIO_VERIFY_SERVICE_SID/),
      ...UNAVAILABLE,
    ];
    for (const { name, fault, error: code, says } of rowsOfFaults) {
      it(`${name} leads to a page with the reason; nothing is sent, nothing is lost`, async () => {
        const user = addUser(app);
        const browser = await app.signedIn(user.id);
        await browser.get('/account');
        fail({ call: 'create', ...fault });
        assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/failed');
        const page = await browser.get('/2fa/failed');
        assertRefuses(page.text, 'unavailable');
        assert.ok(linksTo(page.text, '/2fa'), 'a new try is offered');
        const event = theEvent();
        assert.equal(event.call, 'create');
        assert.equal(event.reason, 'unavailable');
        assert.equal(event.error?.code, code);
        if (says) assert.match(event.error?.message ?? '', says);
        assertHoldsNoSecret(event.error, { user });
        assert.equal((await recordOf(app, browser)).pending, undefined);
        await assertNotVerified({ browser });
        await browser.get('/account');
        assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
        const sent = await app.emulator.codeFor(user.phone);
        assert.equal((await browser.post('/2fa/verify', { code: sent })).location, '/account');
      });
    }

    it('a configuration error reaches the operator of the application without secrets', () => {
      const texts = warnings.map(({ message }) => message);
      for (const { says } of CONFIGURATION) {
        assert.ok(says && texts.some((text) => says.test(text)), `${says} is not in ${texts.join('\n')}`);
      }
      for (const secret of [app.emulator.authToken, app.emulator.accountSid, '+1202']) {
        assert.ok(!texts.some((text) => text.includes(secret)));
      }
    });
  });

  describe('to a check', () => {
    const rows: readonly (RefusalRow & { readonly isOver: boolean })[] = [
      { code: 60200, status: 400, message: CODE, reason: 'code_wrong', page: 'form', isOver: false },
      { code: 60202, status: 429, reason: 'too_many_checks', page: 'failed', isOver: true },
      { code: 60212, status: 429, reason: 'busy', page: 'form', isOver: false },
      { code: 20404, status: 404, reason: 'code_expired', page: 'failed', isOver: true },
      { code: 20429, status: 429, reason: 'busy', page: 'form', isOver: false },
    ];
    const statuses: Partial<Record<RefusalCode, number>> = {
      code_wrong: 422,
      too_many_checks: 429,
      busy: 429,
      code_expired: 422,
    };
    for (const row of rows) {
      it(`${row.code} with ${row.status} is an outcome: ${row.reason}`, async () => {
        const waiting = await waitForCode(app);
        const { browser, code } = waiting;
        fail({ call: 'check', ...faultOf(row) });
        const answer = await browser.post('/2fa/verify', { code });
        await assertShows(answer, row, browser);
        const { call, twilioCode, reason, error } = theEvent();
        assert.deepEqual({ call, twilioCode, reason }, { call: 'check', twilioCode: row.code, reason: row.reason });
        assert.equal(error, undefined, 'it is no fault');
        await assertNotVerified(waiting);
        const { pending } = await recordOf(app, browser);
        assert.equal(pending === undefined, row.isOver);
        if (!row.isOver) assert.equal((await browser.post('/2fa/verify', { code })).status, 303);
      });

      it(`${row.code} at a route with the strategy: ${row.reason}, ${statuses[row.reason]}`, async () => {
        const waiting = await waitForCode(app);
        fail({ call: 'check', ...faultOf(row) });
        const answer = await waiting.browser.post('/told', { code: waiting.code });
        theEvent();
        assert.equal(answer.status, statuses[row.reason]);
        const { user, info } = JSON.parse(answer.text);
        assert.equal(user, false);
        assert.equal(info.code, row.reason);
        await assertNotVerified(waiting);
      });
    }

    for (const { name, fault, error: code, says } of [...CONFIGURATION, ...UNAVAILABLE]) {
      it(`${name} leads to a page with the reason; nothing is approved, nothing is lost`, async () => {
        const waiting = await waitForCode(app);
        const { browser } = waiting;
        fail({ call: 'check', ...fault });
        assert.equal((await browser.post('/2fa/verify', { code: waiting.code })).location, '/2fa/failed');
        assertRefuses((await browser.get('/2fa/failed')).text, 'unavailable');
        const event = theEvent();
        assert.equal(event.call, 'check');
        assert.equal(event.error?.code, code);
        if (says) assert.match(event.error?.message ?? '', says);
        assertHoldsNoSecret(event.error, waiting);
        await assertNotVerified(waiting);
        assert.equal((await browser.get('/2fa/verify')).status, 200, 'the code can still be typed');
        assert.equal((await browser.post('/2fa/verify', { code: waiting.code })).location, '/2fa/success');
      });

      it(`${name} at a route with the strategy is an error of Passport: 503, without secrets`, async () => {
        const waiting = await waitForCode(app);
        fail({ call: 'check', ...fault });
        const answer = await waiting.browser.post('/gate', { code: waiting.code });
        assert.equal(answer.status, 503);
        assert.match(answer.text, new RegExp(`^${code}: `));
        assert.ok(!answer.text.includes(waiting.code));
        theEvent();
        await assertNotVerified(waiting);
        assert.equal((await waiting.browser.post('/gate', { code: waiting.code })).status, 200);
      });
    }

    for (const { name, fault, isCounted } of [
      { name: 'a lost connection counts', fault: { drop: true }, isCounted: true },
      { name: 'a 500 counts', fault: { status: 500 }, isCounted: true },
      { name: 'an unreadable answer counts', fault: { status: 200, body: '{}' }, isCounted: true },
      { name: 'a 403 does not count', fault: { status: 403, body: '' }, isCounted: false },
      { name: 'wrong credentials do not count', fault: { code: 20003 }, isCounted: false },
      { name: 'a 429 does not count', fault: { code: 20429 }, isCounted: false },
    ] as const) {
      it(`${name} as a wrong code`, async () => {
        const waiting = await waitForCode(app);
        for (let tries = 0; tries < 10; tries += 1) {
          fail({ call: 'check', ...fault });
          await waiting.browser.post('/2fa/verify', { code: waiting.wrong });
        }
        assert.equal(told.splice(0).length, 10);
        assert.equal((await app.strategy.admin.lockedUntil(waiting.user)) !== null, isCounted);
        const { location } = await waiting.browser.post('/2fa/verify', { code: waiting.code });
        assert.equal(location, isCounted ? '/2fa/failed' : '/2fa/success');
      });
    }

    it('an answer about another verification, or another number, approves nothing', async () => {
      for (const other of [{ sid: `VE${'a'.repeat(32)}` }, { to: '+12025590099' }]) {
        const waiting = await waitForCode(app);
        const { pending } = await recordOf(app, waiting.browser);
        const body = { sid: pending?.sent?.sid, to: waiting.user.phone, status: 'approved', valid: true, ...other };
        fail({ call: 'check', status: 200, body: JSON.stringify(body) });
        await waiting.browser.post('/2fa/verify', { code: waiting.code });
        await assertNotVerified(waiting);
      }
    });

    for (const status of ['canceled', 'deleted', 'failed', 'expired', 'max_attempts_reached']) {
      it(`the status "${status}" approves nothing`, async () => {
        const waiting = await waitForCode(app);
        const sid = (await recordOf(app, waiting.browser)).pending?.sent?.sid;
        const body = JSON.stringify({ sid, to: waiting.user.phone, status, valid: false });
        fail({ call: 'check', status: 200, body });
        assert.equal((await waiting.browser.post('/2fa/verify', { code: waiting.code })).location, '/2fa/failed');
        await assertNotVerified(waiting);
      });
    }
  });
});
