/** Lets callers that ask for the same thing at the same time, or shortly after, share one answer. */
export class InFlight<T> {
  private readonly answers = new Map<string, Promise<T>>();

  /** @param keepMs - How long an answer is kept after it came, in milliseconds. */
  constructor(private readonly keepMs: (answer: T) => number) {}

  share(key: string, start: () => Promise<T>): Promise<T> {
    const shared = this.answers.get(key);
    if (shared) return shared;
    const started = start();
    this.answers.set(key, started);
    const forget = () => this.answers.delete(key);
    started.then((answer) => {
      const keepMs = this.keepMs(answer);
      if (keepMs > 0) setTimeout(forget, keepMs).unref();
      else forget();
    }, forget);
    return started;
  }
}
