import type { Request } from 'express';
import { TwilioVerifyError } from './errors.js';
import {
  bytesOf,
  digest,
  type Failure,
  MAX_VERIFIED_BYTES,
  type Mark,
  type Notice,
  type Pending,
  type ReturnTo,
  type SessionRecord,
  shorten,
} from './session-record.js';
import {
  bridgeOf,
  entriesOf,
  forget,
  rotateSessionId,
  type Session,
  saveSession,
  sessionIdOf,
  sessionOf,
} from './session-store.js';

/** The session as the strategy sees it: one record, for one user. */
export class SessionState {
  private ownerDigest: string | undefined;

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
   * `ERR_TWILIO_VERIFY_NO_SESSION_ID` where the session has no id and nothing stands in for it
   */
  static open(req: Request, name: string, userId: string): SessionState {
    const session = openSession(req, sessionOf(req));
    if (session.id === undefined && !bridgeOf(req)) {
      throw new TwilioVerifyError(
        'ERR_TWILIO_VERIFY_NO_SESSION_ID',
        'The session has no id, as with cookie-session, so a verification cannot be bound to it. ' +
          'Add app.use(strategy.session()) after passport.session(); with Fastify, ' +
          "app.addHook('preValidation', strategy.session()) after registering fastifyPassport.secureSession().",
      );
    }
    return new SessionState(req, name, userId, session);
  }

  /** For what is shared between requests of one session: its id, or `undefined` where the store has none. */
  get id(): string | undefined {
    return this.current.id;
  }

  get notices(): readonly Notice[] {
    return this.record.notices ?? [];
  }

  get returnTo(): ReturnTo | undefined {
    return this.record.returnTo;
  }

  get failure(): Failure | undefined {
    return this.record.failure;
  }

  /** The pending verification of this user. */
  get pending(): Pending | undefined {
    const { pending } = this.record;
    // The owner is a digest, which is not made where nothing is pending.
    return pending && pending.user === this.owner ? pending : undefined;
  }

  /** The mark, if it is this user's and this session's. */
  get mark(): Mark | undefined {
    const { current } = this;
    const { verified } = this.recordIn(current);
    return verified && verified.binding === this.bindingTo(current) ? verified : undefined;
  }

  get isSkipped(): boolean {
    const { current } = this;
    const { skipped } = this.recordIn(current);
    return skipped !== undefined && skipped === this.bindingTo(current);
  }

  setPending(pending: Omit<Pending, 'user'>): void {
    this.change((record) => {
      record.pending = { ...pending, user: this.owner };
      delete record.failure;
    });
  }

  dropPending(): void {
    if (this.record.pending) this.change((record) => void delete record.pending);
  }

  setReturnTo(returnTo: ReturnTo | undefined): void {
    this.change((record) => {
      if (returnTo) record.returnTo = returnTo;
      else delete record.returnTo;
    });
  }

  setFailure(failure: Failure): void {
    this.change((record) => Object.assign(record, { failure }));
  }

  addNotice(notice: Notice): void {
    const notices = [...new Set([...this.notices, notice])];
    this.change((record) => Object.assign(record, { notices }));
  }

  /** The notices, which are then forgotten. */
  takeNotices(): readonly Notice[] {
    const { notices } = this;
    if (notices.length > 0) this.change((record) => void delete record.notices);
    return notices;
  }

  /** Gives the session another id and marks it as verified; the rest of the session stays. */
  async complete(at: number, notice?: Notice): Promise<void> {
    const path = this.returnTo?.path;
    await this.rotate((record) => {
      const verified = { at, binding: this.binding };
      delete record.returnTo;
      if (notice) record.notices = [notice];
      record.verified = { ...verified, ...(path === undefined ? {} : { wentTo: path }) };
      if (bytesOf(record) > MAX_VERIFIED_BYTES) record.verified = verified;
    });
  }

  /** Gives the session another id and remembers that registration was skipped. */
  async skip(): Promise<void> {
    await this.rotate((record) => Object.assign(record, { skipped: this.binding }));
  }

  /** Binds a mark that was valid to the id which the session has now. */
  moveMark(mark: Mark): void {
    this.change((record) => Object.assign(record, { verified: { ...mark, binding: this.binding } }));
  }

  /** Forgets everything: another user has taken the session over. */
  clear(): void {
    forget(sessionOf(this.req), this.name);
  }

  private async rotate(mark: (record: SessionRecord) => unknown): Promise<void> {
    this.change((record) => {
      delete record.pending;
      delete record.failure;
      delete record.skipped;
    });
    const before = digestOf(this.current);
    await rotateSessionId(this.req);
    this.rebindOthers(before);
    this.change(mark);
    try {
      await saveSession(this.req);
    } catch (error) {
      // express-session tries once more at the end of the answer: then the mark must not be there.
      this.clear();
      throw error;
    }
  }

  /** The session as it is now: in the midst of a request it becomes another one, with another id. */
  private get current(): OpenSession {
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

  /** Every change makes a new record: stores that compare, and sessions that watch their own keys, must see it. */
  private change(edit: (record: SessionRecord) => unknown): void {
    const { current } = this;
    const record = { ...this.recordIn(current) };
    edit(record);
    shorten(record);
    const { session } = current;
    if (Object.keys(record).length > 0) session[this.name] = record;
    else forget(session, this.name);
  }

  /** Another strategy's mark in this session is bound to the id that is gone: it goes over to the new one. */
  private rebindOthers(before: string): void {
    const { current } = this;
    const { session } = current;
    const rebound = (binding: unknown) =>
      typeof binding === 'string' && binding.endsWith(`.${before}`)
        ? binding.replace(before, digestOf(current))
        : undefined;
    for (const [name, value] of entriesOf(session)) {
      const record = value as SessionRecord | null | undefined;
      const binding = rebound(record?.verified?.binding);
      const skipped = rebound(record?.skipped);
      if (record?.verified && binding) session[name] = { ...record, verified: { ...record.verified, binding } };
      else if (skipped) session[name] = { ...record, skipped };
    }
  }

  private get binding(): string {
    return this.bindingTo(this.current);
  }

  private bindingTo(session: OpenSession): string {
    return `${this.owner}.${digestOf(session)}`;
  }

  private get owner(): string {
    this.ownerDigest ??= digest(`user\0${this.userId}`, 8);
    return this.ownerDigest;
  }
}

/** A session with what has been found out about it, which holds as long as it is the same object. */
interface OpenSession {
  readonly session: Session;
  readonly id: string | undefined;
  digest: string | undefined;
}

function openSession(req: Request, session: Session): OpenSession {
  return { session, id: sessionIdOf(session, req), digest: undefined };
}

function digestOf(session: OpenSession): string {
  session.digest ??= digest(`session\0${session.id ?? ''}`, 22);
  return session.digest;
}
