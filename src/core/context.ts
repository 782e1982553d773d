import type { UserContext } from '../common/callback.js';
import type { SessionState } from '../session/session-state.js';

/** The user who acts. Each entrance creates it from its request, and the core itself reads no request. */
export interface Context<TUser> extends UserContext<TUser> {
  readonly userId: string;
  readonly session: SessionState;
  readonly ip: string | undefined;
  /** Language of pages and messages, BCP 47. */
  locale(): Promise<string>;
}
