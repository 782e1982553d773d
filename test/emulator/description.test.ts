import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkAnswer, checked, hasDescription } from './support/description';
import { ALICE, setUp, stopAfterEach } from './support/fixture';
import { checkValue, type Schema } from './support/schema';

stopAfterEach();

const EMPTY = { schemas: {}, samples: new Map<string, unknown[]>() };
const check = (value: unknown, schema: Schema, ...samples: unknown[]) => checkValue(value, schema, samples, EMPTY);

describe('the check against a schema', () => {
  for (const { name, value, schema, samples = [], problem } of [
    {
      name: 'a missing field',
      value: {},
      schema: { type: 'object', properties: { a: { type: 'string' } } },
      problem: '$.a: missing',
    },
    {
      name: 'a field too many',
      value: { b: 1 },
      schema: { type: 'object', properties: {} },
      problem: '$.b: the description has no such field',
    },
    { name: 'a null', value: null, schema: { type: 'string' }, problem: '$: null is not allowed' },
    { name: 'a text for a number', value: '1', schema: { type: 'integer' }, problem: '$: "1" is no integer' },
    { name: 'a text for a boolean', value: 'true', schema: { type: 'boolean' }, problem: '$: "true" is no boolean' },
    { name: 'an object for an array', value: {}, schema: { type: 'array' }, problem: '$: {} is no array' },
    {
      name: 'a bad SID',
      value: 'VE1',
      schema: { type: 'string', pattern: '^VE[0-9a-fA-F]{32}$' },
      problem: '$: "VE1" has not the form ^VE[0-9a-fA-F]{32}$',
    },
    {
      name: 'a date with milliseconds',
      value: '2026-01-01T00:00:00.000Z',
      schema: { type: 'string', format: 'date-time' },
      problem: '$: "2026-01-01T00:00:00.000Z" has not the form date-time',
    },
    {
      name: 'a value outside an enum',
      value: 'fax',
      schema: { type: 'string', enum: ['sms'] },
      problem: '$: "fax" is none of the enum',
    },
    {
      name: 'what has neither a type nor an example',
      value: {},
      schema: { nullable: true },
      problem: '$: neither a type nor an example to check by',
    },
    {
      name: 'an untyped object with other fields',
      value: { b: 1 },
      schema: { nullable: true },
      samples: [{ a: 1 }],
      problem: '$: no example has the fields b',
    },
    {
      name: 'an untyped field of another type',
      value: { a: '1' },
      schema: { nullable: true },
      samples: [{ a: 1 }],
      problem: '$.a: "1" in no example',
    },
    {
      name: 'an item of an untyped list',
      value: [{ a: '1' }],
      schema: { type: 'array', items: {} },
      samples: [[{ a: 1 }]],
      problem: '$[0].a: "1" in no example',
    },
    {
      name: 'a format that it does not know',
      value: 'x',
      schema: { type: 'string', format: 'new' },
      problem: '$: "x" has not the form new',
    },
  ] satisfies { name: string; value: unknown; schema: Schema; samples?: unknown[]; problem: string }[]) {
    it(`finds ${name}`, () => {
      assert.deepEqual(check(value, schema, ...samples), [problem]);
    });
  }

  it('lets a null pass where the schema or an example has it', () => {
    assert.deepEqual(check(null, { type: 'string', nullable: true }), []);
    assert.deepEqual(check(null, { type: 'string' }, null), []);
  });
});

const skip = hasDescription ? false : "Twilio's description (../shared/twilio-oai) is not beside this checkout";

describe("the answers against Twilio's description", { skip }, () => {
  it('refuse a verification without one of its fields', async () => {
    const { emulator, send } = await setUp();
    const { sid } = await send();
    const path = `/v2/Services/${emulator.serviceSid}/Verifications/${sid}`;
    assert.throws(() => checkAnswer('GET', path, 200, { sid }), /service_sid: missing/);
  });

  it('refuse a path, and a status, that Twilio does not have', () => {
    assert.throws(() => checkAnswer('GET', '/v2/Nothing', 200, {}), /no such operation/);
    assert.throws(() => checkAnswer('GET', '/v2/Services', 202, {}), /no such status/);
  });

  it('refuse an error in a form that is not Twilio’s', () => {
    assert.throws(() => checkAnswer('GET', '/v2/Services', 404, { message: 'no' }));
  });

  it('hold for every call that the emulator takes', async () => {
    const { emulator, client, service, send, check: checkCode } = await setUp();
    checked.clear();
    const { services } = client.verify.v2;
    const { sid } = await services.create({ friendlyName: 'Acme' });
    await services(sid).update({ codeLength: 5 });
    await services(sid).fetch();
    await services.list();
    await services(sid).remove();
    await send();
    await service.verifications(ALICE).fetch();
    await checkCode(await emulator.codeFor(ALICE));
    await send();
    await service.verifications(ALICE).update({ status: 'canceled' });
    const limits = service.rateLimits;
    const limit = limits((await limits.create({ uniqueName: 'limit' })).sid);
    await limit.update({ description: 'x' });
    await limit.fetch();
    await limits.list();
    const bucket = limit.buckets((await limit.buckets.create({ max: 1, interval: 1 })).sid);
    await bucket.update({ max: 2 });
    await bucket.fetch();
    await limit.buckets.list();
    await bucket.remove();
    await limit.remove();
    await client.lookups.v2.phoneNumbers(ALICE).fetch({ fields: 'line_type_intelligence' });
    assert.equal(checked.size, 20, [...checked.keys()].join('\n'));
  });

  it('hold for a check that is answered with 201', async () => {
    const { emulator, send, check: checkCode } = await setUp({ checkStatus: 201 });
    await send();
    await checkCode(await emulator.codeFor(ALICE));
    assert.ok([...checked.keys()].some((operation) => operation.endsWith('VerificationCheck 201')));
  });
});
