import fc from 'fast-check';

const FIELDS = ['method', 'code', 'phoneNumber', 'country', 'to', 'user', 'verificationSid', 'next', 'channel'];
const PROTOTYPE_KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__'];

/** Text of any kind that HTTP can carry in a header. */
export const headerText = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((point) => point !== 0x7f)
    .map((point) => String.fromCharCode(point)),
});

/** Values that our fields may have, and similar ones. */
export const text = fc.oneof(
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

/** A body and its declared content type. */
export interface Payload {
  readonly type: string | undefined;
  readonly body: Buffer;
  readonly typed: readonly string[];
}

type Entries = readonly (readonly [name: string, content: unknown])[];

export function formOf(entries: Entries): Payload {
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
export function jsonOf(entries: Entries): Payload {
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

/** Any body. */
export const payload = fc.oneof(
  { arbitrary: fields.map(formOf), weight: 4 },
  { arbitrary: fields.map(jsonOf), weight: 3 },
  { arbitrary: otherPayload, weight: 2 },
);

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
