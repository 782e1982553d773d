import { TwilioVerifyError } from '../../common/errors.js';
import { warnOnce } from '../../common/warn-once.js';
import { EMPTY_RECORD, type FactorRecord } from '../../store/factor-record.js';
import { type Change, FactorRecords } from '../../store/factor-records.js';
import type { FactorStore } from '../../store/factor-store.js';
import type { Subject } from '../step/context.js';

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

  /** Whether the app has a factor store. */
  get hasStore(): boolean {
    return this.records !== undefined;
  }

  /** Everything that is stored about a user. @throws TwilioVerifyError `ERR_TWILIO_VERIFY_STORE` */
  async record({ userId }: Subject<TUser>): Promise<FactorRecord> {
    return this.records ? this.records.read(userId) : EMPTY_RECORD;
  }

  /**
   * Like `record`, once per request; `undefined` if the store can't be read. For what decides nothing that lasts.
   *
   * @param isAgain - Whether to read it again.
   */
  recordIfAvailable(subject: Subject<TUser>, isAgain = false): Promise<FactorRecord | undefined> {
    const read = () =>
      this.ifAvailable<FactorRecord | undefined>(
        () => this.record(subject),
        () => undefined,
      );
    return isAgain ? subject.readings.again(this, read) : subject.readings.once(this, read);
  }

  /** The recovery codes of a user. @throws TwilioVerifyError `ERR_TWILIO_VERIFY_STORE` */
  async codesStatus(subject: Subject<TUser>): Promise<CodesStatus> {
    return codesIn(await this.record(subject));
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

  /** Removes all stored factors of a user. Returns what was stored; nothing if that can't be read. */
  async reset({ userId }: Subject<TUser>): Promise<FactorRecord> {
    return this.records ? this.records.reset(userId) : EMPTY_RECORD;
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

/** The recovery codes of a record. */
export function codesIn({ recoveryCodes, shownCodes }: FactorRecord): CodesStatus {
  return { type: 'codes', left: recoveryCodes?.hashes.length ?? 0, isShown: shownCodes !== undefined };
}

function isStoreError(error: unknown): error is TwilioVerifyError {
  return error instanceof TwilioVerifyError && error.code === 'ERR_TWILIO_VERIFY_STORE';
}
