/**
 * An emulator of Twilio's Verify API, for development and tests without a Twilio account.
 *
 * @packageDocumentation
 */
export type { EmulatorCall } from './api/call-kinds.js';
export type { TwilioOperation } from './api/twilio-operations.js';
export type { EmulatorClock } from './clock.js';
export { startVerifyEmulator, type VerifyEmulator } from './emulator.js';
export type { EmulatorFault } from './faults/fault.js';
export type { EmulatorFaultHandle } from './faults/faults.js';
export { MAGIC_NUMBERS, type MagicNumber } from './faults/magic-numbers.js';
export type { CodeForOptions, EmulatorMessage } from './inbox/inbox.js';
export type { VerifyEmulatorOptions } from './options.js';
export type { EmulatorChannel } from './rules/channels.js';
export type { EmulatorRequest } from './server/request-log.js';
