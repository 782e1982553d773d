import type { Request } from 'express';
import { SessionEndedError } from '../session/live-session.js';
import { regenerateEmpty } from '../session/session-access.js';
import { userPropertyOf } from './primary-user.js';

/**
 * Runs something that may find that the session has ended. In that case, signs the request out and runs `withoutUser`.
 */
export async function ifLive<T>(req: Request, run: () => Promise<T>, withoutUser: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof SessionEndedError)) throw error;
    await signOutRequest(req);
    return withoutUser();
  }
}

/**
 * The new session is empty, so that express-session can't store what it loaded before: with `resave: true` it stores
 * every session again.
 */
async function signOutRequest(req: Request): Promise<void> {
  (req as unknown as Record<string, unknown>)[userPropertyOf(req)] = undefined;
  await regenerateEmpty(req);
}
