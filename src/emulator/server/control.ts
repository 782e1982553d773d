import type { EmulatorClock } from '../clock.js';
import type { EmulatorFault } from '../faults/fault.js';
import type { EmulatorFaultHandle } from '../faults/faults.js';

/** The parts of the emulator that the controls use. */
export interface ControlParts {
  readonly clock: EmulatorClock;
  fail(fault: EmulatorFault): EmulatorFaultHandle;
  reset(): void;
}

/** The answer to a request to the controls: a status and a JSON body. */
export interface ControlAnswer {
  readonly status: number;
  readonly body: object;
}

/** Answers a `POST` to a control. Returns `undefined` for any other path. */
export type Control = (path: string, body: string) => ControlAnswer | undefined;

/**
 * Makes the controls, for tests in another language: `/emulator/fail` takes what `fail()` takes, `/emulator/clock`
 * takes `{ "advanceMs": … }`, `/emulator/reset` takes nothing.
 */
export function createControl({ clock, fail, reset }: ControlParts): Control {
  const actions: Readonly<Record<string, (value: Record<string, unknown>) => object>> = {
    '/emulator/fail': (value) => {
      // Infinity has no place in JSON; null stands for it there.
      fail('times' in value && value.times === null ? { ...value, times: Number.POSITIVE_INFINITY } : value);
      return {};
    },
    '/emulator/clock': ({ advanceMs }) => {
      clock.advance(typeof advanceMs === 'number' ? advanceMs : Number.NaN);
      return { now: new Date(clock.now()).toISOString() };
    },
    '/emulator/reset': () => {
      reset();
      return {};
    },
  };
  return (path, body) => {
    const action = Object.hasOwn(actions, path) ? actions[path] : undefined;
    if (action === undefined) return undefined;
    try {
      return { status: 200, body: action(parseObject(body)) };
    } catch (error) {
      return { status: 400, body: { error: error instanceof Error ? error.message : 'Bad request' } };
    }
  };
}

function parseObject(text: string): Record<string, unknown> {
  const value: unknown = text === '' ? {} : JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('Send a JSON object');
  return { ...value };
}
