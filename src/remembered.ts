/**
 * Answers that depend on their key only and take time to find. Those that were asked for last are kept, `limit` at most:
 * strangers who send new keys all the time must not fill memory.
 *
 * They stand in two halves. When the newer one is full, the older one is forgotten as a whole: to take single keys out of
 * the front of a `Map` leaves holes, through which the search for the next one has to go.
 */
export class Remembered<T> {
  private newer = new Map<string, T>();
  private older = new Map<string, T>();

  constructor(private readonly limit: number) {}

  get(key: string, find: () => T): T {
    const known = this.newer.get(key);
    if (known !== undefined || this.newer.has(key)) return known as T;
    const value = this.older.has(key) ? (this.older.get(key) as T) : find();
    if (this.newer.size >= this.limit / 2) {
      this.older = this.newer;
      this.newer = new Map();
    }
    this.newer.set(key, value);
    return value;
  }
}
