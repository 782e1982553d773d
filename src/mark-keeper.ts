import type { Context } from './context.js';
import type { LogInHooks } from './log-in.js';
import { chain, type MaybePromise } from './maybe-promise.js';
import type { Mark } from './session-record.js';
import { SessionState } from './session-state.js';
import type { Settings } from './settings.js';

/** What becomes of a mark when the application logs somebody in behind the gate: it goes with its user, and only there. */
export class MarkKeeper<TUser> implements LogInHooks {
  /** @param user - Whom the gate lets through. @param mark - As it was then. */
  constructor(
    private readonly settings: Settings<TUser>,
    private readonly context: Context<TUser>,
    private readonly user: TUser,
    private readonly mark: Mark | undefined,
  ) {}

  isSameUser(other: unknown): MaybePromise<boolean> {
    const { req, userId } = this.context;
    if (other === this.user) return true;
    return chain(this.settings.userId({ user: other as TUser, req }), (id) => id === userId);
  }

  keep(): void {
    if (this.mark) this.open().moveMark(this.mark);
  }

  drop(): void {
    this.open().clear();
  }

  private open(): SessionState {
    const { req, userId } = this.context;
    return SessionState.open(req, this.settings.name, userId);
  }
}
