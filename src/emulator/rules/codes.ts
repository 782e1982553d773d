import { randomInt } from 'node:crypto';

/** Shortest and longest code that Verify sends or accepts. */
export const CODE_LENGTH = { min: 4, max: 10 } as const;

/** Makes a code of `length` digits from the system's secure random source, leading zeros included. */
export function createCode(length: number): string {
  return randomInt(10 ** length)
    .toString()
    .padStart(length, '0');
}

/** Returns whether `value` could be a code: 4 to 10 letters or digits (a custom code need not be a number). */
export function isCode(value: string): boolean {
  return /^[0-9A-Za-z]{4,10}$/.test(value);
}
