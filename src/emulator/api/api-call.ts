/** What a handler of the emulated API is given: the request, read and checked. */
export interface ApiCall {
  readonly method: string;
  /** The path, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  /** Where the caller reached the emulator; the addresses in the answers start with it. */
  readonly baseUrl: string;
  /** The emulator's time of the call, in milliseconds. */
  readonly nowMs: number;
}

/** What a handler of the emulated API returns. `body` is sent as JSON; `null` is an empty answer. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: object | null;
}

/** Writes a time as Twilio does: ISO 8601 in GMT, whole seconds. */
export function formatDate(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}
