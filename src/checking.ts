import type { Address } from './address.js';
import type { Announcer } from './announcer.js';
import type { Context } from './context.js';
import { TwilioFaultError } from './errors.js';
import { InFlight } from './in-flight.js';
import type { Limits } from './limits.js';
import { type CheckOutcome, type Refusal, refuse, type VerificationInfo } from './outcome.js';
import { addressOf, type ReachFinder } from './reach.js';
import { type Sending, wentTo } from './sending.js';
import type { Pending, SentCode } from './session-record.js';
import type { Settings } from './settings.js';
import type { VerifyApi } from './twilio/verify-api.js';
import type { VerifyCaller } from './verify-callback.js';

/** Wrong codes that Twilio takes for one verification. */
const CHECKS_PER_VERIFICATION = 5;

/** A second submit whose session was read before the first had come to its end can take so long to be read itself. */
const SECOND_SUBMIT_MS = 10_000;

/** After these the verification can still be finished; after all others it is over. */
const STILL_PENDING: readonly string[] = ['code_wrong', 'busy'];

interface Attempt<TUser> {
  readonly context: Context<TUser>;
  readonly pending: Pending;
  readonly sent: SentCode;
  readonly address: Address;
  readonly code: string;
  readonly info: VerificationInfo;
}

interface Approval<TUser> {
  readonly type: 'approved';
  readonly user: TUser;
  /** Whether only requests of one session can come to share it: not so where sessions have no id. */
  readonly isOfOneSession: boolean;
  /** Tells the listeners. Whoever comes first takes it away: it holds a whole request, and the answer is kept a while. */
  announce: (() => void) | undefined;
}

/** Checks codes, and does what follows from a right one. */
export class Checking<TUser> {
  private readonly inFlight = new InFlight<Approval<TUser> | Refusal>((judgement) =>
    judgement.type === 'approved' && judgement.isOfOneSession ? SECOND_SUBMIT_MS : 0,
  );

  constructor(
    private readonly settings: Settings<TUser>,
    private readonly api: VerifyApi<TUser>,
    private readonly limits: Limits,
    private readonly announcer: Announcer<TUser>,
    private readonly reach: ReachFinder<TUser>,
    private readonly sending: Sending<TUser>,
    private readonly verify: VerifyCaller<TUser>,
  ) {}

  /** Checks what was typed against the pending verification, and marks the session when it is right. */
  async check(context: Context<TUser>, typed: string): Promise<CheckOutcome<TUser>> {
    const { session } = context;
    const { pending, mark } = session;
    const sent = pending?.sent;
    if (!pending || !sent) return mark ? { type: 'alreadyVerified' } : refuse('nothing_pending');
    if (this.settings.clock() >= pending.expiresAt) return this.end(context, refuse('code_expired'));
    const code = readCode(typed);
    if (code === undefined) return refuse('code_malformed');

    const address = addressOf(await this.reach.routes(context, pending), pending, sent);
    if (!address || !wentTo(sent, address)) {
      await this.sending.cancel(context, pending);
      return this.end(context, refuse('address_changed'));
    }

    const { purpose } = pending;
    const info = { verificationSid: sent.sid, method: sent.method, purpose };
    const attempt = { context, pending, sent, address, code, info };
    // A form that was posted twice: Twilio forgets a verification once it is approved, so the second must not ask it.
    const key = [session.id ?? '', context.userId, sent.sid, code].join('\0');
    const judgement = await this.inFlight.share(key, () => this.judge(attempt));
    if (judgement.type === 'refused') return this.refused(attempt, judgement);

    const notice = { signIn: undefined, register: 'number_registered', change: 'number_changed' } as const;
    // A changed number proves the new phone, not the person again: the mark keeps its age.
    await session.complete(purpose === 'change' && mark ? mark.at : this.settings.clock(), notice[purpose]);
    const { announce } = judgement;
    judgement.announce = undefined;
    announce?.();
    return { type: 'approved', purpose, user: judgement.user, info };
  }

  /** Wrong codes that are still allowed for what was sent. */
  async attemptsLeft({ userId }: Context<TUser>, { wrong }: SentCode): Promise<number> {
    return Math.max(0, Math.min(CHECKS_PER_VERIFICATION - wrong, await this.limits.guessesLeft(userId)));
  }

  private async judge(attempt: Attempt<TUser>): Promise<Approval<TUser> | Refusal> {
    const { context, sent, info } = attempt;
    const guess = await this.limits.countGuess(context.userId);
    if ('lockedUntil' in guess) return this.locked(context, guess.lockedUntil);

    const verdict = await this.ask(attempt);
    if (verdict === 'right') return this.approve(attempt);
    if (verdict !== 'wrong') {
      // Not judged, and so no guess. One that comes too late for a verification is one: else those that are made at the
      // same time would be free.
      if (verdict instanceof Error || verdict.code === 'busy') await guess.giveBack();
      if (verdict instanceof Error) throw verdict;
      if (verdict.code === 'too_many_checks') await this.discard(attempt);
      return verdict;
    }

    const attemptsLeft = Math.max(0, Math.min(CHECKS_PER_VERIFICATION - sent.wrong - 1, guess.left));
    const rejected = refuse('code_wrong', { attemptsLeft });
    this.announcer.rejected(context, info, rejected);
    if (attemptsLeft > 0) return rejected;
    await this.discard(attempt);
    if (guess.left > 0) return refuse('too_many_checks');
    return this.locked(context, await this.limits.lockedUntil(context.userId));
  }

