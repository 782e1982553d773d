import type { Request } from 'express';
import type { MaybePromise } from '../common/callback.js';
import { LiveSession, SessionEndedError } from './live-session.js';
import { assertCanBind, bindingTo, digestOf, type OpenSession, openSession } from './open-session.js';
import { rebindRecords } from './rebind-records.js';
import { leaveNewStamp, stampedBinding, stampField, withNewStamp } from './security-stamp.js';
import { removeEntry, rotateSessionId, saveSession, sessionOf, setEntry, signedIdOf } from './session-access.js';
import {
  type CodeError,
  forgetPending,
  forgetProgress,
  forgetTrouble,
  type Notice,
  ownerOf,
  type Pending,
  type ReturnTo,
  recordCodes,
  recordIn,
  recordVerified,
  type SessionRecord,
  type SessionVerification,
  shorten,
  type Trouble,
} from './session-record.js';
import { adoptSession, detachSession } from './session-store.js';

/** The strategy's record in a session, for one user. */
export class SessionState {
  private live: LiveSession | undefined;
  private isDetached = false;

  private constructor(
    private readonly req: Request,
    private readonly name: string,
    private readonly owner: string,
    private last: OpenSession,
    /** Digest of the security stamp when the request began. */
    readonly stamp: string | undefined,
  ) {}

  /**
   * Opens the record of a user.
   *
   * @param stamp - Digest of the user's security stamp. Anything recorded with another one doesn't count.
   * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_NO_SESSION`, or `ERR_TWILIO_VERIFY_NO_SESSION_ID` without `session()`
   */
  static open(req: Request, name: string, userId: string, stamp?: string): SessionState {
    const session = openSession(req, sessionOf(req));
    assertCanBind(req, session);
    return new SessionState(req, name, ownerOf(userId), session, stamp);
  }

  /** The session ID; `undefined` if the store has none. */
  get id(): string | undefined {
    return this.current.id;
  }

  get signedId(): string | undefined {
    return signedIdOf(this.current.session);
  }

  get notices(): readonly Notice[] {
    return this.record.notices ?? [];
  }

  get returnTo(): ReturnTo | undefined {
    return this.record.returnTo;
  }

  get trouble(): Trouble {
    return this.record;
  }

  /** The pending verification of this user. */
  get pending(): Pending | undefined {
    const { pending } = this.record;
    return pending && pending.user === this.owner ? pending : undefined;
  }

  /** The verification, if it belongs to this user and this session, and the security stamp hasn't changed since. */
  get verification(): SessionVerification | undefined {
    const verified = this.boundVerification;
    return verified && verified.stamp === this.stamp ? verified : undefined;
  }

  get isSkipped(): boolean {
    return this.record.skipped !== undefined && this.record.skipped === stampedBinding(this.binding, this.stamp);
  }

  /** Whether {@link SessionState.refuseDevice} was called for this user. */
  get isDeviceRefused(): boolean {
    return this.record.noDevice === this.owner;
  }

  /** Takes over the security stamp of this request: see {@link withNewStamp}. @param now - Epoch milliseconds. */
  async takeOverStamp(now: number): Promise<void> {
    const verified = this.boundVerification && withNewStamp(this.boundVerification, this.stamp, now, this.req);
    if (verified) await this.change((record) => Object.assign(record, { verified }));
  }

  /** See {@link LiveSession.assertLive}. Every change of the record, except `rebind` and `clear`, does this first. */
  async assertLive(): Promise<void> {
    if (this.isDetached) throw new SessionEndedError();
    this.live ??= new LiveSession(this.req, this.name);
    await this.live.assertLive();
  }

  setPending(pending: Omit<Pending, 'user'>): Promise<void> {
    return this.change((record) => {
      record.pending = { ...pending, user: this.owner };
      forgetTrouble(record);
    });
  }

  async dropPending(): Promise<void> {
    if (this.record.pending) await this.change(forgetPending);
  }

  setReturnTo(returnTo: ReturnTo | undefined): Promise<void> {
    return this.change((record) => {
      if (returnTo) record.returnTo = returnTo;
      else delete record.returnTo;
    });
  }

  /** Records that the device cookie of this user is invalid. */
  refuseDevice(): Promise<void> {
    return this.change((record) => Object.assign(record, { noDevice: this.owner }));
  }

