import type { Request } from 'express';
import type { RefusalCode } from '../common/outcome.js';
import { errorCodeOf, isTracing, trace } from '../common/trace.js';
import type { PassReason } from '../core/verification/access.js';
import type { SessionVerification } from '../session/session-record.js';
import type { LogInGuard } from './log-in-guard.js';

/** Info of `fail`, for Passport's callback and `failureMessage`. Always an object: a string would become a header. */
export interface FailureInfo {
  readonly message: string;
  readonly code: RefusalCode;
  /** URL at which the user can continue. */
  readonly location?: string;
  readonly retryAfterSeconds?: number;
  readonly attemptsLeft?: number;
}

/** Details that only the trace shows. */
interface TraceInfo {
  readonly why: RefusalCode | PassReason | 'approved' | 'device';
  readonly userId?: string;
}

/** Why a request passes without a code. */
export interface Pass {
  readonly why: PassReason;
  /** The verification of the session. */
  readonly verification: SessionVerification | undefined;
}

/** A request that passes. */
export interface Success<TUser> {
  readonly user: TUser;
  readonly info: object;
  /** The page to return to, if Passport redirects. */
  readonly path: string | undefined;
  readonly why: PassReason | 'approved' | 'device';
  /** @default the current one */
  readonly verification?: SessionVerification | undefined;
}

/** How a request ends: one of Passport's actions. Errors are thrown. */
export type Decision<TUser> = (
  | { readonly action: 'success'; readonly user: TUser; readonly info: object; readonly guard: LogInGuard<TUser> }
  | {
      readonly action: 'fail';
      readonly challenge: FailureInfo;
      readonly status: number;
      /** Language of the message. */
      readonly language: string;
    }
  | { readonly action: 'redirect'; readonly location: string; readonly status: 302 | 303 }
) &
  TraceInfo;

/** Runs a decision, and traces its result if tracing is on. */
export function tracedDecision<TUser>(req: Request, decide: () => Promise<Decision<TUser>>): Promise<Decision<TUser>> {
  return isTracing ? traceDecision(req, decide) : decide();
}

async function traceDecision<TUser>(req: Request, decide: () => Promise<Decision<TUser>>): Promise<Decision<TUser>> {
  const subject = `gate ${req.method} ${pathOf(req)}`;
  try {
    const decision = await decide();
    trace(subject, { action: decision.action, why: decision.why, user: decision.userId });
    return decision;
  } catch (error) {
    trace(subject, { action: 'error', why: errorCodeOf(error) });
    throw error;
  }
}

/** The path without its query, which can contain tokens. */
function pathOf(req: Request): string {
  return (req.originalUrl ?? req.url).split('?', 1)[0] ?? '';
}
