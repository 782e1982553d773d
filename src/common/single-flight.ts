/** Time in which a second submit of a form whose session was read before the first one finished can still arrive. */
export const SECOND_SUBMIT_MS = 10_000;

/** Shares one result between callers that ask for the same key at the same time, or shortly after. */
export class SingleFlight<T> {
  private readonly results = new Map<string, Promise<T>>();

  /** @param keepMs - Milliseconds to keep a result after it arrived. */
  constructor(private readonly keepMs: (result: T) => number) {}

  share(key: string, start: () => Promise<T>): Promise<T> {
    const shared = this.results.get(key);
    if (shared) return shared;
    const started = start();
    this.results.set(key, started);
    const forget = () => this.results.delete(key);
    started.then((result) => {
      const keepMs = this.keepMs(result);
      if (keepMs > 0) setTimeout(forget, keepMs).unref();
      else forget();
    }, forget);
    return started;
  }
}
