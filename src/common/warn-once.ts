const warned = new Set<string>();

/** Identity of a warning. */
export interface WarningId {
  readonly code: `TWILIO_VERIFY_${string}`;
  /** Distinguishes causes that have the same code. @default the code */
  readonly key?: string;
}

/** Emits a process warning, once per process and cause. `docs/errors.md` has a section for each code. */
export function warnOnce(message: string, { code, key = code }: WarningId): void {
  if (warned.has(key)) return;
  warned.add(key);
  process.emitWarning(message, { code });
}
