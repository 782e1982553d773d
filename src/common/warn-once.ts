const warned = new Set<string>();

/** Emits a process warning, once per process and code. `docs/errors.md` has a section for each code. */
export function warnOnce(message: string, { code }: { readonly code: `TWILIO_VERIFY_${string}` }): void {
  if (warned.has(code)) return;
  warned.add(code);
  process.emitWarning(message, { code });
}
