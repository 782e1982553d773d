import type { Request } from 'express';

/** Whether a browser loads a page that no one has asked for yet: a prefetch or a prerendering. */
export function isSpeculativeLoad({ headers }: Pick<Request, 'headers'>): boolean {
  // Chromium sends `Sec-Purpose`, and sent `Purpose` before. Old versions of Firefox send `X-Moz`.
  return headers['sec-purpose'] !== undefined || headers.purpose !== undefined || headers['x-moz'] === 'prefetch';
}
