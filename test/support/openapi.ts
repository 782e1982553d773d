import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import path from 'node:path';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import Ajv2020 from 'ajv/dist/2020.js';
import { parse } from 'yaml';

/** The path where the test application mounts the router. */
const MOUNT_PATH = '/2fa';
const FILE = path.join(__dirname, '..', '..', 'docs', 'openapi.yaml');
const JSON_TYPE = /[/+]json$/;

/** An answer, and the request that it is to. */
export interface Exchange {
  readonly method: string;
  /** As it was requested, with the mount path. */
  readonly path: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface Header {
  readonly required?: boolean;
  readonly schema: { readonly type: string };
}

interface Response {
  readonly headers?: Readonly<Record<string, Header>>;
  readonly content?: Readonly<Record<string, object>>;
}

interface Operation {
  readonly responses: Readonly<Record<string, object>>;
}

/** As much of an OpenAPI description as is used here. */
export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

let loaded: { readonly description: Description; readonly ajv: Ajv2020 } | undefined;
const validators = new Map<string, ValidateFunction>();

/** `docs/openapi.yaml`, read once. */
export function description(): Description {
  return load().description;
}

/**
 * Compares an answer of the router with `docs/openapi.yaml`: its status, content type, headers, and body. Other paths and
 * methods, and `OPTIONS`, are not the router's, and pass.
 *
 * @throws AssertionError that names the operation and everything that is wrong
 */
export function assertDescribed({ method, path: target, status, headers, text }: Exchange): void {
  const pathname = target.split('?', 1)[0] ?? '';
  if (pathname !== MOUNT_PATH && !pathname.startsWith(`${MOUNT_PATH}/`)) return;
  const route = pathname.slice(MOUNT_PATH.length).replace(/\/$/, '') || '/';
  const isHead = method === 'HEAD';
  const verb = isHead ? 'get' : method.toLowerCase();
  const template = templateOf(route);
  const operation = description().paths[template]?.[verb];
  // Node's own server refuses a head that is too large before any handler sees it.
  if (!operation || status === 431) return;
  // A fault is answered by the application's own error handler, or by a proxy, which do not do as we do.
  if (status >= 500 && headers['cache-control'] !== 'no-store') return;

  const name = `${method} ${route} ${status}`;
  const pointer = ['paths', template, verb, 'responses', String(status)];
  assert.ok(operation.responses[status], `${name}: docs/openapi.yaml has no such status: ${text.slice(0, 300)}`);
  const { response, at } = resolve(operation.responses[status], pointer);
  assertHeaders(name, headers, response, at);

  const type = headers['content-type']?.split(';', 1)[0]?.trim();
  if (type === undefined) {
    const isBodyless = status === 304 || status === 303;
    assert.ok(isBodyless && text === '', `${name}: an answer without a content type`);
    return;
  }
  assert.ok(response.content?.[type], `${name}: docs/openapi.yaml has no ${type} there: ${text.slice(0, 300)}`);
  if (isHead) return;
  const isJson = JSON_TYPE.test(type);
  const body: unknown = isJson ? JSON.parse(text) : text;
  if (isJson) assert.ok(headers['content-language'], `${name}: no Content-Language`);
  assertValid(name, body, [...at, 'content', type, 'schema']);
  // A schema for each status would repeat this 28 times.
  if (type === 'application/problem+json') assert.equal((body as { status: number }).status, status, name);
}

/** The path of the description that a route is one of. */
function templateOf(route: string): string {
  if (description().paths[route]) return route;
  const isMatch = (template: string) => new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(route);
  return Object.keys(description().paths).find(isMatch) ?? route;
}

/** Asserts that a value fits the schema at a JSON pointer. */
export function assertValid(name: string, value: unknown, pointer: readonly string[]): void {
  const validate = validatorOf(pointer);
  if (validate(value)) return;
  const problems = (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
  );
  assert.fail([`${name} is not as docs/openapi.yaml has it:`, ...problems, JSON.stringify(value)].join('\n'));
}

function assertHeaders(name: string, headers: IncomingHttpHeaders, response: Response, at: readonly string[]): void {
  const declared = Object.entries(response.headers ?? {}).map(([header, value]) => {
    const { response: resolved, at: place } = resolve(value, [...at, 'headers', header]);
    return { header: header.toLowerCase(), place, ...(resolved as Header) };
  });
  for (const { header, place, required, schema } of declared) {
    const value = headers[header];
    if (required) assert.ok(value !== undefined, `${name}: no header ${header}`);
    if (value === undefined) continue;
    const typed = schema.type === 'integer' ? Number(value) : value;
    assertValid(`${name}, header ${header}`, typed, [...place, 'schema']);
  }
  for (const header of ['location', 'retry-after', 'content-language']) {
    const isDeclared = declared.some((known) => known.header === header);
    assert.ok(isDeclared || headers[header] === undefined, `${name}: docs/openapi.yaml has no header ${header} there`);
  }
}

/** Follows a `$ref` of the description, which here are all of one step. */
function resolve(value: object, at: readonly string[]): { response: Response; at: readonly string[] } {
  if (!('$ref' in value) || typeof value.$ref !== 'string') return { response: value, at };
  const [, ...pointer] = value.$ref.split('/');
  const [part = '', kind = '', name = ''] = pointer;
  assert.equal(part, 'components');
  const found = description().components[kind]?.[name];
  assert.ok(found, `docs/openapi.yaml lacks ${value.$ref}`);
  return { response: found, at: pointer };
}

function validatorOf(pointer: readonly string[]): ValidateFunction {
  const key = pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
  const known = validators.get(key) ?? load().ajv.compile({ $ref: `description#/${key}` });
  validators.set(key, known);
  return known;
}

function load() {
  if (loaded) return loaded;
  const text = readFileSync(FILE, 'utf8');
  const ajv = new Ajv2020({ discriminator: true, allErrors: true });
  ajv.addFormat(
    'date-time',
    (value: string) => /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) && !Number.isNaN(Date.parse(value)),
  );
  // Ajv finds the branch by itself, and rejects the keyword.
  const withoutMapping = (key: unknown, value: unknown) => (key === 'mapping' ? undefined : value);
  const read = JSON.parse(JSON.stringify(parse(text)), withoutMapping) as Description;
  // The document around the schemas is not a schema. Ajv learns its top-level keywords, and stays strict below.
  ajv.addVocabulary(Object.keys(read));
  ajv.addSchema(read, 'description');
  loaded = { description: read, ajv };
  return loaded;
}
