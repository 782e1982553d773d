import type { Request } from 'express';

/**
 * Whether a request that changes something comes from a page of ours, or of an origin that is allowed: a form posted
 * from another site would use up the user's attempts.
 *
 * Browsers say so in `Sec-Fetch-Site`; where that is missing, in `Origin`. A request with neither is not a browser's,
 * and carries no cookies that somebody else could make it send.
 */
export function isSameOrigin(req: Request, allowedOrigins: readonly string[]): boolean {
  const { origin } = req.headers;
  if (origin !== undefined && allowedOrigins.includes(origin)) return true;
  const site = req.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  if (origin === undefined) return true;
  return URL.canParse(origin) && hostsOf(req).includes(new URL(origin).host);
}

/** The hosts that the request was for: the one it names, and the one a trusted proxy says it was sent to. */
function hostsOf(req: Request): readonly string[] {
  const trusted = [req.host, req.hostname].filter((host) => typeof host === 'string');
  return [req.headers.host ?? '', ...trusted].map((host) => host.toLowerCase());
}
