/**
 * Results that last as long as a request. A `WeakMap` of requests would keep each of them, with its session, until a
 * full garbage collection.
 */
export class Readings {
  private results: Map<object, unknown> | undefined;

  /** Returns what `reader` read before, otherwise reads it. */
  once<T>(reader: object, read: () => T): T {
    return this.results?.has(reader) ? (this.results.get(reader) as T) : this.again(reader, read);
  }

  /** Reads it, even if `reader` has read it before. */
  again<T>(reader: object, read: () => T): T {
    const result = read();
    this.results ??= new Map();
    this.results.set(reader, result);
    return result;
  }
}
