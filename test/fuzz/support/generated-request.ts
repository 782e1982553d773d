import fc from 'fast-check';
import { ACTION_PATHS, PAGE_PATHS } from '../../../src/common/page-paths.js';
import { formOf, headerText, jsonOf, type Payload, payload, text } from './generated-payload.js';

/** Whose session a generated request comes with. */
export const SENDERS = ['nobody', 'garbled', 'unsent', 'waiting', 'registering', 'verified'] as const;
export type Sender = (typeof SENDERS)[number];

/** A request as it goes onto the wire. */
export interface GeneratedRequest {
  readonly sender: Sender;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Values of its fields. */
  readonly typed: readonly string[];
}

const ROUTES = ['', ...PAGE_PATHS, ...ACTION_PATHS];
const METHODS = ['GET', 'POST', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];
const path = fc.oneof(
  { arbitrary: fc.constantFrom(...ROUTES).map((route) => `/2fa${route}`), weight: 12 },
  { arbitrary: fc.constantFrom('/account', '/pay', '/strict'), weight: 4 },
  {
    arbitrary: fc.constantFrom(
      '/2fa/%',
      '/2fa/%E0%A4%A',
      '/2fa/verify/',
      '/2fa/VERIFY',
      '/2FA/verify',
      '/2fa//verify',
      '/2fa/./verify',
      '/2fa/../account',
      '/2fa%2fverify',
      '/2fa/verify%00',
      '/2fa/%2e%2e/account',
      '/2fa/assets/..%2f..%2fpackage.json',
      '/2fa/assets/%2e%2e/_base.html',
      '/2fa/assets/%',
      '/2fa/assets/',
      '//2fa',
      '//evil.example/2fa',
      'http://evil.example/2fa/verify',
      '/account/../2fa/verify',
      '/account;x=1',
    ),
    weight: 3,
  },
  { arbitrary: fc.webPath().map((generated) => `/2fa${generated}`), weight: 1 },
);

const query = fc.oneof(
  { arbitrary: fc.constant(''), weight: 3 },
  {
    arbitrary: fc.constantFrom(
      '?next=//evil.example',
      '?code=123456',
      '?method=sms',
      '?a[b][c]=d',
      '?%',
      '?__proto__[x]=1',
    ),
    weight: 1,
  },
  { arbitrary: fc.webQueryParameters().map((generated) => `?${generated}`), weight: 1 },
);

/** Mostly left out, so that what is generated also gets past the first check. */
function seldom<T>(arbitrary: fc.Arbitrary<T>, weight = 3): fc.Arbitrary<T | undefined> {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: 20 }, { arbitrary, weight });
}

/** One of these values of a header, or sometimes any text. */
function header(...texts: readonly string[]): fc.Arbitrary<string | undefined> {
  return seldom(fc.oneof({ arbitrary: fc.constantFrom(...texts), weight: 3 }, { arbitrary: headerText, weight: 1 }));
}

const headers = fc.record({
  origin: header('null', 'https://evil.example', 'http://127.0.0.1', 'http://[', 'file://', ''),
  'sec-fetch-site': header('same-origin', 'none', 'same-origin', 'cross-site', 'same-site'),
  'sec-fetch-mode': header('navigate', 'cors', 'no-cors'),
  accept: header('text/html', 'application/json', '*/*', 'text/html;q=x', 'image/*'),
  'accept-language': header(
    'de',
    'ar, en;q=0.5',
    'x'.repeat(500),
    '*',
    'en-US-u-ca-buddhist',
    ';;;',
    'zz-ZZ',
    '__proto__',
  ),
  'x-forwarded-for': header('203.0.113.7', '::ffff:1.2.3.4', '1.2.3.4, 5.6.7.8', 'unknown', 'fe80::1%eth0', ','),
  'x-forwarded-host': header('evil.example', 'evil.example, other', '[::1]:99999'),
  'x-forwarded-proto': header('https', 'javascript'),
  'x-http-method-override': header('POST', 'DELETE'),
  'content-encoding': seldom(fc.constantFrom('gzip', 'deflate', 'br', 'identity', 'nonsense'), 1),
  host: header('evil.example', '[', 'a:b:c', '127.0.0.1:99999'),
  range: seldom(fc.constantFrom('bytes=0-0', 'bytes=9-1'), 1),
  cookie: header(
    'connect.sid=s%3A',
    'connect.sid=%',
    'connect.sid=s:x.y',
    '__proto__=1',
    'a=b; connect.sid=s:.',
    ';;=',
  ),
});

interface Target {
  readonly method: string;
  readonly path: string;
  readonly payload: Payload;
}

const anything: fc.Arbitrary<Target> = fc.record({
  method: fc.oneof(
    { arbitrary: fc.constant('POST'), weight: 6 },
    { arbitrary: fc.constant('GET'), weight: 3 },
    { arbitrary: fc.constantFrom(...METHODS), weight: 1 },
  ),
  path: fc.tuple(path, query).map((parts) => parts.join('')),
  payload,
});

const FORMS: readonly { readonly path: string; readonly names: readonly string[] }[] = [
  { path: '/2fa', names: ['method'] },
  { path: '/2fa/verify', names: ['code'] },
  { path: '/pay', names: ['code'] },
  { path: '/2fa/register', names: ['phoneNumber', 'country', 'method'] },
  { path: '/2fa/change', names: ['phoneNumber', 'country', 'method'] },
];
const PLAUSIBLE: Readonly<Record<string, fc.Arbitrary<string>>> = {
  method: fc.constantFrom('sms', 'call', 'whatsapp', 'email'),
  code: fc.integer({ min: 0, max: 9_999_999_999 }).map((digits) => String(digits).padStart(10, '0')),
  phoneNumber: fc.integer({ min: 0, max: 99 }).map((line) => `+120255502${String(line).padStart(2, '0')}`),
  country: fc.constantFrom('US', 'GB'),
};

/** One of our forms as the pages post it, except for a field or two. */
const nearlyRight: fc.Arbitrary<Target> = fc.constantFrom(...FORMS).chain(({ path: target, names }) =>
  fc
    .tuple(
      fc.boolean(),
      ...names.map((name) =>
        fc.oneof({ arbitrary: PLAUSIBLE[name] ?? text, weight: 3 }, { arbitrary: text, weight: 1 }),
      ),
    )
    .map(([isJson, ...contents]) => {
      const entries = names.map((name, index) => [name, contents[index]] as const);
      return { method: 'POST', path: target, payload: isJson ? jsonOf(entries) : formOf(entries) };
    }),
);

/** Any request: over all routes, fields, types, sizes, encodings and headers. */
export const generatedRequest: fc.Arbitrary<GeneratedRequest> = fc
  .record({
    sender: fc.constantFrom(...SENDERS),
    target: fc.oneof({ arbitrary: anything, weight: 2 }, { arbitrary: nearlyRight, weight: 1 }),
    headers,
  })
  .map(({ sender, target: { payload: sent, ...target }, headers: given }) => {
    const { type, ...content } = sent;
    const all = { ...given, ...(type === undefined ? {} : { 'content-type': type }) };
    const present = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return { sender, ...target, ...content, headers: Object.fromEntries(present) };
  });
