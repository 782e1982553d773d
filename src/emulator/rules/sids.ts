import { randomBytes } from 'node:crypto';

/** The two letters that open each kind of Twilio identifier the emulator hands out. */
export type SidPrefix = 'AC' | 'VA' | 'VE' | 'VL' | 'RK' | 'BL' | 'RQ';

/** Makes a Twilio identifier: its prefix and 32 hexadecimal digits. */
export function createSid(prefix: SidPrefix): string {
  return prefix + randomBytes(16).toString('hex');
}

/** Returns whether `value` is a Twilio SID with this prefix. */
export function isSid(value: string, prefix: SidPrefix): boolean {
  return value.length === 34 && value.startsWith(prefix) && /^[0-9a-fA-F]{32}$/.test(value.slice(2));
}
