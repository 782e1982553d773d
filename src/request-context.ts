import type { Request } from 'express';
import { clientIpOf } from './client-ip.js';
import type { Context } from './context.js';
import { TwilioVerifyError } from './errors.js';
import { chain, type MaybePromise } from './maybe-promise.js';
import { SessionState } from './session-state.js';
import { sessionIfAny } from './session-store.js';
import type { Settings } from './settings.js';

/**
 * The user that a primary strategy has put on the request.
 *
 * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_NO_PASSPORT_SESSION` where the session knows one that is not on it
 */
export function primaryUserOf<TUser>(req: Request): TUser | undefined {
  const user = (req as unknown as Record<string, unknown>)[userPropertyOf(req)] ?? undefined;
  if (user === undefined) rejectUnreadLogIn(req);
  return user as TUser | undefined;
}

/** `passport.session()` takes the user out of the session, or, where nobody has that id any more, forgets the id. */
function rejectUnreadLogIn(req: Request): void {
  // With Fastify the id stands there itself, and not in an object.
  const login = sessionIfAny(req)?.passport as { user?: unknown } | null | undefined;
  if (typeof login !== 'object' || !(login?.user || login?.user === 0)) return;
  throw new TwilioVerifyError(
    'ERR_TWILIO_VERIFY_NO_PASSPORT_SESSION',
    'Somebody is logged in, as the session says, but there is no user on the request. Add app.use(passport.session()) ' +
      'after app.use(session({ … })), and before twoFactor.session() and the routes.',
  );
}

/** Where Passport keeps the user: the application can name it, in `passport.initialize()` or in Fastify's `Authenticator`. */
export function userPropertyOf(req: Request): string {
  const { _userProperty, passport } = req as { _userProperty?: string; passport?: { userProperty?: unknown } };
  const ofFastify = passport?.userProperty;
  return _userProperty ?? (typeof ofFastify === 'string' ? ofFastify : 'user');
}

/** Makes the core's context from a request; at once, as long as `userId` is synchronous. */
export function contextOf<TUser>(settings: Settings<TUser>, req: Request, user: TUser): MaybePromise<Context<TUser>> {
  return chain(settings.userId({ user, req }), (userId) => new RequestContext(settings, req, user, userId));
}

/** A class, so that what few requests ask for costs the others nothing: neither its making nor a function for it. */
class RequestContext<TUser> implements Context<TUser> {
  readonly session: SessionState;

  constructor(
    private readonly settings: Settings<TUser>,
    readonly req: Request,
    readonly user: TUser,
    readonly userId: string,
  ) {
    this.session = SessionState.open(req, settings.name, userId);
  }

  get ip(): string | undefined {
    return clientIpOf(this.req);
  }

  locale(): Promise<string> {
    return localeOf(this.settings, this.req, this.user);
  }
}

/** The language that pages and messages of this request are in. */
export async function localeOf<TUser>(settings: Settings<TUser>, req: Request, user: TUser): Promise<string> {
  return (await settings.locale({ user, req })) ?? settings.texts.negotiate(req.headers['accept-language']);
}

/** Whether a browser asks for a page, and not a script for data. */
export function isPageRequest(req: Request): boolean {
  if (req.method !== 'GET') return false;
  const mode = req.headers['sec-fetch-mode'];
  if (mode !== undefined) return mode === 'navigate';
  return (req.headers.accept ?? '').includes('text/html');
}
