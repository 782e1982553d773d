import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { TwilioApiError, TwilioVerifyError } from '../common/errors.js';
import { REFUSAL_STATUS, type Refusal, refuse } from '../common/outcome.js';
import type { PagePath } from '../common/page-paths.js';
import { trace } from '../common/trace.js';
import { warnOnce } from '../common/warn-once.js';
import type { TwoFactor } from '../core/two-factor.js';
import { acceptLanguageOf } from '../request/bounded-text.js';
import { ifLive } from '../request/ended-session.js';
import { keepForLogin, takeFromLogin } from '../request/return-path.js';
import { crossSiteRefusal } from '../request/same-origin.js';
import { contentTypeOf, wantsJson } from '../request/wants-json.js';
import { goToFailed } from './failed-page.js';
import { BadFieldError, type PageRequest, readPageRequest } from './page-request.js';
import type { PageSettings } from './page-settings.js';
import { Renderer } from './renderer.js';
import { type FinalReply, type Reply, redirect, show } from './reply.js';
import { Responder } from './responder.js';
import { warmUp } from './warm-up.js';

/** Reads a request, calls the core, and gives back what to show. It never writes to the response. */
export type Handler<TUser> = (request: PageRequest<TUser>) => Promise<Reply>;

/** The content types that the router's parsers read. */
const READ_TYPES: readonly (string | undefined)[] = ['application/x-www-form-urlencoded', 'application/json'];

const UNSUPPORTED_TYPE = 415;

/** The parts of the router. */
export interface Pages<TUser> {
  readonly page: (handler: Handler<TUser>) => RequestHandler;
  /** Refuses what another site posts. */
  readonly ownOriginOnly: RequestHandler;
  /** Refuses a body of a content type that nothing reads, such as `FormData` of a script. */
  readonly readableBodyOnly: RequestHandler;
  /** Answers a body that cannot be read with a page. */
  readonly explainBadRequest: ErrorRequestHandler;
}

/** Creates Express handlers from page handlers. `shown` are those that show a page, by its path. */
export function createPages<TUser>(
  settings: PageSettings<TUser>,
  twoFactor: TwoFactor<TUser>,
  shown: Readonly<Record<PagePath, Handler<TUser>>>,
): Pages<TUser> {
  const renderer = new Renderer(settings.views, settings.files);
  const responder = new Responder(settings, renderer);
  warmUp(settings, renderer);

  const textsFor = (req: Request) => settings.texts.for(settings.texts.negotiate(acceptLanguageOf(req)));

  /** For requests that reach none of our handlers: the session is neither read nor written. */
  const refuseOutright = async (req: Request, res: Response, refusal: Refusal, status: number) => {
    const texts = textsFor(req);
    const { code } = refusal;
    trace('page refused', { code });
    const canRetry = code !== 'login_required';
    const loginUrl = canRetry ? undefined : settings.loginUrl;
    const reason = texts.refusal(refusal);
    const cannot = { canUseOtherMethod: false, canEnterCode: false, canRecover: false };
    const model = { code, reason, canRetry, ...cannot, loginUrl };
    const reply = show('failed', model, { status, error: { refusal } });
    const surroundings = { req, res, texts, session: undefined };
    return wantsJson(req) ? responder.sendJson(reply, surroundings) : responder.sendPage(reply, surroundings);
  };

  const withoutUser = async (req: Request, res: Response) => {
    const { loginUrl, basePath } = settings;
    if (!loginUrl || req.method !== 'GET' || wantsJson(req))
      return refuseOutright(req, res, refuse('login_required'), 401);
    keepForLogin(req, basePath);
    const surroundings = { req, res, texts: settings.texts.for('en'), session: undefined };
    return responder.sendPage(redirect(loginUrl), surroundings);
  };

  const run = (handler: Handler<TUser>, request: PageRequest<TUser>) =>
    handler(request).catch((error) => explain(request, error));

  /** An API client gets the content at once of the page that a browser is redirected to. */
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
      const refusal = crossSiteRefusal(req, settings.allowedOrigins);
      if (refusal) refuseOutright(req, res, refusal, REFUSAL_STATUS.cross_site).catch(next);
      else next();
    },
    readableBodyOnly: (req, res, next) => {
      if (isReadable(req)) next();
      else {
        const message = textsFor(req).text('badRequest.contentType');
        refuseOutright(req, res, refuse('bad_request', { message }), UNSUPPORTED_TYPE).catch(next);
      }
    },
    explainBadRequest: (error, req, res, next) => {
      const status = (error as { status?: unknown } | null)?.status;
      const isBodyError = typeof status === 'number' && status >= 400 && status < 500 && !res.headersSent;
      if (isBodyError) refuseOutright(req, res, refuse('bad_request'), status).catch(next);
      else next(error);
    },
  };
}

/** Whether the router can read the body, there is none, or the app has read it. */
function isReadable(req: Request): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = req.headers;
  if (encoding === undefined && Number(length) === 0) return true;
  // The parsers of Express 4 leave an empty object for a body that they don't read.
  const isRead = typeof req.body === 'object' && req.body !== null && Object.keys(req.body).length > 0;
  return isRead || READ_TYPES.includes(contentTypeOf(req));
}

/** Shows a page and emits a warning for an error that the user can wait out. Passes on any other error. */
function explain<TUser>(request: PageRequest<TUser>, error: unknown): Promise<Reply> {
  if (!(error instanceof TwilioVerifyError)) throw error;
  switch (error.code) {
    case 'ERR_TWILIO_VERIFY_CONFIGURATION':
    case 'ERR_TWILIO_VERIFY_CREDENTIALS':
    case 'ERR_TWILIO_VERIFY_LIMITER':
    case 'ERR_TWILIO_VERIFY_STORE':
    case 'ERR_TWILIO_VERIFY_UNAVAILABLE':
      // Of a call to Twilio, `VerifyApi` has warned.
      if (!(error instanceof TwilioApiError)) warnOnce(error.message, { code: error.code, key: error.message });
      return goToFailed(request, refuse('unavailable'));
    default:
      throw error;
  }
}
