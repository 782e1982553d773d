import type { Request } from 'express';
import { type Refusal, refuse } from '../common/outcome.js';
import { warnOnce } from '../common/warn-once.js';
import { isFromTrustedProxy } from './trusted-proxy.js';

/** A header that names, or hides, another origin. */
type TellingHeader = 'Sec-Fetch-Site' | 'Origin' | 'Origin: null';

/**
 * Refuses a request that changes something, unless it comes from one of our pages or from an allowed origin: a form
 * posted from another site would use up the user's attempts. A proxy or a referrer policy can also cause this, so a
 * process warning names the header.
 */
export function crossSiteRefusal(req: Request, allowedOrigins: readonly string[]): Refusal | undefined {
  const header = foreignHeaderOf(req, allowedOrigins);
  if (!header) return undefined;
  warnAboutRefusal(header, req);
  return refuse('cross_site');
}

/**
 * Returns the header that names, or hides, another origin; `undefined` if the request comes from ours.
 *
 * Browsers send `Sec-Fetch-Site`. Old ones, and all over plain HTTP, send only `Origin`. A request with neither isn't
 * from a browser, so no other site can make it send the user's cookies.
 */
export function foreignHeaderOf(req: Request, allowedOrigins: readonly string[]): TellingHeader | undefined {
  const { origin } = req.headers;
  if (origin !== undefined && allowedOrigins.includes(origin)) return undefined;
  const site = req.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none' ? undefined : 'Sec-Fetch-Site';
  if (origin === undefined || (URL.canParse(origin) && isOwnHost(new URL(origin), req))) return undefined;
  return origin === 'null' ? 'Origin: null' : 'Origin';
}

/** Whether a URL is a path, or names the host that the request was sent to. */
export function isOwnUrl(url: string, req: Request): boolean {
  const base = 'http://host.invalid';
  if (!URL.canParse(url, base)) return false;
  const parsed = new URL(url, base);
  return parsed.origin === base || isOwnHost(parsed, req);
}

/**
 * Compares hosts with the default port of the URL's scheme. The request's own scheme is the proxy's, and often unknown.
 */
function isOwnHost({ protocol, host }: URL, req: Request): boolean {
  if (protocol !== 'https:' && protocol !== 'http:') return false;
  return hostsOf(req).some(
    (own) => URL.canParse(`${protocol}//${own}`) && new URL(`${protocol}//${own}`).host === host,
  );
}

/** The hosts that the request was sent to: the named one and, behind a proxy that the app trusts, the browser's. */
function hostsOf(req: Request): readonly string[] {
  const named = namedHostOf(req);
  const forwarded = firstIn(req.headers['x-forwarded-host']);
  // The framework reads the header from trusted proxies only; then its `hostname` is the forwarded one.
  const isTrusted = forwarded !== undefined && hostnameOf(forwarded) === req.hostname?.toLowerCase();
  const hosts = isTrusted ? [named, forwarded] : [named];
  const port = firstIn(req.headers['x-forwarded-port']);
  if (port === undefined || !/^\d{1,5}$/.test(port) || !isFromTrustedProxy(req)) return hosts;
  return [...hosts, `${hostnameOf(hosts.at(-1) ?? '')}:${port}`];
}

/** Clients of HTTP/2 send `:authority` instead of `Host`. */
function namedHostOf({ headers }: Request): string {
  const authority = headers[':authority'];
  return (typeof authority === 'string' ? authority : (headers.host ?? '')).toLowerCase();
}

/** The value that the first proxy added: the one that the browser connected to. */
function firstIn(header: string | string[] | undefined): string | undefined {
  return [header ?? []].flat()[0]?.split(',')[0]?.trim().toLowerCase();
}

function hostnameOf(host: string): string {
  return host.replace(/:\d+$/, '');
}

function warnAboutRefusal(header: TellingHeader, req: Request): void {
  const origin = quoted(req.headers.origin);
  warnOnce(`A ${quoted(req.method)} request was refused as cross_site. ${explain(header, origin, req)}`, {
    code: 'TWILIO_VERIFY_CROSS_SITE',
    // An attack of one kind must not hide a wrong setting of another.
    key: header,
  });
}

function explain(header: TellingHeader, origin: string, req: Request): string {
  switch (header) {
    case 'Sec-Fetch-Site':
      return (
        `Its header Sec-Fetch-Site is ${quoted(req.headers['sec-fetch-site'])}, so a browser sent it from a page of ` +
        `another origin (${origin}). If that page is yours, add its origin to "allowedOrigins".`
      );
    case 'Origin: null':
      return (
        'Its header Origin is null: the page has Referrer-Policy: no-referrer, or is in a sandboxed frame. Send ' +
        "Referrer-Policy: same-origin with your pages: helmet({ referrerPolicy: { policy: 'same-origin' } }). Over " +
        "https, browsers also send Sec-Fetch-Site, which doesn't depend on the policy."
      );
    case 'Origin':
      return (
        `Its header Origin is ${origin}, but its host is ${quoted(namedHostOf(req))}. Behind a proxy, pass on Host, or ` +
        "send X-Forwarded-Host and add app.set('trust proxy', 1). If the origin is one of your other apps, add it to " +
        '"allowedOrigins".'
      );
  }
}

/** Anyone can write these headers into a request, and terminals obey control characters. */
function quoted(value: string | string[] | undefined): string {
  return value === undefined ? 'missing' : JSON.stringify(String(value).slice(0, 100));
}
