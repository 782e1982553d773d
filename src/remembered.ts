/** Answers that depend on their key only and take time to find: the last ones are kept, as many as may be. */
export class Remembered<T> {
  private readonly known = new Map<string, T>();

  /** @param limit - Beyond it the oldest is forgotten: strangers who send new keys all the time must not fill memory. */
  constructor(private readonly limit: number) {}

  get(key: string, find: () => T): T {
    const known = this.known.get(key);
    if (known !== undefined || this.known.has(key)) return known as T;
    const found = find();
    this.known.set(key, found);
    const [oldest] = this.known.keys();
    if (this.known.size > this.limit && oldest !== undefined) this.known.delete(oldest);
    return found;
  }
}
