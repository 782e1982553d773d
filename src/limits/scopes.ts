import { isDeepStrictEqual } from 'node:util';
import type { LimitNumbers } from './limit-numbers.js';

/** Everything that strategies in one scope must have in common. */
export interface ScopeMember {
  readonly limits: LimitNumbers;
  readonly hashKey: Buffer;
  readonly isInMemory: boolean;
}

/** The first strategy of each scope in this process. */
const scopes = new Map<string, ScopeMember>();

/**
 * Adds a strategy to a scope.
 *
 * @throws TypeError if its limits can't share the counters of the scope: a lower limit would have no effect, and another
 * key counts elsewhere
 */
export function joinScope(scope: string, member: ScopeMember): void {
  const first = scopes.get(scope);
  if (!first) return void scopes.set(scope, member);
  if (!isDeepStrictEqual(first.limits, member.limits)) throw conflict(scope, 'numbers in "limits"');
  if (first.isInMemory !== member.isInMemory) throw conflict(scope, 'store: set "createLimiter" in all or in none');
  if (!first.hashKey.equals(member.hashKey)) throw conflict(scope, '"hashSecret", or credentials to derive it from');
}

function conflict(scope: string, what: string): TypeError {
  return new TypeError(
    `TwilioVerifyStrategy: option "limits.scope" is "${scope}", and another strategy with that scope counts differently. ` +
      `Give all of them the same ${what}`,
  );
}
