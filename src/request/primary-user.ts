import type { Request } from 'express';
import { TwilioVerifyError } from '../common/errors.js';
import { sessionIfAny } from '../session/session-access.js';
import { isFastify } from './fastify.js';

/**
 * The user that the primary strategy has put on the request.
 *
 * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_NO_PASSPORT_SESSION` if the session has a user that isn't on the request
 */
export function primaryUserOf<TUser>(req: Request): TUser | undefined {
  // Some apps set `false` for no user.
  const user = (req as unknown as Record<string, unknown>)[userPropertyOf(req)] || undefined;
  if (user === undefined) rejectUnreadLogin(req);
  return user as TUser | undefined;
}

interface FastifyRequest {
  readonly passport?: { readonly userProperty?: unknown };
}

/** The property that holds the user. Apps can rename it in `passport.initialize()` or Fastify's `Authenticator`. */
export function userPropertyOf(req: Request): string {
  const { _userProperty } = req as { _userProperty?: string };
  const fastifyProperty = isFastify(req) ? (req as FastifyRequest).passport?.userProperty : undefined;
  return _userProperty ?? (typeof fastifyProperty === 'string' ? fastifyProperty : 'user');
}

/** `passport.session()` reads the user from the session, or removes the user's ID if that user no longer exists. */
function rejectUnreadLogin(req: Request): void {
  // With Fastify, `passport` is the ID itself and not an object.
  const login = sessionIfAny(req)?.passport as { user?: unknown } | null | undefined;
  if (typeof login !== 'object' || !(login?.user || login?.user === 0)) return;
  throw new TwilioVerifyError(
    'ERR_TWILIO_VERIFY_NO_PASSPORT_SESSION',
    "The session has a signed-in user, but req.user is missing: passport.session() hasn't run. Add " +
      'app.use(passport.session()) after app.use(session({ … })), and before twoFactor.session() and the routes.',
  );
}
