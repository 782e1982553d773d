import type { UserContext } from './options.js';
import type { SessionState } from './session-state.js';

/** Who acts: what each face makes from its request for the core, which itself looks at no request. */
export interface Context<TUser> extends UserContext<TUser> {
  readonly userId: string;
  readonly session: SessionState;
  readonly ip: string | undefined;
  /** Language of pages and messages, BCP 47. */
  locale(): Promise<string>;
}
