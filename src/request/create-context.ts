import type { Request } from 'express';
import type { AccountContext, Setting, UserContext } from '../common/callback.js';
import type { Context, DeviceCookie, Subject } from '../core/step/context.js';
import { Readings } from '../core/step/readings.js';
import { stampDigest } from '../session/security-stamp.js';
import { SessionState } from '../session/session-state.js';
import type { TextLibrary } from '../texts/texts.js';
import { acceptLanguageOf } from './bounded-text.js';
import { clientIpOf } from './client-ip.js';
import { RequestDeviceCookie } from './device-cookie.js';
import { primaryUserOf } from './primary-user.js';
import { assertSessionOrder, watchIfAny } from './session-watch.js';
import { userIdOf } from './user-id.js';

/** Settings for reading a request. */
export interface RequestSettings<TUser> {
  /** Name of the strategy, and key of its session record. */
  readonly name: string;
  readonly userId: Setting<AccountContext<TUser>, string>;
  readonly locale: Setting<AccountContext<TUser>, string | undefined>;
  readonly texts: TextLibrary;
  readonly clock: () => number;
  readonly isProduction: boolean;
  /** `undefined` if the app has no stamps. */
  readonly securityStamp: Setting<UserContext<TUser>, string | undefined> | undefined;
}

/**
 * Creates the context of the core from a request; `undefined` without a user.
 *
 * @param isLogin - Whether the request may be the one that signs the user in: then the user is new to `session()`.
 * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_SESSION_ORDER`, or `ERR_TWILIO_VERIFY_NO_SESSION`
 */
export async function createContext<TUser>(
  settings: RequestSettings<TUser>,
  req: Request,
  isLogin = false,
): Promise<Context<TUser> | undefined> {
  const watch = watchIfAny(req, settings.name);
  const user = primaryUserOf<TUser>(req);
  if (user === undefined) return undefined;
  const userId = await userIdOf(settings, req, user, watch);
  const { securityStamp } = settings;
  const session = securityStamp
    ? await openStamped(settings, req, userId, await securityStamp({ user, req }))
    : SessionState.open(req, settings.name, userId);
  if (!isLogin) assertSessionOrder(req, userId, watch);
  return new RequestContext(settings, req, user, userId, session);
}

async function openStamped<TUser>(
  { name, clock }: RequestSettings<TUser>,
  req: Request,
  userId: string,
  stamp: string | undefined,
): Promise<SessionState> {
  const session = SessionState.open(req, name, userId, stampDigest(userId, stamp));
  await session.takeOverStamp(clock());
  return session;
}

/** Creates the subject of an action of an administrator. */
export async function createSubject<TUser>(
  settings: RequestSettings<TUser>,
  req: Request | undefined,
  user: TUser,
): Promise<Subject<TUser>> {
  const userId = await settings.userId({ user, req });
  return {
    user,
    req,
    userId,
    ip: req && clientIpOf(req),
    readings: new Readings(),
    // The request is the administrator's, so it doesn't show the user's language.
    locale: async () => (await settings.locale({ user, req })) ?? settings.texts.negotiate(),
  };
}

/** A class, because an object literal with a getter gets a new hidden class per request: 9 % of a protected request. */
class RequestContext<TUser> implements Context<TUser> {
  readonly readings = new Readings();

  constructor(
    private readonly settings: RequestSettings<TUser>,
    readonly req: Request,
    readonly user: TUser,
    readonly userId: string,
    readonly session: SessionState,
  ) {}

  get ip(): string | undefined {
    return clientIpOf(this.req);
  }

  get device(): DeviceCookie {
    return new RequestDeviceCookie(this.req, this.userId, this.settings);
  }

  async locale(): Promise<string> {
    const { user, req, settings } = this;
    return (await settings.locale({ user, req })) ?? settings.texts.negotiate(acceptLanguageOf(req));
  }
}

/** Whether a browser requests a page, as opposed to a script that requests data. */
export function isPageRequest(req: Request): boolean {
  if (req.method !== 'GET') return false;
  const mode = req.headers['sec-fetch-mode'];
  if (mode !== undefined) return mode === 'navigate';
  return (req.headers.accept ?? '').includes('text/html');
}

/** Media types that a browser sends when a person submits a form. JSON isn't among them. */
const FORM_TYPE = /^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\s*(;|$)/i;

/** Whether a person submits a form, as opposed to a script that posts data. */
export function isFormSubmit(req: Request): boolean {
  if (req.method !== 'POST') return false;
  const mode = req.headers['sec-fetch-mode'];
  if (mode !== undefined) return mode === 'navigate';
  const { accept = '', 'content-type': contentType = '' } = req.headers;
  return accept.includes('text/html') && FORM_TYPE.test(contentType);
}
