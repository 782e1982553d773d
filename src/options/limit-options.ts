import { DEFAULT_LIMIT_NUMBERS, type LimitNumbers, type LimitOptions, type Rate } from '../limits/limit-numbers.js';
import * as is from './option-kinds.js';

const count = is.integer(1, 1_000_000);
/** Node's timers take 31 bits of milliseconds: a longer period would end at once in memory. */
const duration = is.number(1, 2_147_483, 'seconds');
const rates: is.Kind<readonly Rate[]> = {
  expected: 'a list of { points, durationSeconds }',
  is: (value): value is readonly Rate[] =>
    Array.isArray(value) &&
    value.every(
      (rate) =>
        is.object.is(rate) &&
        'points' in rate &&
        count.is(rate.points) &&
        'durationSeconds' in rate &&
        duration.is(rate.durationSeconds),
    ),
};
const KINDS: { readonly [K in keyof LimitNumbers]: is.Kind<LimitNumbers[K]> } = {
  wrongCodesPerLock: count,
  lockSeconds: duration,
  maxLockSeconds: duration,
  wrongCodesInAll: count,
  sendsPerUser: rates,
  sendsPerAddress: rates,
  sendsPerIp: rates,
};

/** Checks the scope in the option `limits`. @throws TypeError if it isn't a name */
export function resolveLimitScope({ scope }: LimitOptions): string | undefined {
  if (scope === undefined || is.fieldName.is(scope)) return scope;
  throw new TypeError(`TwilioVerifyStrategy: option "limits.scope" must be ${is.fieldName.expected}`);
}

/**
 * Checks the numbers in the option `limits` and fills in the defaults.
 *
 * @throws TypeError that names an unknown or invalid one
 */
export function resolveLimitNumbers({ scope: _, ...given }: LimitOptions): LimitNumbers {
  for (const [name, value] of Object.entries(given)) {
    const kind = Object.hasOwn(KINDS, name) ? KINDS[name as keyof LimitNumbers] : undefined;
    if (!kind) {
      throw new TypeError(
        `TwilioVerifyStrategy: unknown number "limits.${name}"; there are ${Object.keys(KINDS).join(', ')} and scope`,
      );
    }
    if (value !== undefined && !kind.is(value)) {
      throw new TypeError(`TwilioVerifyStrategy: option "limits.${name}" must be ${kind.expected}`);
    }
  }
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  const numbers: LimitNumbers = { ...DEFAULT_LIMIT_NUMBERS, ...Object.fromEntries(set) };
  if (numbers.wrongCodesPerLock > numbers.wrongCodesInAll) {
    throw new TypeError(
      `TwilioVerifyStrategy: option "limits.wrongCodesPerLock" is ${numbers.wrongCodesPerLock}, and ` +
        `"limits.wrongCodesInAll" is ${numbers.wrongCodesInAll}. Set "limits.wrongCodesInAll" to at least as many`,
    );
  }
  return numbers;
}
