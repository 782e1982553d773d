import { setTimeout } from 'node:timers/promises';
import type { VerificationInfo } from '../../common/outcome.js';
import type { Limits } from '../../limits/limits.js';
import { SessionEndedError } from '../../session/live-session.js';
import type { Context } from '../step/context.js';
import { runStep } from '../step/run-step.js';
import type { Access } from '../verification/access.js';
import type { SessionVerifier } from '../verification/session-verifier.js';
import { SharedSubmits } from '../verification/shared-submits.js';
import type { RememberedDevices } from './remembered-devices.js';

/** Waits between looks at a session that another process is verifying. */
const END_WAITS_MS = [50, 100, 350] as const;

/** A device that was read this long ago is read again before it verifies the session. */
const READ_AGAIN_MS = 50;

const INFO: VerificationInfo = { by: 'device' };

/** The session was verified by a remembered device. */
export interface VerifiedByDevice<TUser> {
  readonly type: 'verified';
  readonly user: TUser;
  readonly info: VerificationInfo;
}

/**
 * Result of looking at the device of a request. `verifiedElsewhere`: another process has just verified the session. Only
 * the browser that got its response has the new session ID.
 */
export type DeviceOutcome<TUser> =
  | VerifiedByDevice<TUser>
  | { readonly type: 'verifiedElsewhere' }
  | { readonly type: 'unknown' };

/** Verifies sessions by the device that sends the request. */
export class DeviceSignIn<TUser> {
  private readonly submits = new SharedSubmits<DeviceOutcome<TUser>>(({ type }) => type === 'verified');

  constructor(
    private readonly access: Access<TUser>,
    private readonly devices: RememberedDevices<TUser>,
    private readonly verifier: SessionVerifier<TUser>,
    private readonly limits: Limits,
  ) {}

  /**
   * Verifies the session if a remembered device sent the request. Parallel requests of a session share one verification,
   * and the session that it creates.
   */
  async verify(context: Context<TUser>): Promise<DeviceOutcome<TUser>> {
    const { session, userId, device } = context;
    const isLookedAt =
      this.devices.days !== undefined &&
      !this.access.isVerified(session.verification) &&
      session.returnTo?.age === undefined &&
      !session.isDeviceRefused;
    const value = isLookedAt ? device.read() : undefined;
    if (value === undefined || !(await this.access.isRequired(context))) return { type: 'unknown' };
    // The verification regenerates it.
    const { id } = session;
    if (id === undefined) return this.verifyOnce(context);
    try {
      const shared = await this.submits.run(session, [userId, value], () => this.verifyOnce(context));
      if (!shared) return { type: 'verifiedElsewhere' };
      // The app's callback returned one user for all. Without it, each request keeps its own object.
      return shared.type === 'verified' && !this.verifier.asksApp ? { ...shared, user: context.user } : shared;
    } catch (error) {
      if (error instanceof SessionEndedError && (await this.wasVerified(id))) return { type: 'verifiedElsewhere' };
      throw error;
    }
  }

  private verifyOnce(context: Context<TUser>): Promise<DeviceOutcome<TUser>> {
    return runStep<TUser, DeviceOutcome<TUser>>('device', context, async () => {
      const { id } = context.session;
      const readAt = performance.now();
      const device = await this.devices.recognize(context);
      if (!device) return { type: 'unknown' };
      const agreement = await this.verifier.agree(context, INFO);
      if (agreement.type === 'refused') return { type: 'unknown' };
      if (id !== undefined && !(await this.claim(id))) await this.waitForEnd(context);
      // The device may have been forgotten since.
      const isStale = this.verifier.asksApp || performance.now() - readAt > READ_AGAIN_MS;
      if (isStale && !(await this.devices.recognize(context, true))) return { type: 'unknown' };
      await this.verifier.complete(context, agreement);
      await this.devices.use(context, device);
      return { type: 'verified', user: agreement.user, info: INFO };
    });
  }

  /** Claims the session, over all processes. Without the store of the limits, two of them can verify it. */
  private claim(id: string): Promise<boolean> {
    return this.limits.useOnce('device', id).catch(() => true);
  }

  /**
   * Waits for another process that verifies the session: it ends the session under this ID. If that process stopped on
   * its way, this one continues.
   *
   * @throws SessionEndedError
   */
  private async waitForEnd({ session }: Context<TUser>): Promise<void> {
    for (const waitMs of END_WAITS_MS) {
      await setTimeout(waitMs);
      await session.assertLive();
    }
  }

  /** Whether a device verified the session that had this ID, in another process. */
  private wasVerified(id: string): Promise<boolean> {
    return this.limits.isUsed('device', id).catch(() => true);
  }
}
