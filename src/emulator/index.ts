/** An emulator of Twilio's Verify API, for development and tests without a Twilio account. */
export type { EmulatorCall } from './api/call-kinds';
export type { EmulatorClock } from './clock';
export { startVerifyEmulator, type VerifyEmulator } from './emulator';
export type { EmulatorFault } from './faults/fault';
export type { EmulatorFaultHandle } from './faults/faults';
export { MAGIC_NUMBERS, type MagicNumber } from './faults/magic-numbers';
export type { EmulatorMessage } from './inbox/inbox';
export type { VerifyEmulatorOptions } from './options';
export type { EmulatorChannel } from './rules/channels';
export type { EmulatorRequest } from './server/request-log';
