import { EMULATOR_CALLS, type EmulatorCall } from '../api/call-kinds.js';
import { EMULATOR_CHANNELS, type EmulatorChannel } from '../rules/channels.js';

/** A fault: the calls that it meets, and their answer. */
export interface EmulatorFault {
  /** The kind of call. @default 'any' */
  readonly call?: EmulatorCall | 'any';
  /** Only calls about this number or address. A check that names a SID only is matched by the SID's address. */
  readonly to?: string;
  /** Only creates on this channel. */
  readonly channel?: EmulatorChannel;
  /** How many calls it meets; `Infinity` until `reset()`. @default 1 */
  readonly times?: number;
  /** HTTP status of the answer. @default the status of `code`, or 500 */
  readonly status?: number;
  /** Twilio's error code; the body is then Twilio's error. */
  readonly code?: number;
  /** The message of that error. */
  readonly message?: string;
  /** The exact body instead of Twilio's error: an HTML page, broken JSON. */
  readonly body?: string;
  /** Real milliseconds before the answer. On its own, it leaves the call to succeed. */
  readonly delayMs?: number;
  /** Whether to drop the connection instead of answering. */
  readonly drop?: boolean;
  /** Whether the call still takes effect, and only its answer fails. @default false */
  readonly takesEffect?: boolean;
}

/** Longest delay, in milliseconds: ten minutes. */
const MAX_DELAY_MS = 600_000;

/**
 * Checks the fields of a fault.
 *
 * @throws TypeError that names what is wrong.
 */
export function checkFault(fault: EmulatorFault): void {
  const refuse = (name: string, wanted: string): never => {
    throw new TypeError(`fail: "${name}" must be ${wanted}`);
  };
  if (typeof fault !== 'object' || fault === null) throw new TypeError('fail: pass an object');
  const rules: Readonly<Record<keyof EmulatorFault, [right: (value: unknown) => boolean, wanted: string]>> = {
    call: [
      (value) => value === 'any' || EMULATOR_CALLS.some((call) => call === value),
      `any, ${EMULATOR_CALLS.join(', ')}`,
    ],
    to: [isText, 'a number or an address'],
    channel: [(value) => EMULATOR_CHANNELS.some((channel) => channel === value), EMULATOR_CHANNELS.join(', ')],
    times: [
      (value) => value === Number.POSITIVE_INFINITY || isWhole(value, 1, 1_000_000_000),
      'a whole number from 1, or Infinity',
    ],
    status: [(value) => isWhole(value, 200, 599), 'an HTTP status from 200 to 599'],
    code: [(value) => isWhole(value, 1, 99_999), 'an error code'],
    message: [isText, 'a text'],
    body: [(value) => typeof value === 'string', 'a text'],
    delayMs: [(value) => isWhole(value, 0, MAX_DELAY_MS), `milliseconds from 0 to ${MAX_DELAY_MS}`],
    drop: [isBoolean, 'true or false'],
    takesEffect: [isBoolean, 'true or false'],
  };
  for (const [name, value] of Object.entries(fault)) {
    if (!Object.hasOwn(rules, name)) throw new TypeError(`fail: unknown field "${name}"`);
    const [isRight, wanted] = rules[name as keyof EmulatorFault];
    if (value !== undefined && !isRight(value)) refuse(name, wanted);
  }
  const acts = [fault.status, fault.code, fault.body, fault.delayMs].some((value) => value !== undefined);
  if (!acts && fault.drop !== true) throw new TypeError('fail: set status, code, body, delayMs, or drop');
}

const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isBoolean = (value: unknown) => typeof value === 'boolean';
const isWhole = (value: unknown, min: number, max: number) =>
  Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
