import { debuglog } from 'node:util';

const log = debuglog('twilio-2fa');

/** Whether the process runs with `NODE_DEBUG=twilio-2fa`. */
export const isTracing = log.enabled;

/** Values that a trace can show: IDs, our codes and Twilio's, masked addresses. Never what a person typed. */
export type TraceDetails = Readonly<Record<string, string | number | undefined>>;

/** Writes a line to stderr if tracing is on. */
export function trace(subject: string, details: TraceDetails = {}): void {
  if (!isTracing) return;
  const shown = Object.entries(details).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}=${quoteIfNeeded(value)}`,
  );
  log('%s', [subject, ...shown].join(' '));
}

/** The part of an outcome that a trace shows. */
export interface TracedOutcome {
  readonly type: string;
  readonly code?: string;
}

/** Runs a step of the core and traces its outcome. */
export async function tracedStep<T extends TracedOutcome | undefined>(
  name: string,
  user: string,
  run: () => Promise<T>,
): Promise<T> {
  if (!isTracing) return run();
  const subject = `core ${name}`;
  try {
    const outcome = await run();
    trace(subject, { user, outcome: outcome?.type ?? 'done', code: outcome?.code });
    return outcome;
  } catch (error) {
    trace(subject, { user, outcome: 'error', code: errorCodeOf(error) });
    throw error;
  }
}

/** The `code` of an error, or `not_ours` if it has none. */
export function errorCodeOf(error: unknown): string {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : 'not_ours';
}

/** Quotes a value that could be mistaken for several values, or for another line. */
function quoteIfNeeded(value: string | number): string {
  return /^[^\s\p{C}"=]+$/u.test(String(value)) ? String(value) : JSON.stringify(value);
}
