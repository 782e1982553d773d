/// <reference types="passport" preserve="true" />
import { misspelledName } from '../common/similar-name.js';

declare module 'passport' {
  interface AuthenticateOptions {
    /** Maximum age of the verification on this route, in seconds, at least 30 (step-up). For `twilio-2fa`. */
    maxAgeSeconds?: number | undefined;
    /** `false`: page requests get 401 instead of a redirect. For `twilio-2fa`. */
    redirect?: boolean | undefined;
  }
}

/** Options of `passport.authenticate('twilio-2fa', options)`; the others are Passport's own. */
export interface GateOptions {
  /** Maximum age of the verification on this route, in seconds, at least 30 (step-up). */
  readonly maxAgeSeconds?: number;
  readonly failureRedirect?: string;
  readonly failureMessage?: string | boolean;
  readonly failureFlash?: string | boolean | { readonly type?: string; readonly message?: string };
  readonly failWithError?: boolean;
  /** `false` answers page requests with 401 instead of a redirect to the pages. */
  readonly redirect?: boolean;
  readonly successReturnToOrRedirect?: string;
}

/** The options that Passport doesn't have. */
const NAMES: readonly string[] = ['maxAgeSeconds', 'redirect'] satisfies (keyof GateOptions)[];

/** Options of other strategies whose names are similar by chance. */
const FOREIGN: readonly string[] = ['direct', 'max', 'redirectTo'];

/** Passport passes the same object for each request to a route, so each is checked once. */
const checked = new WeakSet<object>();

/**
 * Rejects options whose names are almost ours: without `maxAgeSeconds`, a route would accept a verification of any age.
 * All other names pass, because Passport gives the options of a route to each of its strategies.
 *
 * @throws TypeError that names the option which was meant
 */
export function rejectMisspelled(call: string, options: object): void {
  if (checked.has(options)) return;
  for (const name of Object.keys(options)) {
    const meant = NAMES.includes(name) ? undefined : meantBy(name);
    if (meant) throw new TypeError(`${call}: unknown option "${name}"; did you mean "${meant}"?`);
  }
  checked.add(options);
}

function meantBy(name: string): string | undefined {
  // Another unit, such as `maxAgeMinutes`, is more than two edits away.
  if (/^max[-_]?age/i.test(name)) return 'maxAgeSeconds';
  return FOREIGN.includes(name) ? undefined : misspelledName(name, NAMES);
}

/** Whether the route answers a refusal itself. */
export function handlesFailure({ failureRedirect, failWithError, redirect }: GateOptions): boolean {
  return Boolean(failureRedirect || failWithError) || redirect === false;
}
