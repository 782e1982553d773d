import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import type { RefusalCode } from 'passport-twilio-verify';
import type { Answer, Client } from '../../support/client.js';
import { assertRefuses, assertSays, linksTo, readable } from '../../support/page.js';
import { lastCode, withCode, wrongCode } from '../../support/steps.js';
import { startTestApp, type TestApp, type TestAppOptions } from '../../support/test-app.js';

before(() => mock.timers.enable({ apis: ['Date'], now: Date.now() }));
after(() => mock.timers.reset());

interface Row {
  readonly name: string;
  readonly options?: TestAppOptions;
  readonly id?: string;
  /** The step that leads to the page; its answer is the redirect. */
  readonly step: (browser: Client, app: TestApp) => Promise<Answer>;
  readonly code: RefusalCode;
  readonly canRetry: boolean;
  /** How long the person has to wait. */
  readonly wait?: string;
  readonly retryAfter?: string;
}

const send = (browser: Client) => browser.post('/2fa', { method: 'sms' });
const sendTo = (phone: string): TestAppOptions => ({ twoFactor: { phoneNumber: () => phone } });
async function guess(browser: Client, app: TestApp, times: number): Promise<Answer> {
  await send(browser);
  for (let count = 1; count < times; count += 1) await browser.post('/2fa/verify', { code: wrongCode(app) });
  return browser.post('/2fa/verify', { code: wrongCode(app) });
}

const ROWS: readonly Row[] = [
  {
    name: 'an expired code',
    step: async (browser, app) => {
      await send(browser);
      mock.timers.tick(600_000);
      return browser.post('/2fa/verify', { code: lastCode(app) });
    },
    code: 'code_expired',
    canRetry: true,
  },
  {
    name: 'an expired code, seen when the code page is loaded again',
    step: async (browser) => {
      await send(browser);
      mock.timers.tick(600_000);
      return browser.get('/2fa/verify');
    },
    code: 'code_expired',
    canRetry: true,
  },
  {
    name: 'a code that Twilio does not know any more',
    options: sendTo('+19075550404'),
    step: (browser, app) => guess(browser, app, 1),
    code: 'code_expired',
    canRetry: true,
  },
  {
    name: 'too many wrong codes',
    step: (browser, app) => guess(browser, app, 5),
    code: 'too_many_checks',
    canRetry: true,
  },
  {
    name: 'too many wrong codes, as Twilio says',
    options: sendTo('+19075550202'),
    step: (browser, app) => guess(browser, app, 1),
    code: 'too_many_checks',
    canRetry: true,
  },
  {
    name: 'a lock',
    options: { twoFactor: { limits: { wrongCodesPerLock: 3 } } },
    step: (browser, app) => guess(browser, app, 3),
    code: 'locked',
    canRetry: false,
    wait: '15 minutes',
    retryAfter: '900',
  },
  {
    name: 'too many sends',
    options: { twoFactor: { limits: { sendsPerUser: [{ points: 1, durationSeconds: 300 }] } } },
    step: async (browser) => {
      await send(browser);
      return browser.post('/2fa', { method: 'call' });
    },
    code: 'too_many_sends',
    canRetry: false,
    wait: '5 minutes',
    retryAfter: '300',
  },
  {
    name: 'too many sends, as Twilio says',
    options: sendTo('+19075550203'),
    step: send,
    code: 'too_many_sends',
    canRetry: false,
    wait: '10 minutes',
    retryAfter: '600',
  },
  {
    name: 'Twilio out of reach',
    options: sendTo('+19075550499'),
    step: send,
    code: 'unavailable',
    canRetry: true,
  },
  {
    name: 'an HTML page in place of an answer of Twilio',
    options: sendTo('+19075550503'),
    step: send,
    code: 'unavailable',
    canRetry: true,
  },
  {
    name: 'wrong credentials, which are not told to the person',
    options: sendTo('+19075550003'),
    step: send,
    code: 'unavailable',
    canRetry: true,
  },
  {
    name: 'a number that Twilio has blocked',
    options: sendTo('+19075550410'),
    step: send,
    code: 'address_refused',
    canRetry: true,
  },
  {
    name: 'a country that Twilio has blocked',
    options: sendTo('+19075550605'),
    step: send,
    code: 'country_refused',
    canRetry: true,
  },
  {
    name: 'no method',
    options: { twoFactor: { allowedMethods: [] } },
    step: (browser) => browser.get('/2fa'),
    code: 'no_method',
    canRetry: false,
  },
  {
    name: 'registration not allowed',
    options: { twoFactor: { allowRegister: false } },
    id: 'ben',
    step: (browser) => browser.get('/2fa'),
    code: 'registration_not_allowed',
    canRetry: false,
  },
  {
    name: 'a verify callback that refuses',
    options: { verify: (_user, _info, done) => done(null, false) },
    step: async (browser, app) => {
      await send(browser);
      return browser.post('/2fa/verify', { code: lastCode(app) });
    },
    code: 'refused_by_app',
    canRetry: true,
  },
];

