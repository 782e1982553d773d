import type { Address } from '../common/address.js';
import type { Refusal, VerificationInfo } from '../common/outcome.js';
import type { Notice } from '../session/session-record.js';
import type { Context } from './context.js';
import type { EventReporter } from './event-reporter.js';
import type { Agreement, VerifyCaller } from './verify-callback.js';

/** Settings for verifying sessions. */
export interface VerifierSettings {
  readonly clock: () => number;
}

/** Details of one verification. */
export interface VerificationOptions {
  /** Recipient of the code, if one was sent. */
  readonly address?: Address;
  /** Message for the next page. */
  readonly notice?: Notice | undefined;
  /** Whether a session that is verified keeps its age and its factor: its user proved something else this time. */
  readonly keepsAge?: boolean;
}

/**
 * Verifies sessions, for every factor: first {@link SessionVerifier.agree} calls the app, then
 * {@link SessionVerifier.complete} changes the session.
 */
export class SessionVerifier<TUser> {
  constructor(
    private readonly settings: VerifierSettings,
    private readonly reporter: EventReporter<TUser>,
    private readonly verify: VerifyCaller<TUser>,
  ) {}

  /** Calls the app's `verify` callback. Returns its refusal, or the agreement that {@link SessionVerifier.complete} needs. */
  agree(context: Context<TUser>, info: VerificationInfo): Promise<Agreement<TUser> | Refusal> {
    return this.verify.call(context, info);
  }

  /** Verifies the session, and reports the event `verificationApproved`. */
  async complete(
    context: Context<TUser>,
    agreement: Agreement<TUser>,
    { address, notice, keepsAge = false }: VerificationOptions = {},
  ): Promise<void> {
    const { session } = context;
    const { by, at } = (keepsAge && session.verification) || { by: agreement.info.by, at: this.settings.clock() };
    await session.complete({ by, at }, notice);
    this.reporter.approved(context, agreement.info, address);
  }
}
