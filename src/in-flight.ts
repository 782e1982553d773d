/** Lets callers that ask for the same thing at the same time share one answer. */
export class InFlight<T> {
  private readonly running = new Map<string, Promise<T>>();

  share(key: string, start: () => Promise<T>): Promise<T> {
    const shared = this.running.get(key);
    if (shared) return shared;
    const started = start().finally(() => this.running.delete(key));
    this.running.set(key, started);
    return started;
  }
}
