import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TwilioOperation } from '../../../src/emulator/index';
import { type Catalog, checkValue, type Schema } from './schema';

// Twilio's own description of its API, which the package does not include. Without it next to the checkout, only the
// form of errors is checked, and `description.test.ts` reports it.
const FOLDER = join(__dirname, '../../../../shared/twilio-oai');
const FILES = ['twilio_verify_v2.json', 'twilio_lookups_v2.json'];

/** Whether Twilio's description is next to the checkout. */
export const hasDescription = FILES.every((file) => existsSync(join(FOLDER, file)));

interface Media {
  readonly schema: Schema;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

interface Operation {
  readonly operationId?: string;
  readonly responses: Readonly<Record<string, { readonly content?: { readonly 'application/json': Media } }>>;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation | undefined>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
  readonly catalog: Catalog;
}

const descriptions: readonly Description[] = hasDescription
  ? FILES.map((file) => {
      const description: Omit<Description, 'catalog'> = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
      return { ...description, catalog: readCatalog(description) };
    })
  : [];

/** Every operation of the description, by path and name. */
export function readOperations(): TwilioOperation[] {
  const operations = descriptions.flatMap(({ paths }) =>
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) =>
        operation?.operationId === undefined
          ? []
          : [{ operationId: operation.operationId, method: method.toUpperCase(), path }],
      ),
    ),
  );
  const keyOf = ({ path, operationId }: TwilioOperation) => `${path} ${operationId}`;
  return operations.sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

/** The number of answers checked against the description, by operation and status. */
export const checked = new Map<string, number>();

/**
 * Checks one answer of the emulator against Twilio's description, field by field.
 *
 * @throws AssertionError that names the operation and every field that is wrong.
 */
export function checkAnswer(method: string, path: string, status: number, body: unknown): void {
  if (!path.startsWith('/v2/')) return;
  const parsed = parse(body);
  // A page or broken JSON with a 5xx comes from a fault.
  if (parsed === undefined && status >= 500) return;
  if (status >= 400) {
    checkError(status, parsed);
  } else if (hasDescription) {
    checkDescribed(method, path, status, parsed);
  }
}

function parse(body: unknown): unknown {
  if (typeof body !== 'string' || body === '') return body;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function checkDescribed(method: string, path: string, status: number, body: unknown): void {
  const found = findOperation(method, path);
  assert.ok(found, `${method} ${path}: the description has no such operation`);
  const name = `${method} ${found.template} ${status}`;
  const response = found.operation.responses[status];
  assert.ok(response, `${name}: the description has no such status`);
  checked.set(name, (checked.get(name) ?? 0) + 1);
  if (response.content === undefined) {
    assert.ok(body === undefined || body === '', `${name}: the description has no body`);
    return;
  }
  const { schema, examples } = response.content['application/json'];
  const samples = Object.values(examples ?? {}).map((example) => example.value);
  assert.deepEqual(checkValue(body, schema, samples, found.description.catalog), [], name);
}

function findOperation(method: string, path: string) {
  for (const description of descriptions) {
    for (const [template, operations] of Object.entries(description.paths)) {
      const operation = matches(template, path) ? operations[method.toLowerCase()] : undefined;
      if (operation !== undefined) return { description, template, operation };
    }
  }
  return undefined;
}

/** Collects the named schemas, each with its examples from all operations: one shows a null, another a value. */
function readCatalog({ paths, components }: Omit<Description, 'catalog'>): Catalog {
  const samples = new Map<string, unknown[]>();
  const collect = (schema: Schema, value: unknown) => {
    if (schema.$ref !== undefined) samples.set(schema.$ref, [...(samples.get(schema.$ref) ?? []), value]);
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      const list: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
      if (property.items !== undefined && Array.isArray(list)) for (const item of list) collect(property.items, item);
    }
  };
  const media = Object.values(paths)
    .flatMap((operations) => Object.values(operations))
    // In addition to its operations, a path has notes of other kinds.
    .flatMap((operation) => Object.values(operation?.responses ?? {}))
    .flatMap((response) => response.content?.['application/json'] ?? []);
  for (const { schema, examples } of media)
    for (const { value } of Object.values(examples ?? {})) collect(schema, value);
  return { schemas: components.schemas, samples };
}

function checkError(status: number, body: unknown): void {
  assert.ok(typeof body === 'object' && body !== null, 'an error has a JSON body');
  assert.deepEqual(Object.keys(body).sort(), ['code', 'message', 'more_info', 'status']);
  const { code, message, more_info, status: told } = body as Record<string, unknown>;
  assert.ok(Number.isInteger(code), 'code is a number');
  assert.ok(typeof message === 'string' && message !== '', 'message is a text');
  assert.equal(more_info, `https://www.twilio.com/docs/errors/${code}`);
  assert.equal(told, status);
}

function matches(template: string, path: string): boolean {
  const wanted = template.split('/');
  const given = path.split('/');
  return wanted.length === given.length && wanted.every((part, index) => part.startsWith('{') || part === given[index]);
}
