import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type Negotiator from 'negotiator';
import { BoundedCache } from '../common/bounded-cache.js';
import { TwilioVerifyError } from '../common/errors.js';
import { REFUSAL_STATUS, type Refusal, refuse } from '../common/outcome.js';
import type { PagePath } from '../common/page-paths.js';
import { trace } from '../common/trace.js';
import type { TwoFactor } from '../core/two-factor.js';
import { acceptLanguageOf, acceptOf } from '../request/bounded-text.js';
import { ifLive } from '../request/ended-session.js';
import { keepForLogin, takeFromLogin } from '../request/return-path.js';
import { crossSiteRefusal } from '../request/same-origin.js';
import { goToFailed } from './failed-page.js';
import { BadFieldError, type PageRequest, readPageRequest } from './page-request.js';
import type { PageSettings } from './page-settings.js';
import { Renderer } from './renderer.js';
import { type FinalReply, type Reply, redirect, show } from './reply.js';
import { Responder } from './responder.js';
import { warmUp } from './warm-up.js';

/** Reads a request, calls the core, and gives back what to show. It never writes to the response. */
export type Handler<TUser> = (request: PageRequest<TUser>) => Promise<Reply>;

/** What the router is made of. */
export interface Pages<TUser> {
  readonly page: (handler: Handler<TUser>) => RequestHandler;
  /** Refuses what another site posts. */
  readonly ownOriginOnly: RequestHandler;
  /** Answers a body that cannot be read with a page. */
  readonly explainBadRequest: ErrorRequestHandler;
}

/** Makes Express handlers of ours. `shown` are those that show a page, by its path. */
export function createPages<TUser>(
  settings: PageSettings<TUser>,
  twoFactor: TwoFactor<TUser>,
  shown: Readonly<Record<PagePath, Handler<TUser>>>,
): Pages<TUser> {
  const renderer = new Renderer([...settings.views, settings.viewsFolder]);
  const responder = new Responder(settings, renderer);
  warmUp(settings, renderer);

  /** For requests that no handler of ours sees: nothing is read from the session, and nothing written. */
  const refuseOutright = async (req: Request, res: Response, refusal: Refusal, status: number) => {
    const texts = settings.texts.for(settings.texts.negotiate(acceptLanguageOf(req)));
    const { code } = refusal;
    trace('page refused', { code });
    const canRetry = code !== 'login_required';
    const loginUrl = canRetry ? undefined : settings.loginUrl;
    const reason = texts.refusal(refusal);
    const model = { code, reason, canRetry, canUseOtherMethod: false, canEnterCode: false, loginUrl };
    const reply = show('failed', model, { status, error: { refusal } });
    const surroundings = { req, res, texts, session: undefined };
    return wantsJson(req) ? responder.sendJson(reply, surroundings) : responder.sendPage(reply, surroundings);
  };

  const withoutUser = async (req: Request, res: Response) => {
    const { loginUrl, basePath } = settings;
    if (!loginUrl || req.method !== 'GET' || wantsJson(req)) return refuseOutright(req, res, refuse('login_required'), 401);
    keepForLogin(req, basePath);
    const surroundings = { req, res, texts: settings.texts.for('en'), session: undefined };
    return responder.sendPage(redirect(loginUrl), surroundings);
  };

  const run = (handler: Handler<TUser>, request: PageRequest<TUser>) =>
    handler(request).catch((error) => explain(request, error));

  /** A program is told at once what it would find at the page to which a person is sent. */
  const follow = async (reply: Reply, request: PageRequest<TUser>): Promise<FinalReply> => {
    if (reply.type !== 'page') return reply;
    const { result } = reply;
    const next = await follow(await run(shown[reply.page], request), request);
    return next.type === 'redirectRefused' || !result ? next : { ...next, result };
  };

  const answer = async (handler: Handler<TUser>, req: Request, res: Response) => {
    const request = await readPageRequest(settings, twoFactor, req);
    if (!request) return withoutUser(req, res);
    const { texts, context } = request;
    if (req.method === 'POST') await takeFromLogin(req, context.session, settings.pagesUrl);
    const surroundings = { req, res, texts, session: context.session };
    const reply = await run(handler, request);
    if (wantsJson(req)) await responder.sendJson(await follow(reply, request), surroundings);
    else await responder.sendPage(reply, surroundings);
  };

  return {
    page: (handler) => (req, res, next) => {
      ifLive(
        req,
        () => answer(handler, req, res),
        () => withoutUser(req, res),
      )
        .catch((error) => {
          if (!(error instanceof BadFieldError)) throw error;
          return refuseOutright(req, res, error.refusal, REFUSAL_STATUS.bad_request);
        })
        .catch(next);
    },
    ownOriginOnly: (req, res, next) => {
      const isRead = req.method === 'GET' || req.method === 'HEAD';
      const refusal = isRead ? undefined : crossSiteRefusal(req, settings.allowedOrigins);
      if (refusal) refuseOutright(req, res, refusal, REFUSAL_STATUS.cross_site).catch(next);
      else next();
    },
    explainBadRequest: (error, req, res, next) => {
      const status = (error as { status?: unknown } | null)?.status;
      const isBodyError = typeof status === 'number' && status >= 400 && status < 500 && !res.headersSent;
      if (isBodyError) refuseOutright(req, res, refuse('bad_request'), status).catch(next);
      else next(error);
    },
  };
}

/** Best first: in doubt it is a page. A type is its own with a parameter, which some programs send along. */
const TYPES = ['text/html', 'application/json', 'application/json; charset=utf-8', 'application/problem+json'];

const accepted = new BoundedCache<boolean>(200);

/** Whether a program asks, and not a person's browser. */
function wantsJson(req: Request): boolean {
  // `req.accepts()` sorts the whole header, in quadratic time: 145 ms for 15 kB.
  const accept = acceptOf(req);
  return accepted.get(accept, () => {
    const PreferredTypes = require('negotiator') as typeof Negotiator;
    const type = new PreferredTypes({ headers: { accept } }).mediaType(TYPES);
    return type !== undefined && type !== 'text/html';
  });
}

const warned = new Set<string>();

/** A fault that the person can wait out gets a page, and whoever runs the application a warning; any other goes on. */
function explain<TUser>(request: PageRequest<TUser>, error: unknown): Promise<Reply> {
  if (!(error instanceof TwilioVerifyError)) throw error;
  switch (error.code) {
    case 'ERR_TWILIO_VERIFY_CONFIGURATION':
    case 'ERR_TWILIO_VERIFY_CREDENTIALS':
    case 'ERR_TWILIO_VERIFY_LIMITER':
      if (!warned.has(error.message)) process.emitWarning(error.message, { code: error.code });
      warned.add(error.message);
      return goToFailed(request, refuse('unavailable'));
    case 'ERR_TWILIO_VERIFY_UNAVAILABLE':
      return goToFailed(request, refuse('unavailable'));
    default:
      throw error;
  }
}
