import * as is from './option-kinds.js';

/** Numbers of the option `recoveryCodes`. */
export interface RecoveryCodeOptions {
  /** Codes in a set, 1 to 50. @default 10 */
  readonly count?: number;
  /** Whether users must have recovery codes to continue. @default false */
  readonly required?: boolean;
}

/** Numbers of the option `rememberDevice`. */
export interface RememberDeviceOptions {
  /** Days that a device stays remembered, 1 to 90. */
  readonly days: number;
}

type Kinds<T> = { readonly [K in keyof Required<T>]: is.Kind<T[K]> };

const DEFAULT_COUNT = 10;

const RECOVERY_CODES: Kinds<RecoveryCodeOptions> = { count: is.integer(1, 50), required: is.boolean };

const REMEMBER_DEVICE: Kinds<RememberDeviceOptions> = { days: is.integer(1, 90) };

/**
 * Checks the option `recoveryCodes` and fills in the defaults.
 *
 * @throws TypeError that names an unknown or invalid number, or the option "store" if it is missing
 */
export function resolveRecoveryCodes(given: boolean | object | undefined, hasStore: boolean) {
  if (given === undefined || given === false) return undefined;
  const options: RecoveryCodeOptions = given === true ? {} : given;
  checkMembers('recoveryCodes', options, RECOVERY_CODES);
  if (!hasStore) throw lacksStore('recoveryCodes', 'the codes');
  return { count: options.count ?? DEFAULT_COUNT, isRequired: options.required ?? false };
}

/**
 * Checks the option `rememberDevice`.
 *
 * @throws TypeError that names an unknown or invalid number, or the option "store" if it is missing
 */
export function resolveRememberDevice(
  given: object | undefined,
  hasStore: boolean,
): { readonly days: number } | undefined {
  if (given === undefined) return undefined;
  checkMembers('rememberDevice', given, REMEMBER_DEVICE);
  const { days } = given as Partial<RememberDeviceOptions>;
  if (days === undefined)
    throw invalid('option "rememberDevice" needs the days, for example rememberDevice: { days: 30 }');
  if (!hasStore) throw lacksStore('rememberDevice', 'the devices');
  return { days };
}

function checkMembers<T>(option: string, given: object, kinds: Kinds<T>): void {
  for (const [name, value] of Object.entries(given)) {
    const kind = Object.hasOwn(kinds, name) ? (kinds[name as keyof T] as is.Kind<unknown>) : undefined;
    if (!kind) throw invalid(`unknown option "${option}.${name}"; there ${existing(Object.keys(kinds))}`);
    if (value !== undefined && !kind.is(value)) throw invalid(`option "${option}.${name}" must be ${kind.expected}`);
  }
}

function existing(names: readonly string[]): string {
  return names.length === 1 ? `is only ${names[0]}` : `are ${names.join(' and ')}`;
}

function lacksStore(option: string, kept: string): TypeError {
  return invalid(
    `option "${option}" needs the option "store", which keeps ${kept}. Add store: new MemoryFactorStore() for ` +
      'development, and a store on your database for production',
  );
}

function invalid(reason: string): TypeError {
  return new TypeError(`TwilioVerifyStrategy: ${reason}`);
}
