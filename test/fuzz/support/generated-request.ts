import fc from 'fast-check';

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
  /** What its fields hold. */
  readonly typed: readonly string[];
}

const ROUTES = ['', '/', '/verify', '/resend', '/cancel', '/register', '/skip', '/change', '/success', '/failed'];
const METHODS = ['GET', 'POST', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];
const FIELDS = ['method', 'code', 'phoneNumber', 'country', 'to', 'user', 'verificationSid', 'next', 'channel'];
const PROTOTYPE_KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__'];

/** Text of any kind that HTTP can carry in a header. */
const headerText = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((point) => point !== 0x7f)
    .map((point) => String.fromCharCode(point)),
});

/** Values that fields of ours may have, and what is near them. */
const text = fc.oneof(
  fc.constantFrom('sms', 'call', 'whatsapp', 'email', 'sna', 'auto', 'SMS', ' sms '),
  fc.constantFrom('US', 'us', 'GB', 'XX', 'undefined', 'null', 'true', '[object Object]'),
  fc.constantFrom(
    '+12025550188',
    '2025550189',
    '(202) 555-0190',
    '+442079460000',
    '+19005550123',
    '+12025550191;ext=5',
  ),
  fc.constantFrom('tel:+12025550192', '+1202555019', '112', 'eve@example.com', '+12025550123'),
  fc.integer({ min: 0, max: 9_999_999_999 }).map(String),
  fc.constantFrom('١٢٣٤٥٦', '１２３４５６', '123 456', '12\u200b3456', '-1', '1e9', '0x10', '𝟙𝟚𝟛𝟜', '999999999999'),
  fc.constantFrom(
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '<script>alert(1)</script>',
    '{{ 7 * 7 }}',
  ),
  fc.constantFrom('\0', 'sms\0', '1234\r\n56', '\ud800', '%00', '%ff%fe', "' OR 1=1 --", '../../etc/passwd'),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(...PROTOTYPE_KEYS),
  fc.integer({ min: 200, max: 300 }).map((length) => '1'.repeat(length)),
  fc.integer({ min: 1_000, max: 20_000 }).map((length) => 'ø'.repeat(length)),
);

const value: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: text, weight: 6 },
  { arbitrary: fc.anything({ maxDepth: 2, key: fc.constantFrom(...FIELDS, ...PROTOTYPE_KEYS) }), weight: 1 },
  { arbitrary: fc.array(text, { maxLength: 3 }), weight: 1 },
);

const key = fc.oneof(
  { arbitrary: fc.constantFrom(...FIELDS), weight: 6 },
  { arbitrary: fc.constantFrom(...PROTOTYPE_KEYS), weight: 1 },
  { arbitrary: fc.constantFrom('code[]', 'code[0]', 'code[a]', 'code.a', 'method[__proto__]', '', 'codé'), weight: 1 },
);

const fields = fc.array(fc.tuple(key, value), { maxLength: 4 });

interface Payload {
  readonly type: string | undefined;
  readonly body: Buffer;
  readonly typed: readonly string[];
}

type Entries = readonly (readonly [name: string, content: unknown])[];

function formOf(entries: Entries): Payload {
  const pairs = entries.map(([name, content]) => {
    return `${encode(name)}=${encode(typeof content === 'string' ? content : json(content))}`;
  });
  return {
    type: 'application/x-www-form-urlencoded',
    body: Buffer.from(pairs.join('&')),
    typed: stringsOf(entries),
  };
}

// Written by hand: an object literal would lose `__proto__`, and a key that comes twice.
function jsonOf(entries: Entries): Payload {
  const members = entries.map(([name, content]) => `${JSON.stringify(name)}:${json(content)}`);
  return { type: 'application/json', body: Buffer.from(`{${members.join(',')}}`), typed: stringsOf(entries) };
}

const otherPayload: fc.Arbitrary<Payload> = fc.record({
  typed: fc.constant([]),
  type: fc.option(
    fc.oneof(
      fc.constantFrom(
        'application/json',
        'application/json; charset=utf-16',
        'application/json; charset=nonsense',
        'application/x-www-form-urlencoded; charset=iso-8859-1',
        'application/x-www-form-urlencoded; charset=utf-7',
        'multipart/form-data',
        'multipart/form-data; boundary=x',
        'text/plain',
        'application/xml',
        'application/json, text/html',
      ),
      headerText,
    ),
    { nil: undefined },
  ),
  body: fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom(
        'code=123456',
        'code=%E0%A4%A',
        'code=%',
        '&&&===',
        'null',
        '[]',
        '"code"',
        '42',
        '{"code":',
        '{"code":"123456"}',
        '[{"code":"123456"}]',
        '--x\r\nContent-Disposition: form-data; name="code"\r\n\r\n123456\r\n--x--',
      )
      .map((content) => Buffer.from(content)),
    fc.integer({ min: 500, max: 3_000 }).map((count) => Buffer.from('a=1&'.repeat(count))),
    fc.integer({ min: 100, max: 5_000 }).map((depth) => Buffer.from('['.repeat(depth))),
    fc.integer({ min: 16_000, max: 70_000 }).map((length) => Buffer.alloc(length, '{"code":"1"}')),
  ),
});

const payload = fc.oneof(
  { arbitrary: fields.map(formOf), weight: 4 },
  { arbitrary: fields.map(jsonOf), weight: 3 },
  { arbitrary: otherPayload, weight: 2 },
);

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

/** What such a header holds, and sometimes anything. */
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

/** A form of ours as it is meant to be posted, but for one field or the other. */
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

function stringsOf(entries: Entries): readonly string[] {
  return entries.map(([, content]) => content).filter((content) => typeof content === 'string');
}

function encode(content: string): string {
  // Half of a pair of surrogates cannot be encoded; a buffer puts the sign for it in its place.
  return encodeURIComponent(Buffer.from(content).toString());
}

function json(content: unknown): string {
  try {
    return JSON.stringify(content, (_, part) => (typeof part === 'bigint' ? Number(part) : part)) ?? 'null';
  } catch {
    return 'null';
  }
}