  setTrouble(trouble: Trouble): Promise<void> {
    return this.change((record) => Object.assign(record, trouble));
  }

  /** Returns the error for the code page and removes it. */
  takeError(): MaybePromise<CodeError | undefined> {
    return this.take('error');
  }

  addNotice(notice: Notice): Promise<void> {
    return this.change((record) => Object.assign(record, { notices: [...new Set([...this.notices, notice])] }));
  }

  /** Returns the notices and removes them; `undefined` if there are none. */
  takeNotices(): MaybePromise<readonly Notice[] | undefined> {
    return this.take('notices');
  }

  /** Regenerates the session ID and verifies the session; keeps the rest of the session. */
  async complete(details: Omit<SessionVerification, 'binding' | 'stamp' | 'wentTo'>, notice?: Notice): Promise<void> {
    leaveNewStamp(this.req, details);
    await this.rotate((record) => {
      recordVerified(record, { ...details, binding: this.binding, ...stampField(this.stamp) });
      if (notice) record.notices = [notice];
    });
  }

  /** Moves this request to the session of another submit. Returns `false` if that has ended or can't be shared. */
  async adopt(id: string | undefined, signedId: string | undefined): Promise<boolean> {
    if (id === undefined || !(await adoptSession(this.req, id, signedId))) return false;
    leaveNewStamp(this.req, this.boundVerification);
    return this.boundVerification !== undefined || this.isSkipped;
  }

  /** Takes the session off the request: the response neither saves it nor sets its cookie. */
  detach(): void {
    if (this.id === undefined) return;
    detachSession(this.req);
    this.isDetached = true;
    this.last = { session: {}, id: undefined, digest: undefined };
  }

  /** Records that the user has the recovery codes that the verification waited for. */
  async codesConfirmed(): Promise<void> {
    if (this.verification?.needsCodes) await this.change(recordCodes);
  }

  /** Regenerates the session ID and records that the user skipped registration. */
  async skip(): Promise<void> {
    await this.rotate((record) => Object.assign(record, { skipped: stampedBinding(this.binding, this.stamp) }));
  }

  /** Binds a verification that was valid to the current session ID. */
  rebind(verification: SessionVerification): void {
    this.edit((record) => Object.assign(record, { verified: { ...verification, binding: this.binding } }));
  }

  /** Removes the record: another user has signed in. */
  clear(): void {
    removeEntry(sessionOf(this.req), this.name);
  }

  private async rotate(edit: (record: SessionRecord) => unknown): Promise<void> {
    await this.change(forgetProgress);
    const before = digestOf(this.current);
    await rotateSessionId(this.req);
    // The verifications of other strategies in the same session stay valid.
    rebindRecords(this.current.session, before, digestOf(this.current));
    this.edit(edit);
    try {
      await saveSession(this.req);
    } catch (error) {
      // express-session saves again at the end of the response: that must not store the verification.
      this.clear();
      throw error;
    }
  }

  /** The current session: `regenerate` replaces the object in the middle of a request. */
  private get current(): OpenSession {
    if (this.isDetached) return this.last;
    const session = sessionOf(this.req);
    if (session !== this.last.session) this.last = openSession(this.req, session);
    return this.last;
  }

  private get record(): SessionRecord {
    return recordIn(this.current.session, this.name) ?? {};
  }

  private take<K extends 'error' | 'notices'>(key: K): MaybePromise<SessionRecord[K]> {
    const value = this.record[key];
    return value && this.change((record) => void delete record[key]).then(() => value);
  }

  private async change(edit: (record: SessionRecord) => unknown): Promise<void> {
    await this.assertLive();
    this.edit(edit);
  }

  /** Replaces the record: some stores compare values, and some sessions watch only their own keys. */
  private edit(edit: (record: SessionRecord) => unknown): void {
    const record = { ...this.record };
    edit(record);
    shorten(record);
    setEntry(this.current.session, this.name, record);
  }

  /** The verification, if it belongs to this user and this session. */
  private get boundVerification(): SessionVerification | undefined {
    const { verified } = this.record;
    return verified && verified.binding === this.binding ? verified : undefined;
  }

  private get binding(): string {
    return bindingTo(this.current, this.owner);
  }
}
