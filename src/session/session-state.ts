import type { Request } from 'express';
import { TwilioVerifyError } from '../common/errors.js';
import { LiveSession, SessionEndedError } from './live-session.js';
import { digestOf, type OpenSession, openSession } from './open-session.js';
import { rebindRecords } from './rebind-records.js';
import { hasBridge, removeEntry, rotateSessionId, saveSession, sessionOf } from './session-access.js';
import {
  type CodeError,
  forgetPending,
  forgetTrouble,
  type Notice,
  ownerOf,
  type Pending,
  type ReturnTo,
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
    private readonly userId: string,
    private last: OpenSession,
  ) {}

  /**
   * Opens the record of a user.
   *
   * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_NO_SESSION` without a session,
   * `ERR_TWILIO_VERIFY_NO_SESSION_ID` if the session has no ID and `strategy.session()` doesn't handle it
   */
  static open(req: Request, name: string, userId: string): SessionState {
    const session = openSession(req, sessionOf(req));
    if (session.id === undefined && !hasBridge(req)) {
      throw new TwilioVerifyError(
        'ERR_TWILIO_VERIFY_NO_SESSION_ID',
        "The session has no ID, as with cookie-session, so a verification can't be bound to it. " +
          'Add app.use(strategy.session()) after passport.session(). With Fastify, add ' +
          "app.addHook('preValidation', strategy.session()) after registering fastifyPassport.secureSession().",
      );
    }
    return new SessionState(req, name, userId, session);
  }

  /** The session ID; `undefined` if the store has none. */
  get id(): string | undefined {
    return this.current.id;
  }

  /** The session ID with its signature, which only `@fastify/session` exposes. */
  get signedId(): string | undefined {
    const { encryptedSessionId } = this.current.session;
    return typeof encryptedSessionId === 'string' ? encryptedSessionId : undefined;
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

  /** The verification, if it belongs to this user and this session. */
  get verification(): SessionVerification | undefined {
    const { current } = this;
    const { verified } = this.recordIn(current);
    return verified && verified.binding === this.bindingTo(current) ? verified : undefined;
  }

  get isSkipped(): boolean {
    const { current } = this;
    const { skipped } = this.recordIn(current);
    return skipped !== undefined && skipped === this.bindingTo(current);
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

  setTrouble(trouble: Trouble): Promise<void> {
    return this.change((record) => Object.assign(record, trouble));
  }

  /** Returns the error for the code page and removes it. */
  async takeError(): Promise<CodeError | undefined> {
    const { error } = this.record;
    if (error) await this.change((record) => void delete record.error);
    return error;
  }

  addNotice(notice: Notice): Promise<void> {
    return this.change((record) => Object.assign(record, { notices: [...new Set([...this.notices, notice])] }));
  }

  /** Returns the notices and removes them. */
  async takeNotices(): Promise<readonly Notice[]> {
    const { notices } = this;
    if (notices.length > 0) await this.change((record) => void delete record.notices);
    return notices;
  }

  /** Regenerates the session ID and verifies the session; keeps the rest of the session. */
  async complete({ by, at }: Pick<SessionVerification, 'by' | 'at'>, notice?: Notice): Promise<void> {
    const path = this.returnTo?.path;
    await this.rotate((record) => {
      delete record.returnTo;
      if (notice) record.notices = [notice];
      record.verified = { by, at, binding: this.binding, ...(path === undefined ? {} : { wentTo: path }) };
    });
  }

  /**
   * Moves this request to the session that another submit of the same form created. Returns `false` if that session has
   * ended or can't be shared.
   */
  async adopt(id: string | undefined, signedId: string | undefined): Promise<boolean> {
    if (id === undefined || !(await adoptSession(this.req, id, signedId))) return false;
    return this.verification !== undefined || this.isSkipped;
  }

  /** Takes the session off the request: the response neither saves it nor sets its cookie. */
  detach(): void {
    if (this.id === undefined) return;
    detachSession(this.req);
    this.isDetached = true;
    this.last = { session: {}, id: undefined, digest: undefined };
  }

  /** Regenerates the session ID and records that the user skipped registration. */
  async skip(): Promise<void> {
    await this.rotate((record) => Object.assign(record, { skipped: this.binding }));
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
    await this.change((record) => {
      forgetPending(record);
      forgetTrouble(record);
      delete record.skipped;
    });
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
    return this.recordIn(this.current);
  }

  private recordIn({ session }: OpenSession): SessionRecord {
    const record = session[this.name];
    return typeof record === 'object' && record !== null ? (record as SessionRecord) : {};
  }

  private async change(edit: (record: SessionRecord) => unknown): Promise<void> {
    await this.assertLive();
    this.edit(edit);
  }

  /** Replaces the record: some stores compare values, and some sessions watch only their own keys. */
  private edit(edit: (record: SessionRecord) => unknown): void {
    const { current } = this;
    const record = { ...this.recordIn(current) };
    edit(record);
    shorten(record);
    const { session } = current;
    if (Object.keys(record).length > 0) session[this.name] = record;
    else removeEntry(session, this.name);
  }

  private get binding(): string {
    return this.bindingTo(this.current);
  }

  private bindingTo(session: OpenSession): string {
    return `${this.owner}.${digestOf(session)}`;
  }

  private get owner(): string {
    return ownerOf(this.userId);
  }
}
