import type { Response } from 'express';

const NO_FRAME = "frame-ancestors 'none'; base-uri 'none'";

/**
 * Forbids other pages to frame a response. A click in one of our pages posts from our own origin, also in a frame, so the
 * same-origin check can't detect clickjacking. An app that names `frame-ancestors` in its own policy decides about frames
 * itself.
 */
export function forbidFraming(res: Response): void {
  // For browsers without CSP Level 2. All others ignore it if a policy names `frame-ancestors`.
  res.setHeader('X-Frame-Options', 'DENY');
  const given = res.getHeader('Content-Security-Policy');
  // All policies of a response apply, so a second one can't weaken the app's.
  res.setHeader('Content-Security-Policy', given === undefined ? NO_FRAME : withOurs([given].flat().map(String)));
}

function withOurs(policies: readonly string[]): string[] {
  const isDecidedByApp = policies.some((policy) => /(?:^|[;,])\s*frame-ancestors(?![\w-])/i.test(policy));
  return [...policies, isDecidedByApp ? "base-uri 'none'" : NO_FRAME];
}
