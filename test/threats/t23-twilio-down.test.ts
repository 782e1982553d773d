/**
 * T23. Attacker: anyone who can disturb the connection to Twilio, or no one. Twilio is down or slow, or answers with an
 * HTML page, 5xx, 429, or half a JSON. Or it refuses, with one of its codes. An honest user would lose the code that is
 * on its way, or the whole sign-in on a page that says "error". Goal: a step that fails open. Defense: each failure
 * becomes a message that says what a person can do, or an error. Only Twilio's answer "approved" approves. A
 * verification stays pending if Twilio checked nothing. Every promise has a handler for its rejection.
 *
 * The session's and the limiter's store down: `test/distributed`.
 */
import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { before, describe, it } from 'node:test';
import type { ErrorRequestHandler } from 'express';
import type { RefusalCode, TwilioErrorEvent } from 'passport-twilio-verify';
import type { EmulatorFault } from 'passport-twilio-verify/emulator';
import { addGate, BOB, isIn, type RunningExample, send, startExample } from './support/example.js';
import { lastCode, recordOf, tells } from './support/look.js';
import { sdkClient } from './support/sdk.js';
import { pass, stopTheClock } from './support/time.js';

const HTML = '<!doctype html><title>503</title><h1>Service Unavailable</h1>';

/** Failures of the connection, not of the request: the person can only wait. */
const OUTAGES: readonly { name: string; fault: EmulatorFault }[] = [
  { name: 'the connection is dropped', fault: { drop: true } },
  { name: '500 with Twilio’s error', fault: { code: 20500 } },
  { name: '500 without a body', fault: { status: 500, body: '' } },
  { name: '502 with half a JSON', fault: { status: 502, body: '{"code": 20500, "mess' } },
  { name: '503 with HTML', fault: { status: 503, body: HTML } },
  { name: '504 without a word', fault: { status: 504, body: 'upstream timed out' } },
  { name: '404 with HTML', fault: { status: 404, body: HTML } },
  { name: '403 with HTML, of a firewall', fault: { status: 403, body: HTML } },
  { name: '200 with HTML, of a captive portal', fault: { status: 200, body: HTML } },
  { name: '200 with half a JSON', fault: { status: 200, body: '{"sid": "VE1", "stat' } },
  { name: '200 with an empty object', fault: { status: 200, body: '{}' } },
  { name: '200 with null', fault: { status: 200, body: 'null' } },
  { name: '200 without a body', fault: { status: 200, body: '' } },
  { name: 'a code that nobody knows', fault: { code: 99_999 } },
  { name: 'wrong credentials', fault: { code: 20003 } },
  { name: 'a trial account', fault: { code: 21608 } },
  { name: 'custom codes not enabled', fault: { code: 60204 } },
  { name: 'PSD2 parameters missing', fault: { code: 60206 } },
  { name: 'no such rate limit', fault: { code: 60207 } },
];

/** Refusals of Twilio, and the messages that the person sees. */
const REFUSALS: readonly { code: number; create?: RefusalCode; check?: RefusalCode }[] = [
  { code: 60200, create: 'unavailable', check: 'unavailable' },
  { code: 21610, create: 'opted_out' },
  { code: 60202, check: 'too_many_checks' },
  { code: 60203, create: 'too_many_sends' },
  { code: 60205, create: 'landline' },
  { code: 60212, create: 'busy', check: 'busy' },
  { code: 60217, create: 'method_unavailable' },
  { code: 60220, create: 'method_unavailable' },
  { code: 60223, create: 'method_unavailable' },
  { code: 68008, create: 'method_unavailable' },
  { code: 60238, create: 'address_refused' },
  { code: 60410, create: 'address_refused' },
  { code: 60605, create: 'country_refused' },
  { code: 20404, create: 'unavailable', check: 'code_expired' },
  { code: 20429, create: 'busy', check: 'busy' },
];

const rejections: unknown[] = [];
before(() => {
  // Otherwise each row prints the warnings to the operator.
  process.removeAllListeners('warning');
  process.on('unhandledRejection', (reason) => rejections.push(reason));
});

type Told = Pick<TwilioErrorEvent<unknown>, 'call' | 'reason'>;

function listen({ twoFactor }: RunningExample): readonly Told[] {
  const told: Told[] = [];
  twoFactor.on('twilioError', ({ call, reason }) => told.push({ call, reason }));
  return told;
}

/** The text of the page that an answer is or leads to. */
async function pageAfter(
  browser: { get(path: string): Promise<{ text: string }> },
  answer: { location: string | null; text: string },
) {
  return answer.location === null ? answer.text : (await browser.get(answer.location)).text;
}

