import { type TracedOutcome, tracedStep } from '../../common/trace.js';
import type { Context } from './context.js';

/**
 * Runs a step that changes something. Every entrance starts one when the whole request has arrived: that can be minutes
 * after the session was read.
 */
export function runStep<TUser, T extends TracedOutcome | undefined>(
  name: string,
  context: Context<TUser>,
  run: () => Promise<T>,
): Promise<T> {
  return tracedStep(name, context.userId, async () => {
    await context.session.assertLive();
    return run();
  });
}
