import type { Request, Response } from 'express';
import { pageUrl } from '../common/page-paths.js';
import { primaryUserOf } from '../request/primary-user.js';
import { isOwnUrl } from '../request/same-origin.js';
import type { CodeError } from '../session/session-record.js';
import type { SessionState } from '../session/session-state.js';
import type { Texts } from '../texts/texts.js';
import { endInOneWrite } from './end-response.js';
import { forbidFraming } from './frame-protection.js';
import { jsonAnswerOf } from './json.js';
import type { BaseModel } from './models.js';
import type { PageSettings } from './page-settings.js';
import type { Renderer } from './renderer.js';
import type { FinalReply, RefusedReply, Reply, ViewReply } from './reply.js';
import { takeNotices, takeShownOnce } from './shown-once.js';

/** The parts of a request that the responder needs in addition to the reply. */
export interface Surroundings {
  readonly req: Request;
  readonly res: Response;
  readonly texts: Texts;
  /** Its notices and messages go onto the page; `undefined` for an answer that must not touch the session. */
  readonly session: SessionState | undefined;
}

/** Sends the replies of handlers: the only class that writes to a response. */
export class Responder<TUser> {
  constructor(
    private readonly settings: PageSettings<TUser>,
    private readonly renderer: Renderer,
  ) {}

  /** Answers a person's browser: with a page, or the way to another one. */
  async sendPage(reply: Reply, surroundings: Surroundings): Promise<void> {
    const { res, session } = surroundings;
    setHeaders(res);
    switch (reply.type) {
      case 'view':
        return this.render(reply, surroundings);
      case 'redirectRefused':
        if (reply.field !== undefined) await session?.setTrouble({ error: codeErrorOf(reply) });
        return redirect(res, pageUrl(reply.page, this.settings.pagesUrl));
      case 'page':
        return redirect(res, pageUrl(reply.page, this.settings.pagesUrl));
      case 'redirect':
        return redirect(res, reply.location);
    }
  }

  /** Answers an API client with the content of the page, or with problem details. */
  async sendJson(reply: FinalReply, { res, texts, session }: Surroundings): Promise<void> {
    const { status, type, body, retryAfterSeconds } = jsonAnswerOf(reply, texts);
    const notices = status === 200 && session ? await takeNotices(session, texts) : [];
    setHeaders(res);
    setRetryAfter(res, retryAfterSeconds);
    res.setHeader('Content-Language', texts.language);
    send(res, status, type, JSON.stringify({ ...body, ...(notices.length > 0 ? { notices } : {}) }));
  }

  private async render(reply: ViewReply, surroundings: Surroundings): Promise<void> {
    const { req, res } = surroundings;
    setRetryAfter(res, reply.retryAfterSeconds);
    const base = await this.baseModel(reply, surroundings);
    // Not as two spreads, which take V8 as long as rendering the page does.
    const model = Object.assign(base, reply.model);
    const { render } = this.settings;
    if (!render) return send(res, reply.status, 'text/html', this.renderer.render(reply.view, model as never));
    res.status(reply.status).type('html');
    const html = await render({ req, res, view: reply.view, model });
    if (html !== undefined) res.send(html);
  }

  private async baseModel(reply: ViewReply, { req, texts, session }: Surroundings): Promise<BaseModel> {
    const { brand, stylesheets, logoutUrl, helpUrl, files, pagesUrl, allowedOrigins } = this.settings;
    // Pages of these origins can read the response, and the token is valid for the whole app.
    const { origin, 'sec-fetch-mode': mode } = req.headers;
    const isReadElsewhere = mode !== 'navigate' && origin !== undefined && allowedOrigins.includes(origin);
    const csrf = isReadElsewhere ? undefined : await this.settings.csrfToken({ req });
    // After the callback: if it fails, the next page still shows these texts.
    const shown = session && (await takeShownOnce(reply, req, session, texts));
    const { refusal, field } = reply.error ?? shown?.error ?? {};
    return {
      lang: texts.language,
      dir: texts.direction,
      t: texts.typeset,
      base: pagesUrl,
      version: files().version,
      stylesheets,
      brand,
      notices: shown?.notices ?? [],
      messages: shown?.messages ?? [],
      csrf,
      // The page of another origin would get a token that is valid for the app.
      logoutCsrf: logoutUrl !== undefined && isOwnUrl(logoutUrl, req) ? csrf : undefined,
      error: refusal && field !== undefined ? { code: refusal.code, text: texts.refusal(refusal), field } : undefined,
      logoutUrl: logoutUrl !== undefined && primaryUserOf(req) !== undefined ? logoutUrl : undefined,
      helpUrl,
    };
  }
}

function setHeaders(res: Response): void {
  // No page of these may be kept, by a browser or a proxy; and helmet's `no-referrer` would make browsers send
  // `Origin: null` with our own forms.
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('Referrer-Policy', 'same-origin');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  forbidFraming(res);
  res.vary('Accept');
}

/**
 * Doesn't use `res.send`, which hashes each page for an `ETag`: the pages are `no-store`, so no one could send one
 * back.
 */
function send(res: Response, status: number, type: string, text: string): void {
  // 200 is in the prototype, and an own property takes V8 longer than two headers on Express's responses.
  if (res.statusCode !== status) res.statusCode = status;
  res.setHeader('Content-Type', `${type}; charset=utf-8`);
  endInOneWrite(res, text);
}

/** Doesn't use `res.redirect`: no one sees its body, and express-session would write the response in two pieces. */
function redirect(res: Response, location: string): void {
  res.status(303).location(location).setHeader('Content-Length', 0);
  res.end();
}

function setRetryAfter(res: Response, seconds: number | undefined): void {
  if (seconds !== undefined && Number.isFinite(seconds)) res.setHeader('Retry-After', String(seconds));
}

function codeErrorOf({ refusal, rememberDevice }: RefusedReply): CodeError {
  const { code, about, codeLength, attemptsLeft } = refusal;
  return {
    code,
    ...(rememberDevice ? { remembers: true } : {}),
    ...(about === undefined ? {} : { about }),
    ...(codeLength === undefined ? {} : { codeLength }),
    ...(attemptsLeft === undefined ? {} : { attemptsLeft }),
  };
}
