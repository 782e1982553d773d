/** In UTF-16 code units: longer than the keys of all texts within their bounds. */
const MAX_KEY_LENGTH = 1_024;

/**
 * Caches values that depend on their key only. Bounded, because strangers can send new keys all the time.
 *
 * Entries live in two halves, and the older half is dropped as a whole. Deleting single keys from the front of a `Map`
 * leaves holes that each later search walks through: 2 µs an insert instead of 0.2.
 *
 * The values of long keys are computed each time: a thousand keys of a megabyte would fill the memory.
 */
export class BoundedCache<T> {
  private newer = new Map<string, T>();
  private older = new Map<string, T>();

  constructor(private readonly limit: number) {}

  get(key: string, compute: () => T): T {
    if (key.length > MAX_KEY_LENGTH) return compute();
    const known = this.newer.get(key);
    if (known !== undefined || this.newer.has(key)) return known as T;
    const value = this.older.has(key) ? (this.older.get(key) as T) : compute();
    if (this.newer.size >= this.limit / 2) {
      this.older = this.newer;
      this.newer = new Map();
    }
    this.newer.set(key, value);
    return value;
  }
}