describe('GET /failed (failed.html)', () => {
  for (const { name, options, id = 'ann', step, code, canRetry, wait, retryAfter } of ROWS) {
    it(`the failed page describes ${name}`, async () => {
      const app = await startTestApp(options);
      const browser = await app.signedIn(id);
      const { status, location } = await step(browser, app);
      assert.deepEqual([status, location], [303, '/2fa/failed']);
      // Reloading it shows the same.
      for (let count = 0; count < 2; count += 1) {
        const page = await browser.get('/2fa/failed');
        assert.equal(page.status, 200);
        assertRefuses(page.text, code);
        assert.equal(linksTo(page.text, '/2fa'), canRetry);
        assert.equal(page.headers['retry-after'], retryAfter);
        if (wait !== undefined) assertSays(page.text, 'wait', { wait });
      }
      assert.notEqual((await browser.get('/account')).status, 200);
    });
  }

  it('the failed page counts a lockout down, and offers a retry when it is over', async () => {
    const app = await startTestApp({ twoFactor: { limits: { wrongCodesPerLock: 3 } } });
    const browser = await app.signedIn('ann');
    await guess(browser, app, 3);
    mock.timers.tick(600_000);
    assertSays((await browser.get('/2fa/failed')).text, 'wait', { wait: '5 minutes' });
    mock.timers.tick(300_000);
    const { text, headers } = await browser.get('/2fa/failed');
    assert.ok(linksTo(text, '/2fa'));
    assert.equal(headers['retry-after'], undefined);
  });

  it('the failed page refers to support if only unlock() ends a lockout', async () => {
    const app = await startTestApp({ twoFactor: { limits: { wrongCodesPerLock: 2, wrongCodesInAll: 2 } } });
    const browser = await app.signedIn('ann');
    await guess(browser, app, 2);
    const { text, headers } = await browser.get('/2fa/failed');
    assertRefuses(text, 'locked');
    assertSays(text, 'advice.support');
    assert.equal(linksTo(text, '/2fa'), false);
    assert.equal(headers['retry-after'], undefined);
  });

  it('the failed page shows the message of the verify callback', async () => {
    const app = await startTestApp({
      verify: (_user, _info, done) => done(null, false, { message: 'Account <closed>.' }),
    });
    const browser = await withCode(app, 'ann');
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.match(readable((await browser.get('/2fa/failed')).text), /Account <closed>\./);
  });

  it('the failed page redirects to the start if nothing has failed', async () => {
    const { status, location } = await (await (await startTestApp()).signedIn('ann')).get('/2fa/failed');
    assert.deepEqual([status, location], [303, '/2fa']);
  });

  it('the failed page takes the reason from the session, never from the URL', async () => {
    const app = await startTestApp();
    const browser = await app.signedIn('ann');
    const lie = '/2fa/failed?code=locked&reason=Call+%2B19002345678&retryAt=0&canRetry=false&retry_after=9';
    assert.equal((await browser.get(lie)).location, '/2fa');
    await send(browser);
    app.emulator.fail({ call: 'check', status: 503 });
    await browser.post('/2fa/verify', { code: lastCode(app) });
    const { text } = await browser.get(lie);
    assertRefuses(text, 'unavailable');
    assert.doesNotMatch(text, /19002345678/);
  });

  it('the failure is forgotten when the next code is sent', async () => {
    const app = await startTestApp();
    const browser = await app.signedIn('ann');
    app.emulator.fail({ call: 'create', status: 503 });
    await send(browser);
    assert.equal((await browser.get('/2fa/failed')).status, 200);
    await send(browser);
    assert.equal((await browser.get('/2fa/failed')).location, '/2fa');
  });
});
