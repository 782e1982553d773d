import { createHash } from 'node:crypto';
import type { Request } from 'express';
import type { Address } from './address.js';
import { TwilioVerifyError } from './errors.js';
import type { Method } from './methods.js';
import type { Purpose, RefusalCode } from './outcome.js';
import { bridgeOf, rotateSessionId, type Session, saveSession, sessionIdOf, sessionOf } from './session-store.js';

/** A verification that waits for its code, or a number that waits for its method. */
export interface Pending {
  readonly purpose: Purpose;
  /** Whose it is. */
  readonly user: string;
  /** E.164, of a number that is being registered or changed. A sign-in holds no address. */
  readonly to?: string;
  /** What has been sent; missing while a new number waits for its method. */
  readonly sent?: SentCode;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** What is kept of a code that was sent. */
export interface SentCode {
  readonly sid: string;
  readonly method: Method;
  /** Tells whether the address is still the same, and too little to find it: see {@link fingerprint}. */
  readonly to: string;
  /** Wrong codes so far. */
  readonly wrong: number;
}

/** That the session has passed the second step. */
export interface Mark {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Digests of the user's id and of the session's: worth nothing to another user or in another session. */
  readonly binding: string;
  /** Where the user went: a second submit of the same form goes there too. */
  readonly wentTo?: string;
}

/** The page at which the gate stopped the user. */
export interface ReturnTo {
  readonly path: string;
  /** How young the verification must be there, in seconds. */
  readonly age?: number;
}

/** Something to tell on the next page. */
export type Notice = 'code_sent_again' | 'number_registered' | 'number_changed' | 'address_changed';

/** Why the failed page is shown. */
export interface Failure {
  readonly code: RefusalCode;
  /** Epoch milliseconds; `null` for "not before an administrator unlocks". */
  readonly retryAt?: number | null;
  /** What the application's `verify` callback said. */
  readonly message?: string;
}

/** What stands in `req.session` under the strategy's name. */
export interface SessionRecord {
  pending?: Pending;
  verified?: Mark;
  /** Binding of a session in which registration was skipped. */
  skipped?: string;
  notices?: Notice[];
  returnTo?: ReturnTo;
  failure?: Failure;
}

/** What the record may take, as JSON. A way back that is too long for it is forgotten. */
const MAX_BYTES = 400;
const MAX_VERIFIED_BYTES = 220;

/** The session as the strategy sees it: one record, for one user. */
export class SessionState {
  private constructor(
    private readonly req: Request,
    private readonly name: string,
    private readonly userId: string,
  ) {}

  /**
   * Opens the record of a user.
   *
   * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_NO_SESSION` without a session,
   * `ERR_TWILIO_VERIFY_NO_SESSION_ID` where the session has no id and nothing stands in for it
   */
  static open(req: Request, name: string, userId: string): SessionState {
    const session = sessionOf(req);
    if (sessionIdOf(session, req) === undefined && !bridgeOf(req)) {
      throw new TwilioVerifyError(
        'ERR_TWILIO_VERIFY_NO_SESSION_ID',
        'The session has no id, as with cookie-session, so a verification cannot be bound to it. ' +
          'Add app.use(strategy.session()) after passport.session().',
      );
    }
    return new SessionState(req, name, userId);
  }

  /** For what is shared between requests of one session: its id, or `undefined` where the store has none. */
  get id(): string | undefined {
    return sessionIdOf(sessionOf(this.req), this.req);
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
    return pending?.user === this.owner ? pending : undefined;
  }

  /** The mark, if it is this user's and this session's. */
  get mark(): Mark | undefined {
    const { verified } = this.record;
    return verified && verified.binding === this.binding ? verified : undefined;
  }

  get isSkipped(): boolean {
    const { skipped } = this.record;
    return skipped !== undefined && skipped === this.binding;
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
    delete sessionOf(this.req)[this.name];
  }

  private async rotate(mark: (record: SessionRecord) => unknown): Promise<void> {
    this.change((record) => {
      delete record.pending;
      delete record.failure;
      delete record.skipped;
    });
    const before = this.sessionDigest;
    await rotateSessionId(this.req);
    this.rebindOthers(before);
    this.change(mark);
    await saveSession(this.req);
  }

  private get record(): SessionRecord {
    const record = sessionOf(this.req)[this.name];
    return typeof record === 'object' && record !== null ? (record as SessionRecord) : {};
  }

  /** Every change makes a new record: stores that compare, and sessions that watch their own keys, must see it. */
  private change(edit: (record: SessionRecord) => unknown): void {
    const record = { ...this.record };
    edit(record);
    shorten(record);
    const session: Session = sessionOf(this.req);
    if (Object.keys(record).length > 0) session[this.name] = record;
    else delete session[this.name];
  }

  /** Another strategy's mark in this session is bound to the id that is gone: it goes over to the new one. */
  private rebindOthers(before: string): void {
    const session = sessionOf(this.req);
    for (const [name, record] of Object.entries(session)) {
      const mark = (record as SessionRecord | null)?.verified;
      if (!mark?.binding?.endsWith(`.${before}`)) continue;
      const binding = mark.binding.replace(before, this.sessionDigest);
      session[name] = { ...(record as SessionRecord), verified: { ...mark, binding } };
    }
  }

  private get binding(): string {
    return `${this.owner}.${this.sessionDigest}`;
  }

  private get owner(): string {
    return digest(`user\0${this.userId}`, 8);
  }

  private get sessionDigest(): string {
    return digest(`session\0${sessionIdOf(sessionOf(this.req), this.req) ?? ''}`, 22);
  }
}

/**
 * Eighteen bits of an address. Another address has another fingerprint but for one in 262,144, and what Twilio says of
 * the address is compared as well; a thief of the session store learns next to nothing from it.
 */
export function fingerprint(address: Address, sid: string): string {
  return digest(`to\0${sid}\0${address.value}`, 3);
}

/** The way of the last verification goes first: it serves a second submit only. */
function shorten(record: SessionRecord): void {
  if (bytesOf(record) <= MAX_BYTES) return;
  if (record.verified) record.verified = { at: record.verified.at, binding: record.verified.binding };
  if (bytesOf(record) > MAX_BYTES) delete record.returnTo;
}

function bytesOf(record: SessionRecord): number {
  return Buffer.byteLength(JSON.stringify(record));
}

function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, length);
}
