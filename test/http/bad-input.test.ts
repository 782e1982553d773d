import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { VerifyEmulatorOptions } from 'passport-twilio-verify/emulator';
import type { Answer, Client } from '../support/client.js';
import { assertRefuses, hasForm, linksTo, typedIn } from '../support/page.js';
import { enterCode, lastCode, withCode, wrongCode } from '../support/steps.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const checksAt = ({ emulator }: TestApp) =>
  emulator.requests().filter(({ path }) => path.endsWith('/VerificationCheck')).length;

describe('a code that cannot be right', () => {
  // test/unit/core/codes/typed-code.test.ts has the other texts that are a code, or none.
  for (const { name, code } of [
    { name: 'empty', code: '' },
    { name: 'two codes', code: '123456 or 654321' },
  ]) {
    it(`a malformed code shows the form again with advice, and is neither sent nor counted: ${name}`, async () => {
      const app = await startTestApp();
      const browser = await withCode(app, 'ann');
      const { text } = await enterCode(browser, code);
      assertRefuses(text, 'code_malformed');
      assert.ok(hasForm(text, '/2fa/verify'));
      assert.equal(checksAt(app), 0);
      assertRefuses((await enterCode(browser, wrongCode(app))).text, 'code_wrong', { attemptsLeft: 4 });
    });
  }

  it('a missing code field shows the form again', async () => {
    const browser = await withCode(await startTestApp(), 'ann');
    assert.equal((await browser.post('/2fa/verify', {})).location, '/2fa/verify');
    assertRefuses((await browser.get('/2fa/verify')).text, 'code_malformed');
  });

  it('the form after a malformed code does not repeat the typed value', async () => {
    const browser = await withCode(await startTestApp(), 'ann');
    const { text } = await enterCode(browser, '12 "><script>alert(1)</script>');
    assert.doesNotMatch(text, /alert\(/);
    assert.equal(typedIn(text, 'code'), undefined);
  });

  it('a malformed code shows the form again, and the right code still works', async () => {
    const app = await startTestApp();
    const browser = await withCode(app, 'ann');
    assertRefuses((await enterCode(browser, wrongCode(app))).text, 'code_wrong', { attemptsLeft: 4 });
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
  });

  for (const { name, write } of [
    {
      name: 'full-width digits',
      write: (code: string) => code.replace(/\d/g, (digit) => `０１２３４５６７８９`[Number(digit)] ?? ''),
    },
    { name: 'the whole message', write: (code: string) => `Your Acme code is: ${code}. It expires in 10 minutes.` },
  ]) {
    it(`the router accepts a code written with ${name}`, async () => {
      const app = await startTestApp();
      const browser = await withCode(app, 'ann');
      const code = write(lastCode(app));
      assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa/success');
    });
  }
});

describe('a number that is invalid', () => {
  const countries = { allowedCountries: ['US', 'DE', 'GB'] };
  for (const { name, phoneNumber, code = 'number_invalid' } of [
    // test/unit/common/address.test.ts has the other numbers that are invalid, or refused.
    { name: 'empty', phoneNumber: '' },
    { name: 'longer than any number', phoneNumber: '1'.repeat(64) },
    { name: 'markup', phoneNumber: '"><img src=x onerror=alert(1)>' },
    { name: 'a premium-rate number', phoneNumber: '+19002345678', code: 'number_refused' },
    { name: 'of a country that is not allowed', phoneNumber: '+33612345678', code: 'country_refused' },
  ] as const) {
    it(`an invalid number shows the form again with the typed value: ${name}`, async () => {
      const app = await startTestApp({ twoFactor: countries });
      const ben = await app.signedIn('ben');
      const ann = await app.verified('ann');
      const calls = app.emulator.requests().length;
      for (const { browser, path } of [
        { browser: ben, path: '/2fa/register' },
        { browser: ann, path: '/2fa/change' },
      ]) {
        const { status, text } = await browser.post(path, { country: 'DE', phoneNumber, method: 'call' });
        assert.equal(status, 422);
        assertRefuses(text, code);
        assert.ok(hasForm(text, path));
        assert.equal(
          typedIn(text, 'phoneNumber')?.replaceAll('&quot;', '"').replaceAll('&gt;', '>').replaceAll('&lt;', '<'),
          phoneNumber,
        );
        assert.match(text, /<option value="DE"[^>]* selected/);
        assert.match(text, /<input type="radio" name="method" value="call"[^>]* checked/);
        assert.doesNotMatch(text, /<img/);
      }
      assert.equal(app.emulator.requests().length, calls);
    });
  }

  for (const country of ['', 'XX', 'dé', '__', '  ']) {
    it(`a number is not parsed with a country outside the list: "${country}"`, async () => {
      const app = await startTestApp({ twoFactor: countries });
      const browser = await app.signedIn('ben');
      const answer = await browser.post('/2fa/register', { country, phoneNumber: '0151 23456789', method: 'sms' });
      assert.equal(answer.status, 422);
      assert.equal(typedIn(answer.text, 'phoneNumber'), '0151 23456789');
      const whole = await browser.post('/2fa/register', { country, phoneNumber: '+4915123456789', method: 'sms' });
      assert.equal(whole.location, '/2fa/verify');
    });
  }
});

describe('a verification that is over', () => {
  it('an expired verification shows a page with the reason, and a new code works', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const app = await startTestApp();
    const browser = await withCode(app, 'ann');
    const dead = lastCode(app);
    t.mock.timers.tick(10 * 60_000);
    assert.equal((await browser.post('/2fa/verify', { code: dead })).location, '/2fa/failed');
    const { text } = await browser.get('/2fa/failed');
    assertRefuses(text, 'code_expired');
    assert.ok(linksTo(text, '/2fa'));
    assert.equal((await browser.get('/account')).location, '/2fa');
    assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/account');
  });

  it('a verification can be finished until its last second', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const app = await startTestApp();
    const browser = await withCode(app, 'ann');
    t.mock.timers.tick(10 * 60_000 - 1_000);
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
  });

  const KINDS: readonly VerifyEmulatorOptions[] = [{ afterMaxChecks: 'kept' }, { afterMaxChecks: 'deleted' }];
  for (const emulator of KINDS) {
    it(`a verification used up at Twilio (${emulator.afterMaxChecks}) shows a page with the reason, and a new code works`, async (t) => {
      t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
      const app = await startTestApp({ emulator });
      const browser = await withCode(app, 'ann');
      const dead = { code: lastCode(app), sid: app.emulator.messages()[0]?.verificationSid };
      for (let left = 4; left > 0; left -= 1) {
        assert.equal((await browser.post('/2fa/verify', { code: wrongCode(app) })).location, '/2fa/verify');
      }
      assert.equal((await browser.post('/2fa/verify', { code: wrongCode(app) })).location, '/2fa/failed');
      const { text } = await browser.get('/2fa/failed');
      assertRefuses(text, 'too_many_checks');
      assert.ok(linksTo(text, '/2fa'));
      assert.equal((await browser.post('/2fa/verify', { code: dead.code })).location, '/2fa');

      t.mock.timers.tick(180_000);
      assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
      assert.notEqual(app.emulator.messages().at(-1)?.verificationSid, dead.sid);
      if (dead.code !== lastCode(app)) {
        assertRefuses((await enterCode(browser, dead.code)).text, 'code_wrong', { attemptsLeft: 4 });
      }
      assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
    });
  }

  it('a user with a used-up code gets a new one at once by another method', async () => {
    const app = await startTestApp();
    const browser = await withCode(app, 'ann', 'sms');
    for (let count = 0; count < 5; count += 1) await browser.post('/2fa/verify', { code: wrongCode(app) });
    assert.equal((await browser.post('/2fa', { method: 'call' })).location, '/2fa/verify');
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
  });
});

