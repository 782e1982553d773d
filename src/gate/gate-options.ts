/// <reference types="passport" preserve="true" />

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
  readonly failWithError?: boolean;
  /** `false` answers page requests with 401 instead of a redirect to the pages. */
  readonly redirect?: boolean;
  readonly successReturnToOrRedirect?: string;
}

/** Whether the route answers a refusal itself. */
export function handlesFailure({ failureRedirect, failWithError, redirect }: GateOptions): boolean {
  return Boolean(failureRedirect || failWithError) || redirect === false;
}
