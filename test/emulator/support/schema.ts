/** As much of an OpenAPI schema as Twilio's description uses for answers. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly nullable?: boolean;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** The schemas of a description by name, and all examples of each. */
export interface Catalog {
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly samples: ReadonlyMap<string, readonly unknown[]>;
}

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  'date-time': (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) && !Number.isNaN(Date.parse(text)),
  uri: (text) => URL.canParse(text),
  'phone-number': (text) => /^\+\w+$/.test(text),
};

/**
 * Checks a value against a schema and the description's own examples of it. Returns a list of problems.
 *
 * The value must have every field of the schema and no other. `null` is valid if the schema is nullable or one of its
 * examples has it, because the description omits `nullable` for half of its fields. Fields without a type in the schema
 * (`push`, `lookup`, `send_code_attempts`, …) must have the fields and types of an example.
 */
export function checkValue(
  value: unknown,
  schema: Schema,
  samples: readonly unknown[],
  catalog: Catalog,
  at = '$',
): string[] {
  if (schema.$ref !== undefined) {
    const named = catalog.schemas[schema.$ref.replace('#/components/schemas/', '')];
    if (named === undefined) return [`${at}: the description lacks ${schema.$ref}`];
    const known = catalog.samples.get(schema.$ref) ?? [];
    return checkValue(value, named, [...samples, ...known], catalog, at);
  }
  if (value === null) {
    return schema.nullable === true || samples.includes(null) ? [] : [`${at}: null is not allowed`];
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) return [`${at}: ${show(value)} is none of the enum`];
  switch (schema.type) {
    case undefined:
      return schema.properties === undefined
        ? checkBySamples(value, samples, at)
        : checkObject(value, schema, samples, catalog, at);
    case 'object':
      return checkObject(value, schema, samples, catalog, at);
    case 'array':
      return checkArray(value, schema, samples, catalog, at);
    case 'string':
      return checkString(value, schema, at);
    case 'integer':
      return Number.isInteger(value) ? [] : [`${at}: ${show(value)} is no integer`];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`${at}: ${show(value)} is no boolean`];
    default:
      return [`${at}: the checker does not know the type ${schema.type satisfies never}`];
  }
}

function checkString(value: unknown, { pattern, minLength = 0, maxLength = 1e6, format }: Schema, at: string) {
  if (typeof value !== 'string') return [`${at}: ${show(value)} is no string`];
  const isRight =
    value.length >= minLength &&
    value.length <= maxLength &&
    (pattern === undefined || new RegExp(pattern).test(value)) &&
    (format === undefined || FORMATS[format]?.(value) === true);
  return isRight ? [] : [`${at}: ${show(value)} has not the form ${pattern ?? format}`];
}

function checkObject(value: unknown, schema: Schema, samples: readonly unknown[], catalog: Catalog, at: string) {
  if (!isRecord(value)) return [`${at}: ${show(value)} is no object`];
  if (schema.format === 'uri-map') {
    const wrong = Object.entries(value).filter(([, link]) => !URL.canParse(String(link)));
    return [...checkBySamples(value, samples, at), ...wrong.map(([key]) => `${at}.${key}: no address`)];
  }
  if (schema.properties === undefined) return checkBySamples(value, samples, at);
  const properties = schema.properties;
  return [
    ...Object.keys(value).flatMap((key) =>
      key in properties ? [] : [`${at}.${key}: the description has no such field`],
    ),
    ...Object.entries(properties).flatMap(([key, property]) =>
      key in value
        ? checkValue(value[key], property, valuesAt(samples, key), catalog, `${at}.${key}`)
        : [`${at}.${key}: missing`],
    ),
  ];
}

function checkArray(value: unknown, { items = {} }: Schema, samples: readonly unknown[], catalog: Catalog, at: string) {
  if (!Array.isArray(value)) return [`${at}: ${show(value)} is no array`];
  const sampleItems = samples.flatMap((sample) => (Array.isArray(sample) ? sample : []));
  return value.flatMap((item, index) => checkValue(item, items, sampleItems, catalog, `${at}[${index}]`));
}

/** Checks a value against examples: the same fields as one of them, each with a type that they show. */
function checkBySamples(value: unknown, samples: readonly unknown[], at: string): string[] {
  if (samples.length === 0) return [`${at}: neither a type nor an example to check by`];
  if (value === null) return samples.includes(null) ? [] : [`${at}: null in no example`];
  if (Array.isArray(value)) {
    const arrays = samples.filter(Array.isArray);
    if (arrays.length === 0) return [`${at}: an array in no example`];
    return value.flatMap((item, index) => checkBySamples(item, arrays.flat(), `${at}[${index}]`));
  }
  if (!isRecord(value)) {
    return samples.some((sample) => typeof sample === typeof value) ? [] : [`${at}: ${show(value)} in no example`];
  }
  const keys = Object.keys(value).sort().join();
  const alike = samples.filter((sample) => isRecord(sample) && Object.keys(sample).sort().join() === keys);
  if (alike.length === 0) return [`${at}: no example has the fields ${keys}`];
  return Object.entries(value).flatMap(([key, entry]) => checkBySamples(entry, valuesAt(alike, key), `${at}.${key}`));
}

function valuesAt(samples: readonly unknown[], key: string): unknown[] {
  return samples.flatMap((sample) => (isRecord(sample) && key in sample ? [sample[key]] : []));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 60) ?? 'undefined';
}