describe('an unavailable Twilio', () => {
  const FAULTS = [
    { name: 'drops the connection', fault: { drop: true } },
    { name: 'answers 500', fault: { status: 500 } },
    { name: 'answers with an HTML page', fault: { status: 503, body: '<h1>Service Unavailable</h1>' } },
    { name: 'answers with broken JSON', fault: { status: 201, body: '{"sid": "VE' } },
    { name: 'answers with nothing', fault: { status: 502, body: '' } },
  ];
  for (const { name, fault } of FAULTS) {
    it(`a Twilio that ${name} to a send leads to the failed page, and the next try works`, async () => {
      const app = await startTestApp();
      const browser = await app.signedIn('ann');
      await browser.get('/account');
      app.emulator.fail({ call: 'create', ...fault });
      assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/failed');
      const { text } = await browser.get('/2fa/failed');
      assertRefuses(text, 'unavailable');
      assert.ok(linksTo(text, '/2fa'));
      assert.equal((await browser.get('/2fa/verify')).location, '/2fa');
      assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
      assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/account');
    });

    it(`a Twilio that ${name} to a check leads to the failed page, verifies no one, and loses nothing`, async () => {
      const app = await startTestApp();
      const browser = await app.signedIn('ann');
      await browser.get('/account');
      await browser.post('/2fa', { method: 'sms' });
      const code = lastCode(app);
      app.emulator.fail({ call: 'check', ...fault });
      assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa/failed');
      assertRefuses((await browser.get('/2fa/failed')).text, 'unavailable');
      assert.equal((await browser.get('/account')).status, 302);
      assert.equal((await browser.get('/2fa/verify')).status, 200);
      assert.equal((await browser.post('/2fa/verify', { code })).location, '/account');
    });
  }

  it('a check that Twilio refuses with a 4xx uses up no tries', async () => {
    const app = await startTestApp();
    const browser = await withCode(app, 'ann');
    app.emulator.fail({ call: 'check', status: 403, body: '', times: 20 });
    for (let count = 0; count < 20; count += 1) await browser.post('/2fa/verify', { code: wrongCode(app) });
    assertRefuses((await enterCode(browser, wrongCode(app))).text, 'code_wrong', { attemptsLeft: 4 });
  });
});

