import { TwilioApiError } from '../../common/errors.js';
import {
  type CheckOutcome,
  type CodeVerificationInfo,
  type Refusal,
  refuse,
  type UsedBefore,
} from '../../common/outcome.js';
import type { Limits } from '../../limits/limits.js';
import { fingerprint, type Pending, type SentCode } from '../../session/session-record.js';
import type { RememberedDevices } from '../devices/remembered-devices.js';
import type { EventReporter } from '../events/event-reporter.js';
import type { DeliveryOptionsFinder } from '../factors/delivery-options.js';
import type { Context } from '../step/context.js';
import type { Guesses } from '../verification/guesses.js';
import { type PendingVerifications, recipientOf } from '../verification/pending-verification.js';
import type { SessionVerifier } from '../verification/session-verifier.js';
import { SharedSubmits } from '../verification/shared-submits.js';
import type { CodeReader } from './code-reader.js';
import type { CodeSender } from './code-sender.js';
import type { PhoneNumberStorage } from './phone-number-storage.js';
import type { Attempt, TwilioVerdicts, Verdict } from './twilio-verdict.js';
import { keyOf, type UsedCodes } from './used-codes.js';

/** Wrong codes that Twilio accepts for one verification. */
const CHECKS_PER_VERIFICATION = 5;

/** Refusals that leave the verification open: the user can still complete it. */
const STILL_PENDING: readonly string[] = ['code_wrong', 'busy'];

const USED_BEFORE: UsedBefore = { type: 'usedBefore' };

const NOTICES = { signIn: undefined, register: 'number_registered', change: 'number_changed' } as const;

interface Approval<TUser> {
  readonly type: 'approved';
  readonly user: TUser;
  readonly info: CodeVerificationInfo;
  /** Cookie of the remembered device. */
  readonly device: string | undefined;
}

type Result<TUser> = Approval<TUser> | UsedBefore | Refusal;

/** The parts of {@link CodeChecker}. */
export interface CheckerParts<TUser> {
  readonly twilio: TwilioVerdicts<TUser>;
  readonly limits: Limits;
  readonly guesses: Guesses<TUser>;
  readonly reporter: EventReporter<TUser>;
  readonly delivery: DeliveryOptionsFinder<TUser>;
  readonly pendings: PendingVerifications<TUser>;
  readonly sender: CodeSender<TUser>;
  readonly codes: CodeReader<TUser>;
  readonly storage: PhoneNumberStorage<TUser>;
  readonly verifier: SessionVerifier<TUser>;
  readonly usedCodes: UsedCodes<TUser>;
  readonly devices: RememberedDevices<TUser>;
}

/** Choices on the code page. */
export interface CheckOptions {
  /** Whether to remember the device. Only a sign-in does. */
  readonly rememberDevice: boolean;
}

/** A code to check, and the user's choices. */
type Check<TUser> = Attempt<TUser> & CheckOptions;

/** Checks codes, and verifies the session after a correct one. */
export class CodeChecker<TUser> {
  private readonly submits = new SharedSubmits<Result<TUser>>(({ type }) => type === 'approved');

  constructor(private readonly parts: CheckerParts<TUser>) {}

  /** Checks a code against the pending verification, and verifies the session if it is correct. */
  async check(context: Context<TUser>, typed: string, { rememberDevice }: CheckOptions): Promise<CheckOutcome<TUser>> {
    const { session } = context;
    const { pending } = session;
    const sent = pending?.sent;
    if (!pending || !sent) return session.verification ? { type: 'alreadyVerified' } : refuse('nothing_pending');
    if (this.parts.pendings.isExpired(pending)) return this.expired(context, pending, sent);
    const read = await this.parts.codes.read(context, pending.purpose, typed);
    if (read.type === 'refused') return read;
    const { code } = read;

    const address = recipientOf(await this.parts.delivery.for(context, pending), pending, sent);
    if (!address) {
      await this.parts.sender.cancel(context, pending);
      return this.parts.pendings.end(context, refuse('address_changed'));
    }

    const { purpose } = pending;
    const attempt = { context, pending, sent, address, code, rememberDevice };
    // A form that was submitted twice shares one check: Twilio deletes a verification once it is approved.
    const key = [context.userId, keyOf(sent), code];
    const result = (await this.submits.run(session, key, () => this.checkCode(attempt))) ?? USED_BEFORE;
    switch (result.type) {
      case 'refused':
        return this.refused(attempt, result);
      case 'usedBefore':
        return result;
      case 'approved': {
        const { type, user, info, device } = result;
        if (device !== undefined) this.parts.devices.give(context, device);
        return { type, user, info, purpose };
      }
    }
  }

  /** Wrong codes left for a code that was sent. */
  async attemptsLeft({ userId }: Context<TUser>, sent: SentCode): Promise<number> {
    return Math.max(0, Math.min(checksLeft(sent), await this.parts.limits.guessesLeft(userId)));
  }