describe('T23: an outage while a code is to be sent', () => {
  stopTheClock();

  for (const { name, fault } of OUTAGES) {
    it(`an outage at a send is reported, loses nothing, and verifies no one: ${name}`, async () => {
      const example = await startExample();
      const told = listen(example);
      const browser = await example.signedIn('alice');
      const handle = example.emulator.fail({ call: 'create', ...fault });
      const answer = await browser.post('/2fa', { method: 'sms' });
      assert.ok(tells(await pageAfter(browser, answer), 'unavailable'), `${answer.status} ${answer.location}`);
      assert.equal(handle.hits, 1, 'it is not tried again behind the back');
      assert.deepEqual(told, [{ call: 'create', reason: 'unavailable' }]);
      assert.equal(await isIn(browser), false);
      await send(browser);
      await browser.post('/2fa/verify', { code: lastCode(example) });
      assert.equal(await isIn(browser), true, 'afterwards all goes on');
    });
  }

  it('a 4xx costs no send, however often it is tried', async () => {
    const example = await startExample();
    const browser = await example.signedIn('alice');
    example.emulator.fail({ call: 'create', status: 404, body: HTML, times: 30 });
    for (let attempt = 0; attempt < 30; attempt += 1) await browser.post('/2fa', { method: 'sms' });
    await send(browser);
  });

  it('an outage at a registration is reported too, and the number is not stored', async () => {
    const example = await startExample();
    const browser = await example.signedIn('bob');
    example.emulator.fail({ call: 'create', drop: true });
    const answer = await browser.post('/2fa/register', { country: 'US', phoneNumber: BOB, method: 'sms' });
    assert.ok(tells(await pageAfter(browser, answer), 'unavailable'));
    assert.equal(await example.users.phoneNumberOf({ id: '2', username: 'bob', password: '' }), undefined);
    await browser.post('/2fa/register', { country: 'US', phoneNumber: BOB, method: 'sms' });
    await browser.post('/2fa/verify', { code: lastCode(example) });
    assert.equal(await isIn(browser), true);
  });
});

describe('T23: an outage while a code is checked', () => {
  stopTheClock();

  for (const { name, fault } of OUTAGES) {
    it(`an outage at a check is reported, and the code still works: ${name}`, async () => {
      const example = await startExample();
      const told = listen(example);
      const browser = await example.waiting('alice');
      const code = lastCode(example);
      const handle = example.emulator.fail({ call: 'check', ...fault });
      const answer = await browser.post('/2fa/verify', { code });
      assert.ok(tells(await pageAfter(browser, answer), 'unavailable'), `${answer.status} ${answer.location}`);
      assert.equal(handle.hits, 1);
      assert.deepEqual(told, [{ call: 'check', reason: 'unavailable' }]);
      assert.equal(await isIn(browser), false);
      assert.ok((await recordOf(example, browser)).pending, 'nothing is lost');
      await browser.post('/2fa/verify', { code });
      assert.equal(await isIn(browser), true);
    });
  }

  it('approves nothing where Twilio did and the answer was lost; a new code is to be had', async () => {
    const example = await startExample();
    const browser = await example.waiting('alice');
    const code = lastCode(example);
    example.emulator.fail({ call: 'check', drop: true, takesEffect: true });
    await browser.post('/2fa/verify', { code });
    assert.equal(await isIn(browser), false);
    const again = await browser.post('/2fa/verify', { code });
    assert.ok(tells(await pageAfter(browser, again), 'code_expired'));
    await send(browser, 'call');
    await browser.post('/2fa/verify', { code: lastCode(example) });
    assert.equal(await isIn(browser), true);
  });

  it('an outage on a route of the application is an error with a status, and verifies no one', async () => {
    for (const { fault } of OUTAGES) {
      const example = await startExample();
      addGate(example, '/check');
      const errors: unknown[] = [];
      example.app.use(((error, _req, res, _next) => {
        errors.push(error.code);
        res.sendStatus(error.status);
      }) as ErrorRequestHandler);
      const browser = await example.waiting('alice');
      example.emulator.fail({ call: 'check', ...fault });
      assert.equal((await browser.post('/check', { code: lastCode(example) })).status, 503, JSON.stringify(fault));
      assert.equal(errors.length, 1);
      assert.match(String(errors[0]), /^ERR_TWILIO_VERIFY_(UNAVAILABLE|CONFIGURATION)$/);
      assert.equal(await isIn(browser), false);
    }
  });
});

