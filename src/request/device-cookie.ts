import { hash } from 'node:crypto';
import type * as Cookie from 'cookie';
import type { Request } from 'express';
import { warnOnce } from '../common/warn-once.js';
import type { DeviceCookie } from '../core/step/context.js';
import { boundedText, userAgentOf } from './bounded-text.js';
import { replyOf } from './fastify.js';

/** Settings for the cookie of a device. */
export interface DeviceCookieSettings {
  /** Name of the strategy: each has its own devices. */
  readonly name: string;
  readonly isProduction: boolean;
}

/** Sets a header of the response. */
type AddCookie = (cookie: string) => void;

/** The cookie that holds a remembered device. Each user of a browser has a separate one. */
export class RequestDeviceCookie implements DeviceCookie {
  constructor(
    private readonly req: Request,
    private readonly userId: string,
    private readonly settings: DeviceCookieSettings,
  ) {}

  get userAgent(): string {
    return userAgentOf(this.req);
  }

  get canSet(): boolean {
    return adderOf(this.req) !== undefined;
  }

  get isSafe(): boolean {
    const isSafe = isHttps(this.req) || !this.settings.isProduction;
    if (!isSafe) warnAboutPlainHttp();
    return isSafe;
  }

  read(): string | undefined {
    const header = this.req.headers.cookie;
    if (header === undefined || !header.includes(this.name)) return undefined;
    const value = (require('cookie') as typeof Cookie).parse(header)[this.name];
    return boundedText(value, 'device');
  }

  set(value: string, maxAgeSeconds: number): void {
    // `Lax`, because the user can come from another site: by a link, or from an identity provider.
    const options = {
      httpOnly: true,
      secure: isHttps(this.req),
      path: '/',
      sameSite: 'lax',
      maxAge: maxAgeSeconds,
    } as const;
    adderOf(this.req)?.((require('cookie') as typeof Cookie).serialize(this.name, value, options));
  }

  clear(): void {
    this.set('', 0);
  }

  private get name(): string {
    const user = hash('sha256', `device\0${this.settings.name}\0${this.userId}`, 'base64url').slice(0, 8);
    return `${isHttps(this.req) ? '__Host-' : ''}2fa-device-${user}`;
  }
}

/** As the framework sees it: behind a proxy, `trust proxy` decides. */
function isHttps(req: Request): boolean {
  return req.protocol === 'https';
}

/** Express has the response at the request. Fastify's reply is known to `session()`. */
function adderOf(req: Request): AddCookie | undefined {
  const { res } = req;
  if (typeof res?.appendHeader === 'function') {
    return res.headersSent ? undefined : (cookie) => void res.appendHeader('Set-Cookie', cookie);
  }
  const reply = replyOf(req);
  return reply && !reply.sent ? (cookie) => void reply.header('set-cookie', cookie) : undefined;
}

function warnAboutPlainHttp(): void {
  warnOnce(
    'A request came by plain http, so its device was not remembered: the cookie must be Secure. Use https. Behind a ' +
      'proxy that ends TLS, add app.set(\'trust proxy\', 1), so that req.protocol is "https".',
    { code: 'TWILIO_VERIFY_DEVICE_INSECURE' },
  );
}
