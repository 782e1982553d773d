import assert from 'node:assert/strict';
import type { Seen } from './model-site.js';

/** Facts that must hold for a user in all sessions. */
interface ModelUser {
  phone: string | undefined;
  /** Codes that Twilio found wrong since the last correct one or the last lockout, and all that it checked. */
  wrong: number;
  asked: number;
  /** Locks since the last right code. */
  locks: number;
  /** Epoch milliseconds. */
  lockedUntil: number;
  /** When this user was last sent a code, by recipient; epoch milliseconds. */
  readonly sentAt: Map<string, number>;
  readonly sends: readonly ModelLimit[];
}

/** A limit on sends. Its period begins with a send, or with one that a limit refuses in the same period. */
interface ModelLimit {
  readonly points: number;
  readonly ms: number;
  readonly isClearedByCorrectCode: boolean;
  endsAt: number;
  count: number;
  lastSendAt: number;
  /** Until this time, a period may run that began with a refused send. */
  doubtUntil: number;
  /** The period began while another one may have run. */
  isDoubtful: boolean;
}

const limitOf = (points: number, minutes: number): ModelLimit => ({
  ...{ points, ms: minutes * MINUTE, isClearedByCorrectCode: minutes <= 60 },
  ...{ endsAt: 0, count: 0, lastSendAt: 0, doubtUntil: 0, isDoubtful: false },
});

/** A code on its way, as a session knows of it. */
interface ModelPending {
  readonly user: string;
  verificationSid: string;
  readonly purpose: string;
  /** Something may have taken its place. */
  isDoubtful: boolean;
  /** Set while it is any code that Twilio holds for the recipient: another session sent it. */
  joined?: string | undefined;
}

/** A number that was typed to be registered or changed to, and by whom. */
interface TypedNumber {
  readonly user: string;
  readonly phone: string;
  readonly purpose: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Facts that must hold for a session. */
interface ModelSession {
  user: string;
  verified?: { readonly user: string; readonly at: number };
  pending?: ModelPending;
  /** The numbers that were typed. */
  readonly typed: TypedNumber[];
}

/** A verification at Twilio. */
interface ModelVerification {
  readonly to: string;
  readonly code: string;
  readonly createdAt: number;
  wrong: number;
  isOver: boolean;
}

const MINUTE = 60_000;
const WRONG_CODES_PER_LOCK = 10;
const LOCKS = 10;
const CHECKS_PER_VERIFICATION = 5;
const RESEND_DELAY_MS = 3 * MINUTE;
/** Twilio reports the start of a verification in whole seconds, so the model ignores the seconds around its end. */
const LIFE_MS = 10 * MINUTE;
const DOUBT_MS = 2_000;
const CHANGE_MS = 15 * MINUTE;

/** The rules of verification, far simpler than the code: who is verified, and which calls to Twilio are allowed. */
export class SecondStepModel {
  readonly users = new Map<string, ModelUser>();
  /** By session id. */
  readonly sessions = new Map<string, ModelSession>();
  /** By SID; the newest last. */
  readonly verifications = new Map<string, ModelVerification>();

  constructor(phones: Readonly<Record<string, string | undefined>>) {
    for (const [id, phone] of Object.entries(phones)) {
      const sends = [limitOf(5, 10), limitOf(20, 24 * 60)];
      this.users.set(id, { phone, wrong: 0, asked: 0, locks: 0, lockedUntil: 0, sentAt: new Map(), sends });
    }
  }

  user(id: string): ModelUser {
    const user = this.users.get(id);
    assert.ok(user);
    return user;
  }

  /** Whether a session gets the protected page. */
  isOpen(session: ModelSession | undefined): boolean {
    return session !== undefined && session.verified?.user === session.user;
  }

  isLocked(id: string): boolean {
    return Date.now() < this.user(id).lockedUntil;
  }

  /** Records a login: a new session, or the old one with a new ID and all its data except the verification. */
  logIn(before: string, after: string, user: string, keeps: boolean): void {
    assert.notEqual(after, before, 'a log-in gives the session another id');
    const session = this.sessions.get(before);
    this.sessions.delete(before);
    const { pending, typed } = (keeps ? session : undefined) ?? { typed: [] };
    this.sessions.set(after, { user, typed, ...(pending ? { pending } : {}) });
  }

  /** The app has stored another phone number, none, or one that can't be read: only `undefined` allows a registration. */
  store(id: string, phone: string | undefined): void {
    this.user(id).phone = phone;
    for (const { pending } of this.sessions.values()) {
      // A step in between drops a verification that has lost its reason.
      if (pending?.user === id) pending.isDoubtful = true;
    }
  }

  /** A step that has nothing to send and nothing to check. */
  expectNoCalls({ messages, sends, checks, isApproved }: Seen): void {
    assert.deepEqual(
      { messages, sends, checks, isApproved },
      { messages: [], sends: 0, checks: [], isApproved: false },
    );
  }

