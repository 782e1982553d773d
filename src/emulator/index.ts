/** An emulator of Twilio's Verify API, for development and tests without a Twilio account. */
export type { EmulatorCall } from './call-kinds';
export type { EmulatorChannel } from './channels';
export type { EmulatorClock } from './clock';
export { startVerifyEmulator, type VerifyEmulator } from './emulator';
export type { EmulatorFault, EmulatorFaultHandle } from './faults';
export type { EmulatorMessage } from './inbox';
export { MAGIC_NUMBERS, type MagicNumber } from './magic-numbers';
export type { VerifyEmulatorOptions } from './options';
export type { EmulatorRequest } from './request-log';
