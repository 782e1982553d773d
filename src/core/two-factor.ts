import { type CheckOutcome, type RecoveryOutcome, type Refusal, refuse, type SendOutcome } from '../common/outcome.js';
import { SingleFlight } from '../common/single-flight.js';
import { SessionEndedError } from '../session/live-session.js';
import type { OtherSessions } from './account/other-sessions.js';
import type { Registration } from './account/registration.js';
import type { SecuritySettings } from './account/security-settings.js';
import type { CheckOptions, CodeChecker } from './codes/code-checker.js';
import type { CodeReader } from './codes/code-reader.js';
import type { CodeSender } from './codes/code-sender.js';
import { withAdvice } from './codes/send-advice.js';
import type { UsedCodes } from './codes/used-codes.js';
import type { ConfigurationCheck } from './configuration-check.js';
import type { DeviceOutcome, DeviceSignIn } from './devices/device-sign-in.js';
import type { RememberedDevices } from './devices/remembered-devices.js';
import type { DeliveryOptions, DeliveryOptionsFinder } from './factors/delivery-options.js';
import type { RecoveryCodes } from './recovery/recovery-codes.js';
import type { RecoverySignIn } from './recovery/recovery-sign-in.js';
import type { Context } from './step/context.js';
import { runStep } from './step/run-step.js';
import type { Access } from './verification/access.js';
import type { PendingStatus } from './verification/pending-status.js';
import { type PendingVerifications, recipientOf } from './verification/pending-verification.js';

/** Time in which a post of a second tab, whose session was read before the first one's was saved, can still arrive. */
const SECOND_TAB_MS = 10_000;

/** The parts of {@link TwoFactor}. */
export interface TwoFactorParts<TUser> {
  /** Which verifications count. */
  readonly access: Access<TUser>;
  /** Registering, changing, and skipping a number. */
  readonly registration: Registration<TUser>;
  /** Creating and activating recovery codes. */
  readonly recoveryCodes: RecoveryCodes<TUser>;
  readonly otherSessions: OtherSessions<TUser>;
  /** The check for start-up and health checks. */
  readonly configuration: ConfigurationCheck<TUser>;
  readonly delivery: DeliveryOptionsFinder<TUser>;
  readonly pendings: PendingVerifications<TUser>;
  readonly sender: CodeSender<TUser>;
  readonly codes: CodeReader<TUser>;
  readonly checker: CodeChecker<TUser>;
  readonly usedCodes: UsedCodes<TUser>;
  readonly recovery: RecoverySignIn<TUser>;
  /** Signing in with a remembered device. */
  readonly deviceSignIn: DeviceSignIn<TUser>;
  readonly devices: RememberedDevices<TUser>;
  /** The page where users see and undo all this. */
  readonly security: SecuritySettings<TUser>;
}

/** Two-factor authentication as every entrance uses it. Steps return their outcome, and throw only for errors. */
export class TwoFactor<TUser> {
  private readonly firstSends = new SingleFlight<SendOutcome>(({ type }) => (type === 'sent' ? SECOND_TAB_MS : 0));

  readonly access: Access<TUser>;
  readonly registration: Registration<TUser>;
  readonly recoveryCodes: RecoveryCodes<TUser>;
  readonly otherSessions: OtherSessions<TUser>;
  readonly configuration: ConfigurationCheck<TUser>;
  readonly devices: RememberedDevices<TUser>;
  readonly security: SecuritySettings<TUser>;

  constructor(private readonly parts: TwoFactorParts<TUser>) {
    this.access = parts.access;
    this.registration = parts.registration;
    this.recoveryCodes = parts.recoveryCodes;
    this.otherSessions = parts.otherSessions;
    this.configuration = parts.configuration;
    this.devices = parts.devices;
    this.security = parts.security;
  }

  /** Whether the user can use a recovery code, as far as the session and the options tell. Doesn't read the store. */
  async canRecover(context: Context<TUser>): Promise<boolean> {
    const { pending } = context.session;
    const isSignIn = pending === undefined || pending.purpose === 'signIn';
    return this.recoveryCodes.isOn && isSignIn && (await this.access.canUseRecoveryCode(context));
  }

  /** The purpose and the options of the next code. */
  async options(context: Context<TUser>): Promise<DeliveryOptions | Refusal> {
    return this.parts.delivery.next(context, await this.parts.pendings.sendable(context));
  }

  /** Whether a change of the number is pending, and can be finished. */
  async isChanging(context: Context<TUser>): Promise<boolean> {
    return (await this.parts.pendings.sendable(context))?.purpose === 'change';
  }

  /** The pending code; `undefined` if there is none, it has expired, or the user's address has changed. */
  async status(context: Context<TUser>): Promise<PendingStatus | undefined> {
    const pending = await this.parts.pendings.live(context);
    const sent = pending?.sent;
    if (!pending || !sent || this.parts.pendings.isExpired(pending)) return undefined;
    const options = await this.parts.delivery.for(context, pending);
    const address = recipientOf(options, pending, sent);
    if (!address) return undefined;
    const { purpose, expiresAt } = pending;
    const [resendAt, attemptsLeft, codeLength] = await Promise.all([
      this.parts.sender.resendAt(context, { method: sent.method, address }),
      this.parts.checker.attemptsLeft(context, sent),
      this.parts.codes.length(context, purpose),
    ]);
    return {
      purpose,
      method: sent.method,
      hasOtherMethods: options.length > 1,
      address,
      expiresAt,
      resendAt,
      attemptsLeft,
      codeLength,
      isJoined: sent.joined !== undefined,
    };
  }

