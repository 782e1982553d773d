import type { Callback, Setting } from '../common/callback.js';
import { TwilioVerifyError } from '../common/errors.js';
import { nearestName } from '../common/similar-name.js';
import { callable, type Kind } from './option-kinds.js';

type ContextOf<T> = Extract<T, (context: never) => unknown> extends (context: infer C) => unknown ? C : never;

/** Reads the options one by one, checks each, and remembers which names there are. */
export class OptionReader<TOptions extends object> {
  private readonly known: string[] = [];

  constructor(private readonly options: TOptions) {}

  /** An option that is a value. @throws TypeError if it is not of its kind */
  value<K extends keyof TOptions & string, T, F>(name: K, kind: Kind<T>, fallback: F): T | F {
    const given = this.take(name);
    return given === undefined || given === null ? fallback : check(name, kind, given);
  }

  /** An option that is a value or a callback. @throws TypeError if a value is not of its kind */
  setting<K extends keyof TOptions & string, T, F>(
    name: K,
    kind: Kind<T>,
    fallback: F,
  ): Setting<ContextOf<NonNullable<TOptions[K]>>, T | F> {
    const given = this.take(name);
    if (typeof given === 'function') return resultOf(name, kind, given as Callback<unknown, T>, fallback);
    const value = given === undefined || given === null ? fallback : check(name, kind, given);
    return () => value;
  }

  /** An option that must be a callback. @throws TypeError if it is not, or is missing while `required` */
  callback<K extends keyof TOptions & string, T>(
    name: K,
    kind: Kind<T>,
    { required = false } = {},
  ): Setting<ContextOf<NonNullable<TOptions[K]>>, T | undefined> {
    const given = this.take(name);
    if (given === undefined && !required) return () => undefined;
    return resultOf(name, kind, check(name, callable, given) as Callback<unknown, T>, undefined);
  }

  /** @throws TypeError for an option that nothing has read, with the nearest name that there is */
  rejectUnknown(): void {
    for (const name of Object.keys(this.options)) {
      if (this.known.includes(name)) continue;
      const nearest = nearestName(name, this.known);
      throw new TypeError(`TwilioVerifyStrategy: unknown option "${name}"; did you mean "${nearest}"?`);
    }
  }

  private take(name: keyof TOptions & string): unknown {
    this.known.push(name);
    return this.options[name];
  }
}

function check<T>(name: string, kind: Kind<T>, value: unknown): T {
  if (kind.is(value)) return value;
  const meant = kind.meant?.(value);
  const question = meant === undefined ? '' : `; did you mean "${meant}"?`;
  throw new TypeError(`TwilioVerifyStrategy: option "${name}" must be ${kind.expected}${question}`);
}

function resultOf<T, F>(
  name: string,
  kind: Kind<T>,
  callback: Callback<unknown, T>,
  fallback: F,
): Setting<unknown, T | F> {
  return async (context) => {
    const given = await callback(context);
    if (given === undefined || given === null) return fallback;
    if (kind.is(given)) return given;
    throw new TwilioVerifyError(
      'ERR_TWILIO_VERIFY_OPTION',
      `The callback in option "${name}" returned an invalid value. Return ${kind.expected}, or undefined.`,
    );
  };
}
