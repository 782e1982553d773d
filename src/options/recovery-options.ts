import * as is from './option-kinds.js';

/** Numbers of the option `recoveryCodes`. */
export interface RecoveryCodeOptions {
  /** Codes in a set, 1 to 50. @default 10 */
  readonly count?: number;
  /** Whether users must have recovery codes to continue. @default false */
  readonly required?: boolean;
}

const DEFAULT_COUNT = 10;

const KINDS: { readonly [K in keyof Required<RecoveryCodeOptions>]: is.Kind<RecoveryCodeOptions[K]> } = {
  count: is.integer(1, 50),
  required: is.boolean,
};

/**
 * Checks the option `recoveryCodes` and fills in the defaults.
 *
 * @throws TypeError that names an unknown or invalid number, or the option "store" if it is missing
 */
export function resolveRecoveryCodes(given: boolean | object | undefined, hasStore: boolean) {
  if (given === undefined || given === false) return undefined;
  const options: RecoveryCodeOptions = given === true ? {} : given;
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(KINDS, name) ? KINDS[name as keyof RecoveryCodeOptions] : undefined;
    if (!kind) throw invalid(`unknown option "recoveryCodes.${name}"; there are ${Object.keys(KINDS).join(' and ')}`);
    if (value !== undefined && !kind.is(value))
      throw invalid(`option "recoveryCodes.${name}" must be ${kind.expected}`);
  }
  if (!hasStore) {
    throw invalid(
      'option "recoveryCodes" needs the option "store", which keeps the codes. Add store: new MemoryFactorStore() for ' +
        'development, and a store on your database for production',
    );
  }
  return { count: options.count ?? DEFAULT_COUNT, isRequired: options.required ?? false };
}

function invalid(reason: string): TypeError {
  return new TypeError(`TwilioVerifyStrategy: ${reason}`);
}