  /** A used-up verification is not gone: Twilio would send the dead one again. */
  private async discard({ context, pending, sent, address }: Attempt<TUser>): Promise<void> {
    await this.sending.cancel(context, pending);
    await this.sending.endPause(context, { method: sent.method, address });
  }

  /** What Twilio says of the code: a verdict, or why there is none. */
  private async ask({ context, sent, address, code }: Attempt<TUser>): Promise<'right' | 'wrong' | Refusal | Error> {
    try {
      const result = await this.api.check(context, sent.sid, code);
      if ('type' in result) {
        const refusal = refuse(result.code);
        this.announcer.twilioRefused(context, 'check', refusal, result.twilioCode);
        if (result.code === 'too_many_checks' || result.code === 'busy') this.announcer.limited(context, refusal);
        return result.code === 'code_wrong' ? 'wrong' : refusal;
      }
      if (result.status === 'pending') return 'wrong';
      if (result.status === 'max_attempts_reached') return refuse('too_many_checks');
      if (result.status !== 'approved') return refuse('code_expired');
      const isOurs = result.sid === sent.sid && result.to.toLowerCase() === address.value.toLowerCase();
      return isOurs ? 'right' : refuse('address_changed');
    } catch (error) {
      if (error instanceof TwilioFaultError) this.announcer.twilioFailed(context, 'check', error);
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  private async approve({ context, pending, address, info }: Attempt<TUser>): Promise<Approval<TUser> | Refusal> {
    await Promise.all([
      this.limits.clearWrongCodes(context.userId),
      this.sending.endPause(context, { method: info.method, address }),
    ]);
    const previous = pending.to === undefined ? undefined : (await this.reach.phone(context))?.value;
    if (pending.to !== undefined) {
      const refusal = await this.store(context, pending, pending.to, previous);
      if (refusal) return refusal;
    }
    let user = context.user;
    if (pending.purpose !== 'change') {
      const answer = await this.verify.ask(context, info);
      if (answer.type === 'refused') return answer;
      user = answer.user;
    }
    const announce = () => {
      this.announcer.verification('verificationApproved', context, info, address);
      if (pending.to !== undefined) this.announcer.numberStored(context, pending.purpose, pending.to, previous);
    };
    return { type: 'approved', user, isOfOneSession: context.session.id !== undefined, announce };
  }

  /** Stores a number that has been proven, if that is still right. */
  private async store(context: Context<TUser>, pending: Pending, phoneNumber: string, previous: string | undefined) {
    if (pending.purpose === 'register' && !(await this.reach.canRegister(context))) {
      return refuse('registration_not_allowed');
    }
    if (pending.purpose === 'change' && !context.session.mark) return refuse('verification_required');
    const { user, req } = context;
    const answer = await this.settings.storePhoneNumber({ user, req, phoneNumber, previous });
    return answer ? refuse('number_rejected', { message: answer.message }) : undefined;
  }

  private refused({ context, pending, sent }: Attempt<TUser>, refusal: Refusal): Refusal {
    if (!STILL_PENDING.includes(refusal.code)) return this.end(context, refusal);
    if (refusal.code === 'code_wrong') {
      context.session.setPending({ ...pending, sent: { ...sent, wrong: sent.wrong + 1 } });
    }
    return refusal;
  }

  private locked(context: Context<TUser>, lockedUntil: number | undefined): Refusal {
    const ms = (lockedUntil ?? 0) - this.settings.clock();
    const refusal = refuse('locked', { retryAfterSeconds: Math.max(1, Math.ceil(ms / 1000)) });
    this.announcer.limited(context, refusal);
    return refusal;
  }

  private end(context: Context<TUser>, refusal: Refusal): Refusal {
    context.session.dropPending();
    return refusal;
  }
}

/** The digits of a code, however it was typed: with spaces and hyphens, in any script's digits. */
function readCode(typed: string): string | undefined {
  const code = toAsciiDigits(typed.normalize('NFKC')).replace(
    /[\s\p{Pd}\u200B-\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/gu,
    '',
  );
  return /^\d{4,10}$/.test(code) ? code : undefined;
}

function toAsciiDigits(text: string): string {
  return text.replace(/(?!\d)\p{Nd}/gu, (digit) => {
    // Every script's ten digits stand in a row: the value is the distance from its zero.
    const point = digit.codePointAt(0) ?? 0;
    let zero = point;
    while (point - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
    return String((point - zero) % 10);
  });
}
