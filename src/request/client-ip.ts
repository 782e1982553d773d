import type { Request } from 'express';
import { warnOnce } from '../common/warn-once.js';
import { isFastify } from './fastify.js';

/**
 * Returns the IP address of the client, as the framework reads it. Warns if the proxy settings make it wrong or
 * forgeable.
 */
export function clientIpOf(req: Request): string | undefined {
  const trusts = trustedProxiesOf(req);
  if (trusts === true) warnAboutTrustingAll();
  const isProxied = req.headers['x-forwarded-for'] !== undefined;
  if (isProxied && (trusts === false || trusts === undefined)) warnAboutTrustingNone();
  return req.ip;
}

function trustedProxiesOf(req: Request): unknown {
  // Fastify hides `trustProxy`, but its request has `ips` only if it trusts a proxy.
  return isFastify(req) ? req.ips : req.app?.get?.('trust proxy');
}

function warnAboutTrustingAll(): void {
  warnOnce(
    '"trust proxy" is true, so clients can write any IP address into X-Forwarded-For, and the limit per IP address stops ' +
      "no one. Replace it with app.set('trust proxy', 1), or as many proxies as there are.",
    { code: 'TWILIO_VERIFY_TRUST_ALL_PROXIES' },
  );
}

function warnAboutTrustingNone(): void {
  warnOnce(
    'Requests come with X-Forwarded-For, but "trust proxy" is off: the limit per IP address would count all users as ' +
      "one. Add app.set('trust proxy', 1), or as many proxies as there are; with Fastify, the option trustProxy: 1.",
    { code: 'TWILIO_VERIFY_TRUST_PROXY' },
  );
}
