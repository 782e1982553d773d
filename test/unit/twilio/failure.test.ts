import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { TwilioApiError } from '../../../src/common/errors.js';
import { readFailure, type TwilioCall } from '../../../src/twilio/failure.js';

type Outcome = string | 'configuration' | 'unavailable';

/** The table of the facts about Verify: what each code is to a create and to a check. */
const rows: readonly { code: number; status: number; create: Outcome; check: Outcome }[] = [
  { code: 60200, status: 400, create: 'configuration', check: 'configuration' },
  { code: 60202, status: 429, create: 'busy', check: 'too_many_checks' },
  { code: 60203, status: 429, create: 'too_many_sends', check: 'busy' },
  { code: 60205, status: 403, create: 'landline', check: 'configuration' },
  { code: 60212, status: 429, create: 'busy', check: 'busy' },
  { code: 60238, status: 403, create: 'address_refused', check: 'configuration' },
  { code: 60410, status: 403, create: 'address_refused', check: 'configuration' },
  { code: 60412, status: 403, create: 'address_refused', check: 'configuration' },
  { code: 60605, status: 403, create: 'country_refused', check: 'configuration' },
  { code: 13227, status: 400, create: 'country_refused', check: 'unavailable' },
  { code: 21215, status: 400, create: 'country_refused', check: 'unavailable' },
  { code: 21408, status: 400, create: 'country_refused', check: 'unavailable' },
  { code: 13223, status: 400, create: 'number_invalid', check: 'unavailable' },
  { code: 13224, status: 400, create: 'number_invalid', check: 'unavailable' },
  { code: 21211, status: 400, create: 'number_invalid', check: 'unavailable' },
  { code: 21217, status: 400, create: 'number_invalid', check: 'unavailable' },
  { code: 21610, status: 400, create: 'opted_out', check: 'unavailable' },
  { code: 21614, status: 400, create: 'landline', check: 'unavailable' },
  { code: 20404, status: 404, create: 'configuration', check: 'code_expired' },
  { code: 20429, status: 429, create: 'busy', check: 'busy' },
  { code: 20003, status: 401, create: 'configuration', check: 'configuration' },
  { code: 21608, status: 400, create: 'configuration', check: 'configuration' },
  { code: 60204, status: 403, create: 'configuration', check: 'configuration' },
  { code: 60206, status: 400, create: 'configuration', check: 'configuration' },
  { code: 60207, status: 400, create: 'configuration', check: 'configuration' },
  { code: 60228, status: 404, create: 'configuration', check: 'configuration' },
  { code: 60229, status: 404, create: 'configuration', check: 'configuration' },
  { code: 60234, status: 400, create: 'configuration', check: 'configuration' },
  { code: 60247, status: 400, create: 'configuration', check: 'configuration' },
  { code: 20500, status: 500, create: 'unavailable', check: 'unavailable' },
  { code: 20503, status: 503, create: 'unavailable', check: 'unavailable' },
  { code: 99999, status: 400, create: 'unavailable', check: 'unavailable' },
  { code: 99999, status: 403, create: 'configuration', check: 'configuration' },
  { code: 99999, status: 429, create: 'busy', check: 'busy' },
];
const METHOD_UNAVAILABLE = [60217, 60220, 60223, 68008];

function outcomeOf(call: TwilioCall, thrown: unknown): Outcome {
  const failure = readFailure(call, thrown);
  if (failure.type === 'refused') return failure.code;
  return failure.error.code === 'ERR_TWILIO_VERIFY_CONFIGURATION' ? 'configuration' : 'unavailable';
}

