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

/** Whether a URL is a path, or names the host that the request was sent to. */
export function isOwnUrl(url: string, req: Request): boolean {
  const base = 'http://host.invalid';
  if (!URL.canParse(url, base)) return false;
  const { host, origin } = new URL(url, base);
  return origin === base || hostsOf(req).includes(host);
}

/**
 * The hosts that the request was sent to: the one it names, and, behind a proxy that the application trusts, the one
 * the browser named. The scheme is not compared: it is the proxy's, and often not known here.
 */
function hostsOf(req: Request): readonly string[] {
  const named = (req.headers.host ?? '').toLowerCase();
  const forwarded = [req.headers['x-forwarded-host'] ?? []].flat()[0]?.split(',')[0]?.trim().toLowerCase();
  // The framework believes the header only from a trusted proxy; then its `hostname` is the forwarded one.
  const isTrusted = forwarded !== undefined && hostnameOf(forwarded) === req.hostname?.toLowerCase();
  return isTrusted ? [named, forwarded] : [named];
}

function hostnameOf(host: string): string {
  return host.replace(/:\d+$/, '');
}
