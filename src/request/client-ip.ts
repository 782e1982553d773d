import type { Request } from 'express';

let hasWarned = false;

/** The address that a request comes from, as the framework sees it; with a warning where it can only see a proxy's. */
export function clientIpOf(req: Request): string | undefined {
  const isProxied = req.headers['x-forwarded-for'] !== undefined;
  if (isProxied && !hasWarned && trustsNoProxy(req)) {
    hasWarned = true;
    process.emitWarning(
      'Requests come with X-Forwarded-For, but "trust proxy" is off: the limit per IP address would count all users as ' +
        "one. Add app.set('trust proxy', 1), or as many proxies as there are; with Fastify, the option trustProxy: 1.",
      { code: 'TWILIO_VERIFY_TRUST_PROXY' },
    );
  }
  return req.ip;
}

function trustsNoProxy(req: Request): boolean {
  // Fastify's request has `ips` only where it trusts a proxy.
  const trusts: unknown = 'server' in req ? req.ips : req.app?.get?.('trust proxy');
  return trusts === false || trusts === undefined;
}
