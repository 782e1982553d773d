import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import type { RefusalCode } from 'passport-twilio-verify';
import { parse } from 'yaml';
import { REFUSAL_STATUS } from '../../../src/common/outcome.js';
import { withDevices } from '../../support/devices.js';
import { assertDescribed, assertValid, description } from '../../support/openapi.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

const FILE = path.join(__dirname, '../../../docs/openapi.yaml');

/** Express keeps its routes here, in both of its versions. */
interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
}

interface Narrowed {
  readonly properties?: { readonly code?: { readonly const?: string; readonly enum?: readonly string[] } };
}

describe('docs/openapi.yaml', () => {
  let app: TestApp;

  before(async () => {
    app = await startTestApp({ twoFactor: withDevices() });
  });

  it('docs/openapi.yaml is a valid OpenAPI 3.1 description', async () => {
    const { Validator } = await import('@seriousme/openapi-schema-validator');
    const { valid, errors } = await new Validator().validate(parse(readFileSync(FILE, 'utf8')));
    assert.ok(valid, JSON.stringify(errors, undefined, 2));
  });

  it('each schema in docs/openapi.yaml rejects a value that is not JSON', () => {
    // Ajv is strict: a word that it does not know throws.
    for (const name of Object.keys(description().components.schemas ?? {})) {
      assert.throws(() => assertValid(name, Symbol('no JSON'), ['components', 'schemas', name]), /is not as/, name);
    }
  });

  it('docs/openapi.yaml lists exactly the routes of the router', () => {
    const routes = (app.strategy.router() as unknown as { stack: readonly Layer[] }).stack.flatMap(({ route }) =>
      route ? Object.keys(route.methods).map((method) => `${method} ${route.path.replace(/:(\w+)/g, '{$1}')}`) : [],
    );
    const named = Object.entries(description().paths)
      .filter(([route]) => !route.startsWith('/assets/'))
      .flatMap(([route, operations]) => Object.keys(operations).map((method) => `${method} ${route}`));
    assert.equal(routes.length, 23);
    assert.deepEqual(named.toSorted(), routes.toSorted());
  });

  it('docs/openapi.yaml lists exactly the refusal codes', () => {
    const { RefusalCode } = description().components.schemas as { RefusalCode: { enum: string[] } };
    assert.deepEqual(RefusalCode.enum.toSorted(), Object.keys(REFUSAL_STATUS).toSorted());
  });

  it('docs/openapi.yaml lists each code with its status', () => {
    const found = new Set<string>();
    for (const [name, response] of Object.entries(description().components.responses ?? {})) {
      const { content } = response as { content?: Readonly<Record<string, { schema: { allOf?: readonly object[] } }>> };
      for (const part of content?.['application/problem+json']?.schema.allOf ?? []) {
        const { code, status } = ((part as Narrowed).properties ?? {}) as {
          code?: { const?: RefusalCode; enum?: readonly RefusalCode[] };
          status?: { const?: number };
        };
        for (const one of code?.enum ?? (code?.const ? [code.const] : [])) {
          assert.equal(REFUSAL_STATUS[one], status?.const, `${name}: ${one}`);
          found.add(one);
        }
      }
    }
    // A body that cannot be read has three statuses and a separate schema.
    found.add('bad_request');
    assert.deepEqual([...found].toSorted(), Object.keys(REFUSAL_STATUS).toSorted());
  });
});

describe('the check against docs/openapi.yaml', () => {
  const json = { 'content-type': 'application/json; charset=utf-8', 'content-language': 'en' };
  const problem = { ...json, 'content-type': 'application/problem+json; charset=utf-8' };
  const done = { method: 'GET', path: '/2fa/success', status: 200, headers: json, text: '{"step":"done"}' };
  const detail = { type: 'about:blank', title: 'Conflict', detail: 'No.', status: 409, code: 'nothing_pending' };
  const refused = { method: 'GET', path: '/2fa/verify', status: 409, headers: problem, text: JSON.stringify(detail) };

  it('the check accepts a described answer, and any answer from outside the router', () => {
    assertDescribed(done);
    assertDescribed(refused);
    assertDescribed({ ...done, path: '/account', text: 'anything' });
    assertDescribed({ ...done, path: '/2fa-of-mine', text: 'anything' });
    assertDescribed({ ...done, method: 'OPTIONS', status: 204, text: '' });
  });

  for (const { name, exchange, message } of [
    { name: 'another status', exchange: { ...done, status: 418 }, message: /GET \/success 418: .* no such status/ },
    { name: 'another type', exchange: { ...done, headers: { 'content-type': 'image/png' } }, message: /no image\/png/ },
    { name: 'no type', exchange: { ...done, headers: {} }, message: /without a content type/ },
    { name: 'a member too many', exchange: { ...done, text: '{"step":"done","code":"1"}' }, message: /"code"/ },
    { name: 'a member too few', exchange: { ...done, text: '{}' }, message: /step/ },
    { name: 'a step of another route', exchange: { ...done, text: '{"step":"verify"}' }, message: /step/ },
    {
      name: 'a member of another type',
      exchange: { ...done, text: '{"step":"done","canChange":"yes"}' },
      message: /canChange must be boolean/,
    },
    {
      name: 'a code of another status',
      exchange: { ...refused, text: JSON.stringify({ ...detail, code: 'locked' }) },
      message: /code must be equal to one of/,
    },
    {
      name: 'a status that is not that of the answer',
      exchange: { ...refused, text: JSON.stringify({ ...detail, status: 422 }) },
      message: /status must be equal/,
    },
    {
      name: 'no language',
      exchange: { ...done, headers: { 'content-type': json['content-type'] } },
      message: /no Content-Language/,
    },
    {
      name: 'a header that is not said',
      exchange: { ...done, headers: { ...json, 'retry-after': '7' } },
      message: /no header retry-after/,
    },
    {
      name: 'a header of another form',
      exchange: {
        ...refused,
        path: '/2fa',
        method: 'POST',
        status: 429,
        headers: { ...problem, 'retry-after': 'soon' },
      },
      message: /header retry-after/,
    },
    {
      name: 'a way that leads nowhere',
      exchange: { ...done, status: 303, headers: { 'content-type': 'text/html' } },
      message: /no header location/,
    },
  ]) {
    it(`the check finds ${name}`, () => {
      assert.throws(() => assertDescribed(exchange), { name: 'AssertionError', message });
    });
  }
});
