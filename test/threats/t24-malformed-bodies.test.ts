/**
 * T24. Attacker: anyone with a script. They post bodies that no form posts: arrays and objects instead of text, fields
 * of megabytes, `__proto__`, NUL bytes, broken encodings, other content types. Goal: a crash, a 500 with a stack trace,
 * a check that compares with an object and succeeds. Defense: our own router parses bodies with a small limit. A field
 * is a text of at most 256 characters, or the request is refused with 4xx.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { addGate, isIn, startExample } from './support/example.js';
import { callsOf, isRefused, tells } from './support/look.js';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const FIELDS = ['code', 'method', 'country', 'phoneNumber'];
const all = (value: unknown) => JSON.stringify(Object.fromEntries(FIELDS.map((name) => [name, value])));
const form = (value: string) => FIELDS.map((name) => `${name}=${value}`).join('&');

interface Body {
  readonly name: string;
  readonly type: string;
  readonly body: string | Uint8Array;
  readonly headers?: Record<string, string>;
}

const BODIES: readonly Body[] = [
  { name: 'a list in a form', type: FORM, body: FIELDS.map((name) => `${name}=1&${name}=2`).join('&') },
  { name: 'a list with brackets in a form', type: FORM, body: FIELDS.map((name) => `${name}[]=123456`).join('&') },
  { name: 'an object in a form', type: FORM, body: FIELDS.map((name) => `${name}[$ne]=0`).join('&') },
  { name: 'a list in JSON', type: JSON_TYPE, body: all(['123456']) },
  { name: 'an object in JSON', type: JSON_TYPE, body: all({ $gt: '' }) },
  { name: 'an object that says it is a text', type: JSON_TYPE, body: all({ toString: '123456', length: 6 }) },
  { name: 'a number in JSON', type: JSON_TYPE, body: all(123456) },
  { name: 'a boolean in JSON', type: JSON_TYPE, body: all(true) },
  { name: 'null in JSON', type: JSON_TYPE, body: all(null) },
  { name: 'nests in JSON', type: JSON_TYPE, body: all('x').replace(/"x"/g, `${'['.repeat(900)}${']'.repeat(900)}`) },
  { name: 'a list for a body', type: JSON_TYPE, body: '["123456"]' },
  { name: 'a text for a body', type: JSON_TYPE, body: '"123456"' },
  { name: 'null for a body', type: JSON_TYPE, body: 'null' },
  { name: 'half a JSON', type: JSON_TYPE, body: '{"code": "123' },
  { name: 'no body', type: FORM, body: '' },
  { name: 'no body, as JSON', type: JSON_TYPE, body: '' },
  { name: '__proto__ in a form', type: FORM, body: '__proto__[code]=123456&constructor[prototype][code]=1' },
  { name: '__proto__ in JSON', type: JSON_TYPE, body: '{"__proto__": {"code": "123456", "method": "sms"}}' },
  { name: 'constructor in JSON', type: JSON_TYPE, body: '{"constructor": {"prototype": {"code": "123456"}}}' },
  { name: 'hasOwnProperty in JSON', type: JSON_TYPE, body: `{"hasOwnProperty": 1, ${all(['1']).slice(1)}` },
  { name: 'a NUL in a form', type: FORM, body: form('12%003456') },
  { name: 'a NUL in JSON', type: JSON_TYPE, body: all('12\u00003456') },
  { name: 'a field of 257 characters', type: FORM, body: form('1'.repeat(257)) },
  { name: 'a field of 10 kB', type: FORM, body: `code=${'1'.repeat(10_000)}&method=${'s'.repeat(300)}` },
  { name: 'a field of 2 MB', type: FORM, body: form('1'.repeat(500_000)) },
  { name: 'a field of 2 MB in JSON', type: JSON_TYPE, body: all('1'.repeat(500_000)) },
  { name: 'ten thousand fields', type: FORM, body: 'a=1&'.repeat(10_000) },
  { name: 'broken percent-encoding', type: FORM, body: form('%E0%A4%A') },
  { name: 'bytes that are no UTF-8', type: FORM, body: Buffer.from([0x63, 0x6f, 0x64, 0x65, 0x3d, 0xff, 0xfe]) },
  { name: 'bytes that are no UTF-8, in JSON', type: JSON_TYPE, body: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) },
  { name: 'a text', type: 'text/plain', body: 'code=123456&method=sms' },
  { name: 'XML', type: 'application/xml', body: '<code>123456</code>' },
  { name: 'a form of parts', type: 'multipart/form-data; boundary=x', body: '--x\r\n\r\n123456\r\n--x--' },
  { name: 'a form of parts without a boundary', type: 'multipart/form-data', body: 'x' },
  { name: 'a type that is none', type: '\u00ff;;=', body: 'code=123456' },
  { name: 'no type', type: '', body: 'code=123456&method=sms' },
  { name: 'a charset that nobody knows', type: `${FORM}; charset=klingon`, body: form('123456') },
  { name: 'compressed, and not', type: FORM, body: form('123456'), headers: { 'content-encoding': 'gzip' } },
  { name: 'compressed by what nobody knows', type: FORM, body: form('1'), headers: { 'content-encoding': 'zip' } },
  {
    name: 'small, and large when it is unpacked',
    type: FORM,
    body: gzipSync(`code=${'1'.repeat(5_000_000)}`),
    headers: { 'content-encoding': 'gzip' },
  },
];

const ROUTES = ['/2fa', '/2fa/verify', '/2fa/register', '/2fa/change', '/check'];

describe('T24: a body that no form posts', () => {
  for (const { name, type, body, headers } of BODIES) {
    it(`a malformed body is refused with 4xx on every route: ${name}`, async () => {
      const example = await startExample();
      addGate(example, '/check');
      const browsers = {
        '/2fa/register': await example.signedIn('bob'),
        '/2fa/change': await example.verified('alice'),
      };
      const other = await startExample();
      addGate(other, '/check');
      const waiting = await other.waiting('alice');
      const calls = [example, other].map(({ emulator }) => emulator.requests().length);
      for (const route of ROUTES) {
        const browser = browsers[route as keyof typeof browsers] ?? waiting;
        const answer = await browser.send('POST', route, body, { 'content-type': type, ...headers });
        assert.ok(isRefused(answer), `${route} answered ${answer.status}`);
        assert.doesNotMatch(answer.text, /node_modules|at \w+ \(/, route);
      }
      assert.equal(await isIn(waiting), false);
      assert.deepEqual(
        [example, other].map(({ emulator }) => emulator.requests().length),
        calls,
        'and Twilio is not asked',
      );
      assert.equal(({} as { code?: unknown }).code, undefined, 'no prototype has got a code');
    });
  }

  it('a malformed body to one of the pages is answered with an error page', async () => {
    const example = await startExample();
    const browser = await example.waiting('alice');
    for (const [body, status] of [
      ['{', 400],
      [all('1'.repeat(257)), 400],
      [all('12\u00003456'), 400],
      [all('1'.repeat(50_000)), 413],
    ] as const) {
      const answer = await browser.send('POST', '/2fa/verify', body, { 'content-type': JSON_TYPE });
      assert.equal(answer.status, status);
      assert.ok(tells(answer.text, 'bad_request'));
    }
    assert.equal(callsOf(example, 'check'), 0);
  });

  it('a request with a malformed head is refused by the server, which keeps running', async () => {
    const example = await startExample();
    const browser = await example.signedIn('alice');
    const huge = await browser.get('/2fa', { 'x-filler': 'a'.repeat(20_000) });
    assert.equal(huge.status, 431);
    assert.equal((await browser.get('/2fa')).status, 200);
  });
});