  /** Whether a code was sent and hasn't expired, as far as the session knows. Works while everything else is down. */
  hasCode({ session }: Context<TUser>): boolean {
    const { pending } = session;
    return pending?.sent !== undefined && !this.parts.pendings.isExpired(pending);
  }

  /** Whether the pending code has expired. */
  isCodeExpired({ session }: Context<TUser>): boolean {
    const { pending } = session;
    return pending?.sent !== undefined && this.parts.pendings.isExpired(pending);
  }

  /** Sends a code by the method that the user chose. */
  start(context: Context<TUser>, method: string | undefined): Promise<SendOutcome> {
    return runStep('start', context, async () => {
      try {
        const outcome = await this.send(context, method);
        if (outcome.type === 'refused') await context.session.setTrouble({ manual: 'refused' });
        return outcome;
      } catch (error) {
        if (!(error instanceof SessionEndedError)) await context.session.setTrouble({ manual: 'refused' });
        throw error;
      }
    });
  }

  /** Sends the first code of a session once, although the start page posts itself in each tab that opens it. */
  async startFirst(context: Context<TUser>, method: string | undefined): Promise<SendOutcome> {
    const { session, userId } = context;
    const sent = this.hasCode(context) ? session.pending?.sent : undefined;
    if (sent) return { type: 'sent', method: sent.method };
    if (session.id === undefined) return this.start(context, method);
    return this.firstSends.share(`${session.id}\0${userId}`, () => this.start(context, method));
  }

  /** Sends the pending code again by the same method. */
  resend(context: Context<TUser>): Promise<SendOutcome> {
    return runStep('resend', context, async () => {
      const sent = (await this.parts.pendings.sendable(context))?.sent;
      return sent ? this.send(context, sent.method) : refuse('nothing_pending');
    });
  }

  /** See {@link DeviceSignIn.verify}. */
  verifyByDevice(context: Context<TUser>): Promise<DeviceOutcome<TUser>> {
    return this.parts.deviceSignIn.verify(context);
  }

  /** See {@link CodeChecker.check}. A user who is no longer verified can't finish a change. */
  async check(
    context: Context<TUser>,
    typed: string,
    options: CheckOptions = { rememberDevice: false },
  ): Promise<CheckOutcome<TUser>> {
    const { session } = context;
    const { pending } = session;
    const refusal = options.rememberDevice ? this.devices.refusal(context) : undefined;
    if (refusal) return refusal;
    try {
      return await runStep('check', context, async () => {
        await this.parts.pendings.live(context);
        const outcome = await this.parts.checker.check(context, typed, options);
        const isStale = outcome.type === 'alreadyVerified' && !this.access.isVerified(session.verification);
        return isStale ? refuse('nothing_pending') : outcome;
      });
    } catch (error) {
      // Another request verified the session and regenerated its ID.
      const isUsed =
        error instanceof SessionEndedError && (await this.parts.usedCodes.wasUsed(context, pending, typed));
      if (isUsed) return { type: 'usedBefore' };
      throw error;
    }
  }

  /** See {@link RecoverySignIn.check}. */
  async checkRecoveryCode(context: Context<TUser>, typed: string): Promise<RecoveryOutcome<TUser>> {
    try {
      return await runStep('recovery', context, () => this.parts.recovery.check(context, typed));
    } catch (error) {
      // Another request verified the session and regenerated its ID.
      const isUsed = error instanceof SessionEndedError && (await this.parts.recovery.wasUsed(context, typed));
      if (isUsed) return { type: 'usedBefore' };
      throw error;
    }
  }

  /** Cancels the pending verification. */
  cancel(context: Context<TUser>): Promise<undefined> {
    return runStep('cancel', context, async () => {
      const { pending } = context.session;
      if (!pending) return undefined;
      await this.parts.sender.cancel(context, pending);
      await context.session.dropPending();
      await context.session.setTrouble({ manual: 'canceled' });
      return undefined;
    });
  }

  private async send(context: Context<TUser>, method: string | undefined): Promise<SendOutcome> {
    const { session } = context;
    const wasChanging = session.pending?.purpose === 'change';
    const next = await this.options(context);
    if (next.type === 'refused') return next;
    // The user didn't request a code for the old number.
    const isChangeOver = wasChanging && next.purpose !== 'change' && this.access.isVerified(session.verification);
    if (isChangeOver) return refuse('nothing_pending');
    const option = next.options.find((candidate) => candidate.method === method);
    if (!option) return refuse('method_unknown');
    const outcome = await this.parts.sender.send(context, next.purpose, option);
    return outcome.type === 'refused' ? withAdvice(outcome, next.purpose, option, next.options) : outcome;
  }
}