describe('T23: Twilio slow or down', () => {
  it('no request waits for longer than the option allows', async () => {
    const example = await startExample({ twoFactor: { timeoutSeconds: 1 } });
    const browser = await example.signedIn('alice');
    example.emulator.fail({ call: 'create', delayMs: 30_000 });
    const startedAt = performance.now();
    const answer = await browser.post('/2fa', { method: 'sms' });
    assert.ok(performance.now() - startedAt < 5_000);
    assert.ok(tells(await pageAfter(browser, answer), 'unavailable'));
    assert.equal(await isIn(browser), false);
  });

  it('no request waits for a response that arrives byte by byte', { timeout: 20_000 }, async () => {
    const drip = http.createServer((_request, response) => {
      response.writeHead(201, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 100);
      response.once('close', () => clearInterval(timer));
    });
    drip.listen(0, '127.0.0.1');
    await new Promise((resolve) => drip.once('listening', resolve));
    const baseUrl = `http://127.0.0.1:${(drip.address() as AddressInfo).port}`;
    try {
      const example = await startExample({ twoFactor: { baseUrl, timeoutSeconds: 1 } });
      const browser = await example.signedIn('alice');
      const answer = await browser.post('/2fa', { method: 'sms' });
      assert.ok(tells(await pageAfter(browser, answer), 'unavailable'));
    } finally {
      drip.closeAllConnections();
      drip.close();
    }
  });

  it("the time limit applies to the application's own client", { timeout: 20_000 }, async () => {
    const { client, connect } = sdkClient();
    const example = await startExample({ twoFactor: { client, timeoutSeconds: 1 } });
    connect(example.emulator);
    const browser = await example.signedIn('alice');
    example.emulator.fail({ call: 'create', delayMs: 8_000 });
    const startedAt = performance.now();
    const answer = await browser.post('/2fa', { method: 'sms' });
    assert.ok(performance.now() - startedAt < 5_000);
    assert.ok(tells(await pageAfter(browser, answer), 'unavailable'));
    await send(browser, 'call');
  });

  it('an outage is reported on every page that needs Twilio', async () => {
    const example = await startExample({ twoFactor: { retryTimeSeconds: 0 } });
    const browser = await example.waiting('alice');
    const code = lastCode(example);
    await example.emulator.stop();
    const posts = [
      ['/2fa', { method: 'sms' }],
      ['/2fa/resend', {}],
      ['/2fa/verify', { code }],
    ] as const;
    for (const [path, fields] of posts) {
      assert.ok(tells(await pageAfter(browser, await browser.post(path, fields)), 'unavailable'), path);
    }
    assert.equal((await browser.get('/2fa/verify')).status, 200, 'the form is still there');
    assert.equal((await browser.post('/2fa/cancel')).location, '/2fa', 'and can be given up');
    assert.equal(await isIn(browser), false);
  });
});

describe('T23: a refusal of Twilio', () => {
  stopTheClock();

  for (const { code, create, check } of REFUSALS) {
    if (create) {
      it(`${code} at a send is reported as ${create}`, async () => {
        const example = await startExample();
        const told = listen(example);
        const browser = await example.signedIn('alice');
        example.emulator.fail({ call: 'create', code });
        const answer = await browser.post('/2fa', { method: 'sms' });
        assert.ok(tells(await pageAfter(browser, answer), create), `${answer.status} ${answer.location}`);
        assert.deepEqual(told, [{ call: 'create', reason: create }]);
        assert.equal(await isIn(browser), false);
        await send(browser);
      });
    }
    if (check) {
      it(`${code} at a check is reported as ${check}`, async () => {
        const example = await startExample();
        const told = listen(example);
        const browser = await example.waiting('alice');
        example.emulator.fail({ call: 'check', code });
        const answer = await browser.post('/2fa/verify', { code: lastCode(example) });
        assert.ok(tells(await pageAfter(browser, answer), check), `${answer.status} ${answer.location}`);
        assert.deepEqual(told, [{ call: 'check', reason: check }]);
        assert.equal(await isIn(browser), false);
        pass(180);
        await send(browser);
        await browser.post('/2fa/verify', { code: lastCode(example) });
        assert.equal(await isIn(browser), true);
      });
    }
  }

  it('429 without a code, as from a proxy, is reported as busy', async () => {
    const example = await startExample();
    const browser = await example.signedIn('alice');
    example.emulator.fail({ call: 'create', status: 429, body: 'Too Many Requests' });
    const answer = await browser.post('/2fa', { method: 'sms' });
    assert.ok(tells(await pageAfter(browser, answer), 'busy'));
  });
});

describe('T23: all of it', () => {
  it('no rejection was left unhandled', async () => {
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(rejections, []);
  });
});
