/** A user's record and its revision, as a store keeps them. */
export interface StoredFactors {
  /** JSON object of a few kilobytes. Opaque: store it unchanged. */
  readonly record: object;
  /** Random string that changes with each write. */
  readonly revision: string;
}

/**
 * Keeps one record and one revision per user, for example in two columns of the users table. The strategy makes the
 * revisions. Check your store with {@link testFactorStore}.
 */
export interface FactorStore {
  /** Returns what is stored for a user; `undefined` if nothing is. Rejects if the store failed. */
  load(userId: string): Promise<StoredFactors | undefined>;
  /**
   * Writes if the stored revision is `expected`, in one atomic step; `undefined` expects that nothing is stored. Resolves
   * to `false` if another revision is stored, and rejects only if the store failed.
   */
  save(userId: string, next: StoredFactors, expected: string | undefined): Promise<boolean>;
  /** Deletes everything about a user. Call it for deleted accounts only: the strategy never does. */
  delete(userId: string): Promise<void>;
}
