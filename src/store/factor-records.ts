import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { TwilioVerifyError } from '../common/errors.js';
import { withTimeLimit } from '../common/time-limit.js';
import { EMPTY_RECORD, type FactorRecord, readFactorRecord } from './factor-record.js';
import type { FactorStore, StoredFactors } from './factor-store.js';

/** Time that a store has for an answer. A user is waiting. */
const STORE_TIMEOUT_MS = 3_000;

/** A lost race is decided again this many times. */
const RETRIES = 3;

/** Longest wait before a retry. Random, so that two requests don't meet again. */
const MAX_JITTER_MS = 40;

/** Decision about a record: write `next`, or nothing if it is missing. `result` counts once it is written. */
export interface Change<T> {
  readonly next?: FactorRecord;
  readonly result: T;
}

/** Reads and changes the records of a {@link FactorStore}. Fails closed, and in time. */
export class FactorRecords {
  constructor(private readonly store: FactorStore) {}

  /** Reads a user's record. @throws TwilioVerifyError `ERR_TWILIO_VERIFY_STORE` if it can't be read */
  async read(userId: string): Promise<FactorRecord> {
    const stored = await this.load(userId);
    return this.call(async () => recordIn(stored));
  }

  /**
   * Changes a user's record. If another request has written in between, `decide` runs again with the new record: what
   * was true of the old one no longer counts.
   *
   * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_STORE` if the store failed, or other requests wrote each time
   */
  async update<T>(userId: string, decide: (record: FactorRecord) => Promise<Change<T>>): Promise<T> {
    return this.write(userId, async (stored) => decide(await this.call(async () => recordIn(stored))));
  }

  /**
   * Removes all factors of a user, also from a record that can't be read. Writes an empty record instead of deleting it,
   * so that a request with the old record loses the race. Returns what it replaced; nothing if that can't be read.
   */
  reset(userId: string): Promise<FactorRecord> {
    return this.write(userId, async (stored) => ({ next: EMPTY_RECORD, result: readableIn(stored) }));
  }

  private async write<T>(
    userId: string,
    decide: (stored: StoredFactors | undefined) => Promise<Change<T>>,
  ): Promise<T> {
    let written: { readonly revision: string; readonly result: T } | undefined;
    for (let retries = 0; ; retries += 1) {
      const stored = await this.load(userId);
      // The store's client can send a write again after its answer was lost: then our own write beat us.
      if (written && stored?.revision === written.revision) return written.result;
      if (retries > RETRIES) throw lostRace();
      const { next, result } = await decide(stored);
      if (!next) return result;
      const revision = randomBytes(16).toString('base64url');
      if (await this.save(userId, { record: next, revision }, stored?.revision)) return result;
      written = { revision, result };
      await setTimeout(Math.random() * MAX_JITTER_MS);
    }
  }

  private load(userId: string): Promise<StoredFactors | undefined> {
    return this.call(async () => {
      const stored: unknown = await this.store.load(userId);
      if (stored === undefined) return undefined;
      if (isStored(stored)) return stored;
      // Not treated as nothing: a user without factors can register a phone number.
      throw new Error('load() must resolve to { record, revision }, or to undefined if nothing is stored');
    });
  }

  private save(userId: string, next: StoredFactors, expected: string | undefined): Promise<boolean> {
    return this.call(async () => {
      const isSaved: unknown = await this.store.save(userId, next, expected);
      if (typeof isSaved === 'boolean') return isSaved;
      throw new Error('save() must resolve to true or false');
    });
  }

  private async call<T>(use: () => Promise<T>): Promise<T> {
    try {
      return await withTimeLimit(STORE_TIMEOUT_MS, use());
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : 'it rejected with something that is not an Error';
      throw storeError(`The factor store failed: ${reason}. Check the client in option "store".`, { cause });
    }
  }
}

function recordIn(stored: StoredFactors | undefined): FactorRecord {
  return stored ? readFactorRecord(stored.record) : EMPTY_RECORD;
}

function readableIn(stored: StoredFactors | undefined): FactorRecord {
  try {
    return recordIn(stored);
  } catch {
    return EMPTY_RECORD;
  }
}

function isStored(value: unknown): value is StoredFactors {
  return (
    typeof value === 'object' &&
    value !== null &&
    'record' in value &&
    'revision' in value &&
    typeof value.revision === 'string' &&
    value.revision !== ''
  );
}

function lostRace(): TwilioVerifyError {
  return storeError(
    'Other requests changed the same record of the factor store each time, so nothing was changed. Try again. If it ' +
      'happens often, check with testFactorStore() that save() compares revisions.',
  );
}

function storeError(message: string, options?: ErrorOptions): TwilioVerifyError {
  return new TwilioVerifyError('ERR_TWILIO_VERIFY_STORE', message, 503, options);
}
