/** A request to the emulated API, parsed and checked. */
export interface ApiCall {
  readonly method: string;
  /** The path, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  /** The URL at which the caller reached the emulator. The URLs in the answers start with it. */
  readonly baseUrl: string;
  /** The emulator's time of the call, in milliseconds. */
  readonly nowMs: number;
}

/** The answer of the emulated API. `body` is sent as JSON, and `null` as an empty answer. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: object | null;
}

/** Writes a time as Twilio does: ISO 8601 in GMT, whole seconds. */
export function formatDate(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}
