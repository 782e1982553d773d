import { SECOND_SUBMIT_MS, SingleFlight } from '../../common/single-flight.js';
import type { SessionState } from '../../session/session-state.js';

/** An outcome, and the session of the request that had it; its ID is `undefined` if it is kept in a cookie. */
interface SharedOutcome<T> {
  readonly outcome: T;
  readonly sessionId: string | undefined;
  readonly signedSessionId: string | undefined;
}

/** Forms that were submitted twice: both submits of a session share one run, and the session that it created. */
export class SharedSubmits<T> {
  private readonly runs: SingleFlight<SharedOutcome<T>>;

  /** @param createsSession - Whether a run with this outcome regenerated the session ID. */
  constructor(private readonly createsSession: (outcome: T) => boolean) {
    this.runs = new SingleFlight(({ outcome, sessionId }) =>
      // Without an ID, a session can't be recognized afterwards.
      createsSession(outcome) && sessionId !== undefined ? SECOND_SUBMIT_MS : 0,
    );
  }

  /**
   * Runs a submit, or waits for the first one with the same key. Resolves to `undefined` if that one created a session
   * which has ended since or can't be shared.
   *
   * @param key - What both submits have in common, in addition to the session.
   */
  async run(session: SessionState, key: readonly string[], submit: () => Promise<T>): Promise<T | undefined> {
    let isFirst = false;
    const { outcome, sessionId, signedSessionId } = await this.runs.share(
      [session.id ?? '', ...key].join('\0'),
      async () => {
        isFirst = true;
        const result = await submit();
        return { outcome: result, sessionId: session.id, signedSessionId: session.signedId };
      },
    );
    if (isFirst || !this.createsSession(outcome)) return outcome;
    return (await session.adopt(sessionId, signedSessionId)) ? outcome : undefined;
  }
}
