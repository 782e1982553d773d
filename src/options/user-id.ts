import { userId } from './option-kinds.js';

/**
 * Returns the user ID that a method got as a string. `String()` alone would turn a user or `undefined` into the ID of no one,
 * and the lockout would stay.
 *
 * @throws TypeError if it isn't a user ID
 */
export function userIdFrom(given: unknown, method: string): string {
  if (userId.is(given)) return String(given);
  throw new TypeError(
    `TwilioVerifyStrategy: ${method}() needs a user ID, as option "userId" returns it (by default user.id): ${userId.expected}`,
  );
}