  /** A step that may have sent a code. */
  sent(id: string, seen: Seen): void {
    const { messages, isHeld, sentFor } = seen;
    const session = this.sessions.get(id);
    assert.ok(seen.checks.length === 0 && !seen.isApproved);
    this.cancel(seen);
    if (!session) {
      this.expectNoCalls(seen);
      return;
    }
    // One whose attempts other sessions have used up comes back dead, and is replaced: that is one send, by two calls.
    const dead = messages.filter(({ verificationSid }) => this.isUsedUp(verificationSid));
    const [message, another] = messages.filter(({ verificationSid }) => !this.isUsedUp(verificationSid));
    const sends = seen.sends - dead.length;
    assert.ok(another === undefined && dead.length <= 1 && sends <= 1);
    const { user } = session;
    if (sends > 0 || isHeld) this.countSends(user, sends);
    assert.equal(message !== undefined, sentFor !== undefined);
    if (!message || sentFor === undefined) return;

    this.expectOwnAddress(session, message.to, sentFor);
    const { verificationSid, to, code } = message;
    const known = this.verifications.get(verificationSid);
    if (known) assert.deepEqual([known.to, known.code], [to, code]);
    else this.verifications.set(verificationSid, { to, code, createdAt: Date.now(), wrong: 0, isOver: false });
    session.pending = { user, verificationSid, purpose: sentFor, isDoubtful: false };
    this.user(user).sentAt.set(to, Date.now());
  }

  /** A session that waits for a code which another session sent. `joined` is another text each time. */
  joined(id: string, joined: string, { messages }: Seen): void {
    const session = this.sessions.get(id);
    assert.ok(session && messages.length === 0, 'who joins is sent nothing');
    const { user } = session;
    if (session.pending?.joined === joined) return;
    const { phone = '', sentAt } = this.user(user);
    const waited = Date.now() - (sentAt.get(phone) ?? Number.NEGATIVE_INFINITY);
    assert.ok(waited < RESEND_DELAY_MS, 'only a code that this user got within the resend delay is joined');
    session.pending = { user, verificationSid: this.newestTo(phone), purpose: 'signIn', isDoubtful: true, joined };
  }

  private newestTo(to: string): string {
    const sids = [...this.verifications].filter(([, verification]) => verification.to === to).map(([sid]) => sid);
    return sids.at(-1) ?? '';
  }

  private isUsedUp(verificationSid: string): boolean {
    return (this.verifications.get(verificationSid)?.wrong ?? 0) >= CHECKS_PER_VERIFICATION;
  }

  /** A request of a session: what another user has left there ends. */
  arrive(session: ModelSession): void {
    const isForeign = [session.pending, session.verified].some((left) => left && left.user !== session.user);
    if (!isForeign) return;
    delete session.pending;
    delete session.verified;
  }

  /** A session waits no longer for its user's code. */
  forget(session: ModelSession): void {
    delete session.pending;
  }

  /** Records that a session canceled the code that it waited for. */
  cancel({ canceled }: Seen): void {
    for (const sid of canceled) Object.assign(this.verifications.get(sid) ?? {}, { isOver: true });
  }

  /** A step that has typed a code. `atGate`: at a route with the strategy, not on our page. */
  checked(id: string, code: string, atGate: boolean, after: string, seen: Seen): void {
    assert.ok(seen.sends === 0 && seen.checks.length <= 1);
    const session = this.sessions.get(id);
    if (!session) {
      this.expectNoCalls(seen);
      return;
    }
    const { pending } = session;
    if (pending?.joined !== undefined) {
      pending.verificationSid = this.newestTo(this.user(session.user).phone ?? '');
      // The answer names the verification: from then on it is this one.
      if (seen.checks[0] === 200) pending.joined = undefined;
    }
    const verification = this.verifications.get(pending?.verificationSid ?? '');
    const isRight = verification !== undefined && code === verification.code && !verification.isOver;
    const couldPass = isRight && this.mayPass(session, verification, DOUBT_MS);
    const mustPass =
      couldPass &&
      this.mayPass(session, verification, -DOUBT_MS) &&
      !pending?.isDoubtful &&
      !(atGate && (pending?.purpose === 'change' || this.isOpen(session)));

    this.countCheck(session, verification, isRight, seen);
    if (seen.isApproved) assert.ok(couldPass, 'only a right code for this user in this session is approved');
    else assert.ok(!mustPass, 'a right code for this user in this session is approved');
    this.cancel(seen);
    if (seen.isApproved) this.approve(id, after);
    else if (this.isLocked(session.user)) this.forget(session);
  }