describe('readFailure', () => {
  for (const { code, status, create, check } of rows) {
    it(`${code} with ${status} is ${create} to a create, and ${check} to a check`, () => {
      assert.equal(outcomeOf('create', { code, status }), create);
      assert.equal(outcomeOf('check', { code, status }), check);
    });
  }

  for (const code of METHOD_UNAVAILABLE) {
    it(`${code} is method_unavailable to a create`, () => {
      assert.equal(outcomeOf('create', { code, status: 400 }), 'method_unavailable');
    });
  }

  const parameters: readonly { message: unknown; create: Outcome; check: Outcome }[] = [
    { message: 'Invalid parameter `To`: +12025550123', create: 'number_invalid', check: 'configuration' },
    { message: 'Invalid parameter: To', create: 'number_invalid', check: 'configuration' },
    { message: "Invalid parameter 'To': bob@example.com", create: 'number_invalid', check: 'configuration' },
    { message: 'Invalid parameter `Code`: 12', create: 'configuration', check: 'code_wrong' },
    { message: 'Invalid parameter: Code', create: 'configuration', check: 'code_wrong' },
    { message: 'Invalid parameter `Channel`: whatsapp', create: 'configuration', check: 'configuration' },
    { message: 'Invalid parameter `Locale`: xx', create: 'configuration', check: 'configuration' },
    { message: 'Invalid parameter `TemplateSid`: To', create: 'configuration', check: 'configuration' },
    { message: 'Invalid parameter: bob@example.com', create: 'configuration', check: 'configuration' },
    { message: 'Invalid parameter', create: 'configuration', check: 'configuration' },
    { message: undefined, create: 'configuration', check: 'configuration' },
  ];
  for (const { message, create, check } of parameters) {
    it(`60200 with ${JSON.stringify(message)} is ${create} to a create, and ${check} to a check`, () => {
      assert.equal(outcomeOf('create', { code: 60200, status: 400, message }), create);
      assert.equal(outcomeOf('check', { code: 60200, status: 400, message }), check);
    });
  }

  it('names the invalid parameter to the owner, and never its value', () => {
    const message = (text: string) => {
      const failure = readFailure('create', { code: 60200, status: 400, message: text });
      return failure.type === 'fault' ? failure.error.message : '';
    };
    assert.match(message('Invalid parameter `Locale`: xx-12025550123'), /60200.*"Locale"/);
    assert.doesNotMatch(message('Invalid parameter `Locale`: xx-12025550123'), /xx|1202/);
    assert.doesNotMatch(message('Invalid parameter: bob@example.com'), /bob|example/);
  });

  it('tells Twilio’s code with an outcome', () => {
    assert.deepEqual(readFailure('create', { code: 60203, status: 429 }), {
      type: 'refused',
      code: 'too_many_sends',
      twilioCode: 60203,
      twilioStatus: 429,
    });
  });

  it('tells Twilio’s code and status with a fault, which is a 503', () => {
    const failure = readFailure('check', { code: 20500, status: 500 });
    assert.equal(failure.type, 'fault');
    const { error } = failure;
    assert.ok(error instanceof TwilioApiError);
    assert.equal(error.name, 'TwilioApiError');
    assert.deepEqual([error.twilioCode, error.twilioStatus, error.status], [20500, 500, 503]);
    assert.match(error.message, /500 with code 20500 to "check"/);
  });

  const withoutCode: readonly { name: string; thrown: unknown; outcome: Outcome }[] = [
    { name: 'a body that is no JSON, 502', thrown: { status: 502, code: undefined }, outcome: 'unavailable' },
    { name: 'a body that is no JSON, 401', thrown: { status: 401 }, outcome: 'configuration' },
    { name: 'a body that is no JSON, 404', thrown: { status: 404 }, outcome: 'unavailable' },
    { name: 'a body that is no JSON, 429', thrown: { status: 429 }, outcome: 'busy' },
    { name: 'a network error', thrown: { code: 'ECONNREFUSED' }, outcome: 'unavailable' },
    { name: 'a code that is a text', thrown: { code: '60203', status: 400 }, outcome: 'unavailable' },
    { name: 'an Error', thrown: new Error('boom'), outcome: 'unavailable' },
    { name: 'a text', thrown: 'boom', outcome: 'unavailable' },
    { name: 'nothing', thrown: undefined, outcome: 'unavailable' },
    { name: 'null', thrown: null, outcome: 'unavailable' },
  ];
  for (const { name, thrown, outcome } of withoutCode) {
    it(`${name}: ${outcome}`, () => assert.equal(outcomeOf('check', thrown), outcome));
  }

  const effects: readonly { name: string; thrown: unknown; mayHaveTakenEffect: boolean }[] = [
    { name: 'a refused connection', thrown: { code: 'ECONNREFUSED', syscall: 'connect' }, mayHaveTakenEffect: false },
    { name: 'an unknown host', thrown: { code: 'ENOTFOUND', syscall: 'getaddrinfo' }, mayHaveTakenEffect: false },
    { name: 'a DNS failure', thrown: { code: 'EAI_AGAIN', syscall: 'getaddrinfo' }, mayHaveTakenEffect: false },
    { name: 'an unreachable network', thrown: { code: 'ENETUNREACH', syscall: 'connect' }, mayHaveTakenEffect: false },
    { name: 'an unreachable host', thrown: { code: 'EHOSTUNREACH', syscall: 'connect' }, mayHaveTakenEffect: false },
    { name: 'no answer to SYN', thrown: { code: 'ETIMEDOUT', syscall: 'connect' }, mayHaveTakenEffect: false },
    {
      name: 'no connection to any address of the host',
      thrown: new AggregateError([
        { code: 'ECONNREFUSED', syscall: 'connect' },
        { code: 'ENETUNREACH', syscall: 'connect' },
      ]),
      mayHaveTakenEffect: false,
    },
    {
      name: 'one of several errors after the connection',
      thrown: new AggregateError([{ code: 'ECONNREFUSED', syscall: 'connect' }, { code: 'ECONNRESET' }]),
      mayHaveTakenEffect: true,
    },
    { name: 'several errors that are none', thrown: new AggregateError([]), mayHaveTakenEffect: true },
    { name: 'an unreachable host, later', thrown: { code: 'EHOSTUNREACH', syscall: 'read' }, mayHaveTakenEffect: true },
    { name: 'a reset connection', thrown: { code: 'ECONNRESET', syscall: 'read' }, mayHaveTakenEffect: true },
    { name: 'a connection that was closed', thrown: { code: 'ECONNRESET' }, mayHaveTakenEffect: true },
    { name: 'a broken pipe', thrown: { code: 'EPIPE', syscall: 'write' }, mayHaveTakenEffect: true },
    { name: 'a timeout', thrown: new Error('no answer within 10000 ms'), mayHaveTakenEffect: true },
    { name: 'an unreadable answer', thrown: new Error('not a verification'), mayHaveTakenEffect: true },
    { name: 'nothing at all', thrown: undefined, mayHaveTakenEffect: true },
    { name: '500', thrown: { status: 500, code: 20500 }, mayHaveTakenEffect: true },
    { name: '503 without a code', thrown: { status: 503 }, mayHaveTakenEffect: true },
    { name: '302', thrown: { status: 302 }, mayHaveTakenEffect: true },
    { name: '400', thrown: { status: 400, code: 99_999 }, mayHaveTakenEffect: false },
    { name: '404 without a code', thrown: { status: 404 }, mayHaveTakenEffect: false },
    { name: '499', thrown: { status: 499 }, mayHaveTakenEffect: false },
    { name: 'wrong credentials', thrown: { status: 401, code: 20003 }, mayHaveTakenEffect: false },
    { name: 'a code without a status', thrown: { code: 20003 }, mayHaveTakenEffect: false },
    { name: 'a code with a 5xx status', thrown: { status: 500, code: 20003 }, mayHaveTakenEffect: true },
  ];
  for (const { name, thrown, mayHaveTakenEffect } of effects) {
    it(`${name} ${mayHaveTakenEffect ? 'may have' : "can't have"} taken effect`, () => {
      const failure = readFailure('create', thrown);
      assert.ok(failure.type === 'fault');
      assert.equal(failure.error.mayHaveTakenEffect, mayHaveTakenEffect);
    });
  }

  it('readFailure keeps nothing of the thrown error, which carries the credentials, the number, and the code', () => {
    const secrets = { password: 'hunter2', data: 'To=%2B12025550123&Code=123456', message: 'Basic QUM6aHVudGVyMg==' };
    for (const thrown of [
      Object.assign(new Error(secrets.message), { code: 'ECONNRESET', config: secrets, request: secrets }),
      Object.assign(new Error(secrets.message), { config: secrets, cause: { code: secrets.data, port: secrets.data } }),
      { status: 400, code: 20003, details: secrets, message: secrets.message },
      { status: 500, code: 20500, details: secrets, message: secrets.message },
      { status: 403, message: secrets.message, moreInfo: secrets.data },
    ]) {
      for (const call of ['create', 'check', 'cancel'] as const) {
        const text = inspect(readFailure(call, thrown), { depth: null, showHidden: true });
        assert.doesNotMatch(text, /hunter2|12025550123|123456|QUM6/);
      }
    }
  });
});
