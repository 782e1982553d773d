import { TwilioVerifyError } from '../common/errors.js';
import { warnOnce } from '../common/warn-once.js';
import type { FactorRecord } from '../store/factor-record.js';
import { type Change, FactorRecords } from '../store/factor-records.js';
import type { FactorStore } from '../store/factor-store.js';
import type { Subject } from './context.js';

/** Settings for stored factors. */
export interface FactorSettings {
  readonly store: FactorStore | undefined;
}

/** The recovery codes of a user. */
export interface CodesStatus {
  readonly type: 'codes';
  /** Unused codes. */
  readonly left: number;
  /** Whether a set was shown that the user hasn't confirmed. */
  readonly isShown: boolean;
}

/** The factors of users in the app's factor store. Without a store, no one has any. */
export class StoredFactors<TUser> {
  private readonly records: FactorRecords | undefined;

  constructor({ store }: FactorSettings) {
    this.records = store && new FactorRecords(store);
  }

  /** The recovery codes of a user. @throws TwilioVerifyError `ERR_TWILIO_VERIFY_STORE` */
  async codesStatus({ userId }: Subject<TUser>): Promise<CodesStatus> {
    const record = await this.records?.read(userId);
    return {
      type: 'codes',
      left: record?.recoveryCodes?.hashes.length ?? 0,
      isShown: record?.shownCodes !== undefined,
    };
  }

  /** Whether a user has an unused recovery code. @throws TwilioVerifyError `ERR_TWILIO_VERIFY_STORE` */
  async hasRecoveryCodes(subject: Subject<TUser>): Promise<boolean> {
    return (await this.codesStatus(subject)).left > 0;
  }

  /**
   * Whether a user has a factor besides the stored addresses.
   *
   * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_STORE`: a store that can't be read doesn't prove that there is none
   */
  hasAny(subject: Subject<TUser>): Promise<boolean> {
    return this.hasRecoveryCodes(subject);
  }

  /** See {@link FactorRecords.update}. */
  update<T>({ userId }: Subject<TUser>, decide: (record: FactorRecord) => Promise<Change<T>>): Promise<T> {
    if (!this.records) throw new Error('There is no factor store, so nothing can be stored.');
    return this.records.update(userId, decide);
  }

  /** Removes all stored factors of a user. */
  async reset({ userId }: Subject<TUser>): Promise<void> {
    await this.records?.reset(userId);
  }

  /** Runs `use`. If the store fails, warns once per cause and returns what `fallback` returns. */
  async ifAvailable<T>(use: () => Promise<T>, fallback: () => T): Promise<T> {
    try {
      return await use();
    } catch (error) {
      if (!isStoreError(error)) throw error;
      warnOnce(error.message, { code: error.code, key: error.message });
      return fallback();
    }
  }
}

function isStoreError(error: unknown): error is TwilioVerifyError {
  return error instanceof TwilioVerifyError && error.code === 'ERR_TWILIO_VERIFY_STORE';
}