  private mayPass(session: ModelSession, verification: ModelVerification, doubtMs: number): boolean {
    const { user, pending, verified, typed } = session;
    if (pending?.user !== user || this.isLocked(user) || verification.wrong >= CHECKS_PER_VERIFICATION) return false;
    if (Date.now() >= verification.createdAt + LIFE_MS + doubtMs) return false;
    const { phone } = this.user(user);
    switch (pending.purpose) {
      case 'signIn':
        return phone === verification.to;
      case 'register':
        return phone === undefined;
      default:
        return verified?.user === user && typed.some(({ at }) => Date.now() < at + CHANGE_MS);
    }
  }

  private approve(id: string, after: string): void {
    const session = this.sessions.get(id);
    const verification = this.verifications.get(session?.pending?.verificationSid ?? '');
    assert.ok(session?.pending && verification);
    assert.notEqual(after, id, 'a success gives the session another id');
    const { user, pending, verified } = session;
    verification.isOver = true;
    if (pending.purpose !== 'signIn') this.user(user).phone = verification.to;
    // A changed number proves the new phone, and not the person again.
    const at = pending.purpose === 'change' && verified ? verified.at : Date.now();
    this.sessions.delete(id);
    this.sessions.set(after, { user, verified: { user, at }, typed: [] });
  }

  private countCheck(
    { user: id, pending }: ModelSession,
    verification: ModelVerification | undefined,
    isRight: boolean,
    { checks }: Seen,
  ): void {
    if (checks.length === 0) return;
    const user = this.user(id);
    assert.ok(!this.isLocked(id), 'nothing is asked about the code of a user who is locked');
    assert.ok(verification && pending?.user === id, 'only the code of this user is asked about');
    user.asked += 1;
    if (checks[0] !== 200) return;
    if (isRight) {
      Object.assign(user, { wrong: 0, asked: 0, locks: 0 });
      for (const limit of user.sends) {
        if (limit.isClearedByCorrectCode) {
          Object.assign(limit, { endsAt: 0, count: 0, lastSendAt: 0, doubtUntil: 0, isDoubtful: false });
        }
      }
      verification.isOver = true;
    } else {
      user.wrong += 1;
      verification.wrong += 1;
    }
  }

  /** A send, or one that a limit has refused: both can begin the period in which sends are counted. */
  private countSends(id: string, sends: number): void {
    assert.ok(sends === 0 || !this.isLocked(id), 'nothing is sent to a user who is locked');
    const now = Date.now();
    for (const limit of this.user(id).sends) {
      const { points, ms, lastSendAt } = limit;
      if (now >= limit.endsAt && sends === 0) limit.doubtUntil = now + ms;
      if (sends === 0) continue;
      if (now >= limit.endsAt) {
        const isDoubtful = now < limit.doubtUntil || (limit.isDoubtful && now < lastSendAt + ms);
        Object.assign(limit, { endsAt: now + ms, count: 0, isDoubtful });
      }
      limit.count += sends;
      limit.lastSendAt = now;
      assert.ok(limit.isDoubtful || limit.count <= points, `no more than ${points} codes in ${ms / MINUTE} minutes`);
    }
  }

  private expectOwnAddress({ user, typed, verified }: ModelSession, to: string, purpose: string): void {
    const { phone } = this.user(user);
    if (purpose === 'signIn') {
      assert.equal(to, phone, 'a sign-in goes to the number of the user');
      return;
    }
    const isTyped = typed.some((number) => number.phone === to && number.purpose === purpose && number.user === user);
    assert.ok(isTyped, 'only a number that this user has typed in this session');
    if (purpose === 'register') assert.equal(phone, undefined, 'only who has no number registers one');
    else assert.equal(verified?.user, user, 'only who is verified changes the number');
  }

  /** Compares a user with the application's data. */
  expectUser(id: string, phone: string | undefined, lockedUntil: number | undefined): void {
    const user = this.user(id);
    assert.equal(phone, user.phone, 'a number is stored when its code was right, and only then');
    if (this.isLocked(id)) {
      assert.equal(lockedUntil, user.lockedUntil, 'a lock lasts as long as it is to');
      return;
    }
    if (lockedUntil === undefined) {
      assert.ok(user.wrong < WRONG_CODES_PER_LOCK, 'ten wrong codes in a row lock, whatever lies between them');
      return;
    }
    assert.ok(user.asked >= WRONG_CODES_PER_LOCK, 'fewer than ten wrong codes do not lock');
    user.locks += 1;
    const ms = Math.min(15 * MINUTE * 2 ** (user.locks - 1), 24 * 60 * MINUTE);
    user.lockedUntil = user.locks >= LOCKS ? Number.POSITIVE_INFINITY : Date.now() + ms;
    assert.equal(lockedUntil, user.lockedUntil, 'each lock lasts twice as long as the one before');
    Object.assign(user, { wrong: 0, asked: 0 });
  }
}