describe('input that no form of the package posts', () => {
  interface Target {
    readonly path: string;
    /** The fields that the route reads. */
    readonly fields: readonly string[];
    readonly arrive: (app: TestApp) => Promise<Client>;
  }
  const TARGETS: readonly Target[] = [
    { path: '/2fa', fields: ['method'], arrive: (app) => app.signedIn('ann') },
    { path: '/2fa/verify', fields: ['code'], arrive: (app) => withCode(app, 'ann') },
    { path: '/2fa/register', fields: ['phoneNumber', 'country', 'method'], arrive: (app) => app.signedIn('ben') },
    { path: '/2fa/change', fields: ['phoneNumber', 'country', 'method'], arrive: (app) => app.verified('ann') },
    { path: '/2fa/resend', fields: [], arrive: (app) => withCode(app, 'ann') },
    { path: '/2fa/cancel', fields: [], arrive: (app) => app.signedIn('ann') },
    { path: '/2fa/skip', fields: [], arrive: (app) => app.signedIn('ben') },
    { path: '/2fa/other-sessions/end', fields: [], arrive: (app) => app.verified('ann') },
  ];

  interface Attack {
    readonly name: string;
    readonly type?: string;
    readonly headers?: Record<string, string>;
    readonly body: string | Uint8Array;
    /** The answer; without it, any except a server error. */
    readonly status?: number;
  }
  const FORM = 'application/x-www-form-urlencoded';
  const JSON_TYPE = 'application/json';

  /** Malformed values of one field. */
  const fieldAttacks = (field: string): readonly Attack[] => [
    { name: 'a field given twice', body: `${field}=a&${field}=b`, status: 400 },
    { name: 'a field far too long', body: `${field}=${'1'.repeat(300)}`, status: 400 },
    { name: 'a NUL', body: `${field}=12%0034`, status: 400 },
    { name: 'an object in a form', body: `${field}[a]=1&${field}[__proto__][b]=1`, status: 422 },
    // Both leave more than the two characters of a country.
    { name: 'broken percent signs', body: `${field}=%E0%A4%A&${field}x=%zz`, status: field === 'country' ? 400 : 422 },
    {
      name: 'bytes that are no UTF-8',
      body: Buffer.from([...Buffer.from(`${field}=`), 0xff, 0xfe, 0xc0]),
      status: field === 'country' ? 400 : 422,
    },
    ...[123456, 1.5, true, null, ['123456'], { toString: '1' }, [], { length: 6 }].map((value) => ({
      name: `${JSON.stringify(value)} in JSON`,
      type: JSON_TYPE,
      body: JSON.stringify({ [field]: value }),
      status: 400,
    })),
    { name: 'a lone surrogate in JSON', type: JSON_TYPE, body: `{"${field}":"\\ud800"}`, status: 422 },
    { name: '__proto__ in JSON', type: JSON_TYPE, body: `{"__proto__":{"${field}":"sms"}}`, status: 422 },
    {
      name: 'constructor in JSON',
      type: JSON_TYPE,
      body: `{"constructor":{"prototype":{"${field}":"sms"}}}`,
      status: 422,
    },
  ];

  /** Malformed bodies. */
  const BODIES: readonly Attack[] = [
    { name: 'a form of 20 kB', body: `a=${'x'.repeat(20_000)}`, status: 413 },
    { name: 'a form of 5 MB', body: `a=${'x'.repeat(5_000_000)}`, status: 413 },
    { name: 'JSON of 5 MB', type: JSON_TYPE, body: JSON.stringify({ a: 'x'.repeat(5_000_000) }), status: 413 },
    { name: 'three thousand fields', body: Array.from({ length: 3_000 }, (_, i) => `${i}=`).join('&'), status: 413 },
    {
      name: 'a megabyte, compressed',
      headers: { 'content-encoding': 'gzip' },
      body: gzipSync(`a=${'x'.repeat(1e6)}`),
      status: 413,
    },
    { name: 'what is not gzip', headers: { 'content-encoding': 'gzip' }, body: 'a=b', status: 400 },
    { name: 'an unknown encoding', headers: { 'content-encoding': 'zip' }, body: 'a=b', status: 415 },
    { name: 'an unknown charset', type: `${FORM}; charset=utf-7`, body: 'a=b', status: 415 },
    { name: 'an unknown charset of JSON', type: `${JSON_TYPE}; charset=latin9`, body: '{}', status: 415 },
    { name: 'broken JSON', type: JSON_TYPE, body: '{"code": "123', status: 400 },
    { name: 'JSON null', type: JSON_TYPE, body: 'null', status: 400 },
    { name: 'a JSON string', type: JSON_TYPE, body: '"123456"', status: 400 },
    { name: 'a JSON number', type: JSON_TYPE, body: '123456', status: 400 },
    { name: 'deep JSON', type: JSON_TYPE, body: '['.repeat(8_000) + ']'.repeat(8_000) },
    { name: 'a JSON list', type: JSON_TYPE, body: '[{"code":"123456"}]' },
    { name: 'nothing at all', body: '' },
    { name: 'no content type', type: '', body: 'code=123456&method=sms' },
    { name: 'a broken content type', type: '; ;/', body: 'code=123456' },
    { name: 'plain text', type: 'text/plain', body: 'code=123456&method=sms&phoneNumber=%2B12025550177' },
    { name: 'XML', type: 'application/xml', body: '<code>123456</code>' },
    { name: 'bytes', type: 'application/octet-stream', body: Buffer.alloc(1_000) },
    {
      name: 'a multipart form',
      type: 'multipart/form-data; boundary=x',
      body: '--x\r\nContent-Disposition: form-data; name="method"\r\n\r\nsms\r\n--x--\r\n',
    },
    { name: '__proto__ in a form', body: '__proto__=1&__proto__[code]=1&constructor=1&hasOwnProperty=1&toString=1' },
  ];

  const attack = (browser: Client, path: string, { type = FORM, headers = {}, body }: Attack): Promise<Answer> =>
    browser.send('POST', path, body, { ...(type === '' ? {} : { 'content-type': type }), ...headers });

  for (const { path, fields, arrive } of TARGETS) {
    for (const field of fields) {
      it(`POST ${path} refuses a malformed field "${field}"`, async () => {
        for (const row of fieldAttacks(field)) {
          const app = await startTestApp();
          const browser = await arrive(app);
          const before = app.emulator.requests().length;
          const { status, text } = await attack(browser, path, row);
          // A code that can't be read is refused on the page that follows.
          const isOnNextPage = path === '/2fa/verify' && row.status === 422;
          assert.equal(status, isOnNextPage ? 303 : row.status, `${row.name}: ${status}`);
          assert.match(isOnNextPage ? (await browser.get(path)).text : text, /<html lang="en"/, row.name);
          assert.equal(app.emulator.requests().length, before, row.name);
        }
      });
    }

    it(`a malformed body to POST ${path} causes no server error`, async () => {
      for (const row of BODIES) {
        const app = await startTestApp();
        const browser = await arrive(app);
        const before = app.emulator.messages().length;
        const { status, text } = await attack(browser, path, row);
        if (row.status === undefined) assert.ok(status < 500, `${row.name}: ${status}`);
        else assert.equal(status, row.status, row.name);
        if (status >= 400) assert.match(text, /<html lang="en"/, row.name);
        assert.equal(app.emulator.messages().length, before, row.name);
        assert.notEqual((await browser.get('/2fa')).status, 500, row.name);
      }
    });
  }

  it('a malformed body does not change the prototypes of the process', () => {
    for (const name of ['code', 'method', 'phoneNumber', 'country', 'a', 'b']) assert.ok(!(name in {}), name);
  });

  it('a malformed body loses nothing: the code still works after it', async () => {
    const app = await startTestApp();
    const browser = await withCode(app, 'ann');
    for (const row of [...fieldAttacks('code'), ...BODIES]) await attack(browser, '/2fa/verify', row);
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
  });

  it('the code page accepts a valid form as JSON', async () => {
    const app = await startTestApp();
    const browser = await app.signedIn('ann');
    assert.equal((await browser.postJson('/2fa', { method: 'sms' })).location, '/2fa/verify');
    assert.equal((await browser.postJson('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
  });

  it('the router ignores the query and refuses a code there: only the body counts', async () => {
    const app = await startTestApp();
    const browser = await withCode(app, 'ann');
    assert.equal((await browser.post(`/2fa/verify?code=${lastCode(app)}`)).location, '/2fa/verify');
    assertRefuses((await browser.get('/2fa/verify')).text, 'code_malformed');
    assert.equal((await browser.get('/account')).location, '/2fa');
  });
});
