import type { Request } from 'express';
import { boundedText } from './bounded-text.js';
import { isSpeculativeLoad } from './speculative-load.js';

/**
 * Whether a person has just navigated to this page, from this origin or by typing the URL. A link on another site, a
 * frame, an image, and a prefetch are not: they could make the page do something that the person didn't ask for.
 *
 * @param except - URLs of pages whose links and redirects don't count.
 */
export function isFirstNavigation(req: Request, except: readonly string[]): boolean {
  const { headers } = req;
  const site = headers['sec-fetch-site'];
  const isOwn = site === 'same-origin' || site === 'none';
  const isDocument = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return isOwn && isDocument && !isSpeculativeLoad(req) && !comesFrom(req, except);
}

function comesFrom({ headers }: Request, pages: readonly string[]): boolean {
  if (headers.referer === undefined) return false;
  const referer = boundedText(headers.referer, 'referer');
  return referer !== undefined && URL.canParse(referer) && pages.includes(new URL(referer).pathname);
}
