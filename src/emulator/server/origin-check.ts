import type { IncomingHttpHeaders } from 'node:http';

/**
 * Returns whether a browser marks a request as coming from another site. A form of any page can post to this machine,
 * with the credentials in its URL, because the emulator's default credentials are public.
 *
 * Browsers send `Sec-Fetch-Site`, and older ones only `Origin`. Without either, the request is not from a browser.
 *
 * @param ownHost host and port at which the request reached the emulator.
 */
export function isCrossSite(headers: IncomingHttpHeaders, ownHost: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const { origin } = headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== ownHost;
}

/** Returns whether a request follows a link to the inbox's page, which a page of your app may have. */
export function isLinkToPage(method: string, path: string, headers: IncomingHttpHeaders): boolean {
  return method === 'GET' && path === '/' && headers['sec-fetch-mode'] === 'navigate';
}
