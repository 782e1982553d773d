/**
 * T13. Attacker: a phisher with a link to our failed page, or anyone with a fuzzer. They put their own text into the
 * URL of the failed page ("call this number at once"). Or they send broken percent-encoding, odd headers, invalid
 * codes, and invalid numbers. Goal: a page under our name with the attacker's message, or a crash, and a stack trace.
 * Defense: nothing that a page shows comes from a URL. The failed page finds its reason in the session. Every input is
 * parsed by its rules, or refused with 4xx.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addGate, isIn, startExample } from './support/example.js';
import { isRefused, tells } from './support/look.js';
import { getRaw } from './support/raw.js';

const TEXT = 'Call +1 900 234 5678 at once';
const NAMES = [
  'reason',
  'message',
  'error',
  'code',
  'error_description',
  'title',
  'text',
  'canRetry',
  'notices',
  'messages',
];
const QUERY = new URLSearchParams(Object.fromEntries(NAMES.map((name) => [name, TEXT]))).toString();

describe("T13: the attacker's text on our pages", () => {
  it("the attacker's text is not on the failed page, with or without a reason in the session", async () => {
    const example = await startExample({ twoFactor: { allowRegister: false } });
    const browser = await example.signedIn('bob');
    assert.equal((await browser.get(`/2fa/failed?${QUERY}`)).location, '/2fa');
    assert.equal((await browser.get('/2fa')).location, '/2fa/failed');
    const { text } = await browser.get(`/2fa/failed?${QUERY}`);
    assert.ok(tells(text, 'registration_not_allowed'));
    assert.doesNotMatch(text, /900 234/);
  });

  it("the attacker's text is on no other page either", async () => {
    const example = await startExample();
    const [waiting, registering] = [await example.waiting('alice'), await example.signedIn('bob')];
    for (const path of [
      '/2fa',
      '/2fa/verify',
      '/2fa/register',
      '/2fa/change',
      '/2fa/success',
      '/2fa/failed',
      '/2fa/none',
    ]) {
      for (const browser of [waiting, registering, example.client()]) {
        const { text, location } = await browser.get(`${path}?${QUERY}#${TEXT}`);
        assert.doesNotMatch(text, /900.234/, path);
        assert.doesNotMatch(location ?? '', /900.234/, path);
      }
    }
  });
});

const LONG = 'a'.repeat(4_000);
const TARGETS = ['/2fa/%', '/2fa/%ff', '/2fa/%00', '/2fa/verify/%', '/2fa/verify?%', '/2fa?a[b]=%ff', `/2fa/${LONG}`];
const ASSETS = [
  '/2fa/assets/%',
  '/2fa/assets/%00',
  '/2fa/assets/../../package.json',
  '/2fa/assets/..%2f..%2fpackage.json',
];

const HEADERS: readonly { name: string; headers: Record<string, string> }[] = [
  { name: 'a language that is none', headers: { 'accept-language': '\u00ff;q=x,,;;*-*;q=-1, zh-\u00e9, x' } },
  { name: 'a thousand languages', headers: { 'accept-language': 'zz-ZZ;q=0.1,'.repeat(1_000) } },
  { name: 'a property of every object as a language', headers: { 'accept-language': '__proto__, constructor' } },
  { name: 'an address that is none', headers: { 'x-forwarded-for': "'; DROP TABLE users, ::zz, 999.1.1.1" } },
  { name: 'a host that is none', headers: { 'x-forwarded-host': '[::1', origin: 'http://[::1' } },
  { name: 'two hosts', headers: { 'x-forwarded-host': 'a.example, b.example' } },
  { name: 'a scheme that is none', headers: { 'x-forwarded-proto': '\u00ff' } },
  { name: 'an origin that is none', headers: { origin: '%' } },
  { name: 'a site that is none', headers: { 'sec-fetch-site': 'elsewhere' } },
  { name: 'a mode that is none', headers: { 'sec-fetch-mode': 'teleport' } },
  { name: 'a cookie that is none', headers: { cookie: 'connect.sid=s%3A%; =; %=%; connect.sid' } },
  { name: 'a session id of a property of every object', headers: { cookie: 'connect.sid=s%3A__proto__.x' } },
  { name: 'an Accept that is none', headers: { accept: ';;;,text/html;q=x' } },
  { name: 'a basic password', headers: { authorization: 'Basic %%%' } },
];

const VALUES: readonly { name: string; value: string }[] = [
  { name: 'empty', value: '' },
  { name: 'spaces', value: '   ' },
  { name: 'a minus', value: '-' },
  { name: 'a number in science', value: '1e6' },
  { name: 'a hexadecimal number', value: '0x1F' },
  { name: 'markup', value: '<script>alert(1)</script>' },
  { name: 'a template', value: '{{ 7 * 7 }}{% raw %}<%= 7 * 7 %>' },
  { name: 'a format', value: '{attemptsLeft, plural, one {' },
  { name: 'emoji', value: '\u{1F4A3}'.repeat(20) },
  { name: 'half an emoji', value: '\ud83d' },
  { name: 'right to left', value: '\u202e321654' },
  { name: 'nothing visible', value: '\u200b\u2060\ufeff' },
  { name: 'line breaks, as in a header', value: '123456\r\nSet-Cookie: a=b' },
  { name: 'a property of every object', value: '__proto__' },
  { name: 'another one', value: 'constructor' },
  { name: 'a path', value: '../../../etc/passwd' },
  { name: 'SQL', value: "1' OR '1'='1" },
  { name: 'a query', value: '&Code=123456&VerificationSid=VE' },
  { name: 'very many marks on one letter', value: `e${'\u0301'.repeat(200)}` },
  { name: 'letters that become many', value: '\ufdfa'.repeat(200) },
];

describe('T13: garbled input', () => {
  for (const target of [...TARGETS, ...ASSETS]) {
    it(`a garbled target causes no 5xx: ${target.slice(0, 40)}`, async () => {
      const example = await startExample();
      for (const browser of [example.client(), await example.signedIn('alice')]) {
        const { status, text } = await getRaw(browser, target);
        assert.ok(status < 500, `answered ${status}`);
        assert.doesNotMatch(text, /node_modules|at \w+ \(|passport-twilio-verify"/);
      }
    });
  }

  it('a garbled target under the pages causes no 5xx if the routes behind them are protected', async () => {
    const example = await startExample();
    addGate(example, '/*anything');
    const browser = await example.signedIn('alice');
    for (const path of ['/2fa/nothing', '/2fa/verify/', '/2fa/resend', '/2fa/assets/nothing.css']) {
      assert.ok((await browser.get(path)).status < 500, path);
    }
  });

  for (const { name, headers } of HEADERS) {
    it(`a garbled header causes no 5xx: ${name}`, async () => {
      const example = await startExample({ trustProxy: true });
      const browser = await example.signedIn('bob');
      const fields = { country: 'US', phoneNumber: '+12025550177', method: 'sms' };
      for (const path of ['/account', '/2fa', '/2fa/register', '/2fa/verify', '/2fa/failed', '/2fa/none']) {
        assert.ok((await browser.get(path, headers)).status < 500, `GET ${path}`);
      }
      for (const path of ['/2fa/register', '/2fa/verify', '/2fa/cancel']) {
        assert.ok((await browser.post(path, fields, headers)).status < 500, `POST ${path}`);
      }
    });
  }

  for (const { name, value } of VALUES) {
    it(`a garbled field is refused with 4xx: ${name}`, async () => {
      const example = await startExample();
      addGate(example, '/check');
      const waiting = await example.waiting('alice');
      const registering = await example.signedIn('bob');
      const posts = [
        await waiting.post('/2fa/verify', { code: value }),
        await waiting.post('/check', { code: value }),
        await waiting.post('/2fa', { method: value }),
        await registering.post('/2fa/register', { country: value, phoneNumber: value, method: 'sms' }),
        await registering.post('/2fa/register', { country: 'US', phoneNumber: value, method: value }),
        await registering.post('/2fa/register', {
          country: 'US',
          phoneNumber: '+12025550177',
          method: value.trim() || '-',
        }),
      ];
      for (const [index, answer] of posts.entries()) {
        assert.ok(isRefused(answer), `post ${index} was answered with ${answer.status}`);
        assert.doesNotMatch(String(answer.headers['set-cookie'] ?? ''), /a=b/);
      }
      assert.equal(await isIn(waiting), false);
      assert.deepEqual(example.emulator.messages().length, 1);
    });
  }
});
