import { countries } from '../common/address.js';
import { meantCountry } from '../common/countries.js';
import { isMethod, METHODS, type Method } from '../common/methods.js';
import type { FactorStore } from '../store/factor-store.js';

const FACTOR_STORE_METHODS: readonly (keyof FactorStore)[] = ['load', 'save', 'delete'];

/** A kind of option value: in words, for the message, and as a test. */
export interface Kind<T> {
  readonly expected: string;
  readonly is: (value: unknown) => value is T;
  /** Returns the right value that a wrong one probably stands for. */
  readonly meant?: (value: unknown) => string | undefined;
}

function kind<T>(expected: string, is: (value: unknown) => boolean, meant?: Kind<T>['meant']): Kind<T> {
  return { expected, is: is as (value: unknown) => value is T, ...(meant ? { meant } : {}) };
}

const isNumberIn = (value: unknown, min: number, max: number) =>
  typeof value === 'number' && value >= min && value <= max;
const isFilled = (value: unknown) => typeof value === 'string' && value.trim() !== '';

export const boolean = kind<boolean>('true or false', (value) => typeof value === 'boolean');
export const filledString = kind<string>('a string that is not empty', isFilled);
export const string = kind<string>('a string', (value) => typeof value === 'string');
export const callable = kind<(...args: never[]) => unknown>('a function', (value) => typeof value === 'function');
export const object = kind<object>('an object', (value) => typeof value === 'object' && value !== null);
export const userId = kind<string | number | bigint>(
  'a string, a number or a bigint that identifies the user',
  (value) => (typeof value === 'string' && value !== '') || Number.isFinite(value) || typeof value === 'bigint',
);
export const securityStamp = kind<string | number | bigint | Date>(
  'a string, a number, a bigint, or a Date that changes with the credentials',
  (value) =>
    typeof value === 'string' ||
    Number.isFinite(value) ||
    typeof value === 'bigint' ||
    (value instanceof Date && !Number.isNaN(value.getTime())),
);
export const method = kind<Method>(`one of ${METHODS.join(', ')}`, isMethod);
export const urlOrPath = kind<string>(
  'a path that starts with "/", or an http(s) URL',
  (value) => typeof value === 'string' && (/^\/(?![/\\])/.test(value) || /^https?:\/\//.test(value)),
);
/** ASCII only: others are encoded in a request, and don't fit into a header. */
const isPath = (value: unknown) =>
  typeof value === 'string' && /^\/(?![/\\])[!-~]*$/.test(value) && !/[?#\\]/.test(value);
export const path = kind<string>('a path that starts with "/", such as "/2fa"', isPath);
/** An empty one is what an unset environment variable gives. */
export const basePath = kind<string>(
  'a path that starts with "/", such as "/portal", or empty',
  (value) => value === '' || isPath(value),
);
export const origin = kind<string>(
  'an origin, such as "https://app.example.com"',
  (value) => typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value,
);
export const country = kind<string>(
  'a country as ISO 3166-1 alpha-2, such as "US"',
  (value) => value === 'US' || (typeof value === 'string' && countries().includes(value)),
  (value) => (typeof value === 'string' ? meantCountry(value) : undefined),
);
export const locale = kind<string>('a language tag (BCP 47), such as "pt-BR"', (value) => {
  try {
    return typeof value === 'string' && Intl.getCanonicalLocales(value).length === 1;
  } catch {
    return false;
  }
});

export const refusalMessage = kind<{ readonly message: string }>(
  '{ message } to refuse the number',
  (value) => typeof value === 'object' && value !== null && 'message' in value && isFilled(value.message),
);

export const csrfField = kind<{ readonly name: string; readonly value: string }>(
  '{ name, value }',
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    isFilled(value.name) &&
    'value' in value &&
    typeof value.value === 'string',
);
/** Keys of the option `brand`. */
const BRAND_KEYS = ['name', 'logoUrl'];

export const brand = kind<{ readonly name: string; readonly logoUrl?: string }>(
  '{ name, logoUrl? }, where "logoUrl" is a path that starts with "/", or an http(s) URL',
  (value) => {
    if (!object.is(value)) return false;
    const { name, logoUrl } = value as { name?: unknown; logoUrl?: unknown };
    const isKnown = Object.keys(value).every((key) => BRAND_KEYS.includes(key));
    return isKnown && isFilled(name) && (logoUrl === undefined || urlOrPath.is(logoUrl));
  },
);
export const stringRecord = kind<Readonly<Record<string, string>>>(
  'an object of which each value is a string',
  (value) =>
    typeof value === 'object' && value !== null && Object.values(value).every((item) => typeof item === 'string'),
);

export const strings = kind<Readonly<Record<string, Readonly<Record<string, string>>>>>(
  'texts by language tag and key, such as { en: { "verify.title": "Your code" } }',
  (value) =>
    object.is(value) && Object.entries(value).every(([tag, texts]) => locale.is(tag) && stringRecord.is(texts)),
);

/** A store for factors. */
export const factorStore = kind<FactorStore>(
  'an object with the functions load, save, and delete, such as new MemoryFactorStore()',
  (value) =>
    object.is(value) && FACTOR_STORE_METHODS.every((name) => typeof value[name as keyof object] === 'function'),
);

/** One of a list of strings. */
export function oneOf<const T extends string>(values: readonly T[]): Kind<T> {
  return kind(`one of ${values.join(', ')}`, (value) => (values as readonly unknown[]).includes(value));
}

/** Values that Twilio accepts as `CustomFriendlyName`. */
export const serviceName = kind<string>(
  'a name of 1 to 30 characters',
  (value) => typeof value === 'string' && isFilled(value) && value.length <= 30,
);
/** A name that becomes a key of the session or of a form, and so must not be one of every object. */
export const fieldName = kind<string>(
  'a name of letters, digits, ".", ":", "_" and "-"',
  (value) => typeof value === 'string' && /^[\w.:-]{1,64}$/.test(value) && !(value in {}),
);

/** Keys of the session that Passport, express-session, and common middleware use. */
const SESSION_KEYS = ['passport', 'cookie', 'messages', 'returnTo'];

/** The name of the strategy: the key of its session record. */
export const strategyName = kind<string>(
  `${fieldName.expected}, and none of ${SESSION_KEYS.join(', ')}: sessions use these keys`,
  (value) => fieldName.is(value) && !SESSION_KEYS.includes(value),
);

/** A number of the given unit within a range. */
export function number(min: number, max: number, unit: string): Kind<number> {
  return kind(`${unit}, from ${min} to ${max}`, (value) => isNumberIn(value, min, max));
}

/** A whole number within a range. */
export function integer(min: number, max: number): Kind<number> {
  return kind(
    `a whole number from ${min} to ${max}`,
    (value) => Number.isInteger(value) && isNumberIn(value, min, max),
  );
}

/** A SID of Twilio's with its prefix, such as `VA`. */
export function sid(prefix: string): Kind<string> {
  return kind(`a SID that starts with "${prefix}"`, (value) => typeof value === 'string' && value.startsWith(prefix));
}

/** A list of at least `min` values of one kind. */
export function listOf<T>(item: Kind<T>, min = 0): Kind<readonly T[]> {
  const size = min > 0 ? 'a list, not empty,' : 'a list';
  return kind(
    `${size} of which each is ${item.expected}`,
    (value) => Array.isArray(value) && value.length >= min && value.every(item.is),
    (value) => (Array.isArray(value) ? item.meant?.(value.find((entry) => !item.is(entry))) : undefined),
  );
}

/** One of two kinds. */
export function either<A, B>(a: Kind<A>, b: Kind<B>): Kind<A | B> {
  return kind(`${a.expected}; or ${b.expected}`, (value) => a.is(value) || b.is(value));
}