  private async checkCode(attempt: Check<TUser>): Promise<Result<TUser>> {
    const { context, pending, sent } = attempt;
    const { purpose } = pending;
    const { method } = sent;
    const guess = await this.parts.guesses.count(context);
    if (guess.type === 'refused') return guess;

    let verdict: Verdict;
    try {
      verdict = await this.parts.twilio.on(attempt);
    } catch (error) {
      // A late or lost answer can follow a check: an attacker who breaks the connection would guess for free.
      const mayBeChecked = error instanceof TwilioApiError && error.mayHaveTakenEffect;
      if (!mayBeChecked) await guess.giveBack();
      else if (guess.left === 0) await this.parts.guesses.lockedNow(context).catch(() => undefined);
      throw error;
    }
    switch (verdict.type) {
      case 'right':
        return this.approve(attempt, { by: method, verificationSid: verdict.sid, method, purpose });
      case 'refused':
        if (verdict.code === 'code_expired' && (await this.parts.usedCodes.isBeingUsed(attempt))) return USED_BEFORE;
        // Twilio checked nothing, so this wasn't a guess. A code that comes too late counts: otherwise parallel guesses
        // at a verification that one of them ends would be free.
        if (verdict.code === 'busy') await guess.giveBack();
        if (verdict.code === 'code_expired') await this.parts.sender.endDelays(context, attempt.address);
        if (verdict.code === 'too_many_checks') await this.discard(attempt);
        if (guess.left > 0 || verdict.code === 'busy') return verdict;
        return this.parts.guesses.lockedNow(context).catch(() => verdict);
      case 'wrong': {
        const attemptsLeft = Math.max(0, Math.min(checksLeft(sent) - 1, guess.left));
        const rejected = refuse('code_wrong', { attemptsLeft });
        const { sid } = verdict;
        this.parts.reporter.rejected(context, { ...(sid ? { verificationSid: sid } : {}), method, purpose }, rejected);
        if (sid && !sent.sid) await this.takeOver(attempt, sid);
        if (attemptsLeft > 0) return rejected;
        await this.discard(attempt);
        if (guess.left > 0) return refuse('too_many_checks');
        return this.parts.guesses.lockedNow(context);
      }
    }
  }

  /** Cancels a verification that is used up: Twilio would send it again otherwise. */
  private async discard({ context, pending, address }: Attempt<TUser>): Promise<void> {
    await this.parts.sender.cancel(context, pending);
    await this.parts.sender.endDelays(context, address);
  }

  private async expired(context: Context<TUser>, pending: Pending, sent: SentCode): Promise<Refusal> {
    const address = recipientOf(await this.parts.delivery.for(context, pending), pending, sent);
    if (address) await this.parts.sender.endDelays(context, address);
    return this.parts.pendings.end(context, refuse('code_expired'));
  }

  /** Takes over the SID of a joined code: from now on, no other verification of the recipient counts. */
  private takeOver({ context, pending, sent, address }: Attempt<TUser>, sid: string): Promise<void> {
    return context.session.setPending({ ...pending, sent: { ...sent, sid, to: fingerprint(address, sid) } });
  }

  /**
   * Verifies the session. First reads everything again that could have changed since the request began: the code, the
   * address, the user's permission to store a number, the app's agreement, and the session itself.
   */
  private async approve(attempt: Check<TUser>, info: CodeVerificationInfo): Promise<Result<TUser>> {
    const { context, pending, sent, address } = attempt;
    const { purpose } = pending;
    if (!(await this.parts.usedCodes.claim(attempt, info.verificationSid))) {
      return (await this.parts.usedCodes.isBeingUsed(attempt)) ? USED_BEFORE : refuse('code_expired');
    }
    await Promise.all([
      this.parts.usedCodes.record(attempt, info.verificationSid),
      this.parts.sender.clearAfterCorrectCode(context, purpose, address),
    ]);
    // Before the number is stored: a refusal must leave nothing changed, because it reports no new number.
    const agreement = await this.parts.verifier.agree(context, info);
    if (agreement.type === 'refused') return agreement;
    if (!recipientOf(await this.parts.delivery.for(context, pending), pending, sent)) return refuse('address_changed');
    const stored = await this.parts.storage.store(context, pending);
    // End it even if another request is storing a number right now: this code is used.
    if (stored.type === 'refused') return this.parts.pendings.end(context, stored);
    // Before the session is verified: if it has ended meanwhile, the owner must hear of the new number all the same.
    if (stored.type === 'stored') {
      this.parts.reporter.numberStored(context, purpose, stored.phoneNumber, stored.previous);
    }
    await this.parts.verifier.complete(context, agreement, {
      address,
      notice: NOTICES[purpose],
      storedFor: stored.type === 'stored' && purpose !== 'signIn' ? purpose : undefined,
    });
    // A device that signs the user in would be a way around the codes that are required.
    const needsCodes = context.session.verification?.needsCodes === true;
    const isRemembered = attempt.rememberDevice && purpose === 'signIn' && !needsCodes;
    const device = isRemembered ? await this.parts.devices.remember(context, address) : undefined;
    return { type: 'approved', user: agreement.user, info, device };
  }

  private async refused({ context }: Attempt<TUser>, refusal: Refusal): Promise<Refusal> {
    if (!STILL_PENDING.includes(refusal.code)) return this.parts.pendings.end(context, refusal);
    const { pending } = context.session;
    if (refusal.code === 'code_wrong' && pending?.sent) {
      await context.session.setPending({ ...pending, sent: { ...pending.sent, wrong: pending.sent.wrong + 1 } });
    }
    return refusal;
  }
}

/** Checks that Twilio still accepts. For a joined code, only Twilio knows: the other session has used some of them. */
function checksLeft({ wrong, joined }: SentCode): number {
  return joined === undefined ? CHECKS_PER_VERIFICATION - wrong : Number.POSITIVE_INFINITY;
}
