import type { AccountContext, UserContext } from '../common/callback.js';
import type { SessionState } from '../session/session-state.js';

/** The user that something happens to. Events and notices are about one. */
export interface Subject<TUser> extends AccountContext<TUser> {
  readonly userId: string;
  readonly ip: string | undefined;
  /** Language of pages and messages, BCP 47. */
  locale(): Promise<string>;
}

/** The user who acts. Each entrance creates it from its request, and the core itself reads no request. */
export interface Context<TUser> extends Subject<TUser>, UserContext<TUser> {
  readonly req: UserContext<TUser>['req'];
  readonly session: SessionState;
}
