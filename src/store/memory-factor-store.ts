import { warnOnce } from '../common/warn-once.js';
import type { FactorStore, StoredFactors } from './factor-store.js';

/** Keeps records in the memory of this process, for development and tests. Warns in production. */
export class MemoryFactorStore implements FactorStore {
  private readonly users = new Map<string, StoredFactors>();

  constructor() {
    if (process.env.NODE_ENV === 'production') warnAboutMemory();
  }

  async load(userId: string): Promise<StoredFactors | undefined> {
    const stored = this.users.get(userId);
    // A copy, so that the caller's changes don't reach the stored record.
    return stored && { ...stored, record: structuredClone(stored.record) };
  }

  async save(userId: string, { record, revision }: StoredFactors, expected: string | undefined): Promise<boolean> {
    if (this.users.get(userId)?.revision !== expected) return false;
    this.users.set(userId, { record: structuredClone(record), revision });
    return true;
  }

  async delete(userId: string): Promise<void> {
    this.users.delete(userId);
  }
}

function warnAboutMemory(): void {
  warnOnce(
    'Recovery codes and remembered devices are kept in the memory of this process, so they are lost when it ends, and ' +
      'other processes do not know them. Replace MemoryFactorStore with a store on your database, as docs/factor-store.md shows.',
    { code: 'TWILIO_VERIFY_STORE_IN_MEMORY' },
  );
}
