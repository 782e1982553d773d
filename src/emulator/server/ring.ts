/** A list that keeps the last `capacity` entries. */
export interface Ring<Entry> {
  push(entry: Entry): void;
  /** The entries, oldest first. */
  list(): Entry[];
  clear(): void;
}

/** Makes a list that never holds more than `capacity` entries: a long run must not fill the memory. */
export function createRing<Entry>(capacity: number): Ring<Entry> {
  let entries: Entry[] = [];
  let next = 0;
  return {
    push(entry) {
      entries[next] = entry;
      next = (next + 1) % capacity;
    },
    list: () => (entries.length < capacity ? entries.slice() : [...entries.slice(next), ...entries.slice(0, next)]),
    clear() {
      entries = [];
      next = 0;
    },
  };
}
