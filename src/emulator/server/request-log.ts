import { createRing, type Ring } from './ring.js';

/** One call that the emulated API got. It holds no credentials, no parameters and no codes of checks. */
export interface EmulatorRequest {
  readonly method: string;
  /** The path, without the query. */
  readonly path: string;
  /** The HTTP status that was answered; 0 where the connection was dropped. */
  readonly status: number;
  /** Twilio's error code, or `null`. */
  readonly code: number | null;
  /** When it was answered, by the emulator's clock; ISO 8601. */
  readonly at: string;
}

/** Calls that the log keeps; older ones are dropped. */
const LOG_CAPACITY = 1_000;

/** Longest path that the log keeps. */
const MAX_PATH_LENGTH = 300;

/** The last calls of the emulated API. */
export type RequestLog = Ring<EmulatorRequest>;

/** Makes an empty log. */
export function createRequestLog(): RequestLog {
  const ring = createRing<EmulatorRequest>(LOG_CAPACITY);
  return { ...ring, push: (entry) => ring.push({ ...entry, path: entry.path.slice(0, MAX_PATH_LENGTH) }) };
}
