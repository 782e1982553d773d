import type { TwilioVerifyErrorCode } from './errors.js';

const warned = new Set<string>();

/** Identity of a warning. */
export interface WarningId {
  readonly code: `TWILIO_VERIFY_${string}` | TwilioVerifyErrorCode;
  /** Distinguishes causes that have the same code. @default the code */
  readonly key?: string;
}

/** Warnings that a process remembers: a server that answers with ever other errors must not fill its memory. */
const MAX_WARNED = 1_000;

/** Emits a process warning, once per process and cause. `docs/errors.md` has a section for each code. */
export function warnOnce(message: string, { code, key = code }: WarningId): void {
  if (warned.has(key) || warned.size >= MAX_WARNED) return;
  warned.add(key);
  process.emitWarning(message, { code });
}
