import type { Request } from 'express';
import { isFastify } from './fastify.js';

/** Whether the request comes from a proxy that the app trusts, so that its `X-Forwarded-…` headers count. */
export function isFromTrustedProxy(req: Request): boolean {
  // Fastify hides `trustProxy`. `ips` has more than the address of the connection only if that address is trusted.
  if (isFastify(req)) return (req.ips?.length ?? 0) > 1;
  const isTrusted: unknown = req.app?.get?.('trust proxy fn');
  return typeof isTrusted === 'function' && isTrusted(req.socket?.remoteAddress, 0) === true;
}
