import type { Request } from 'express';
import { TwilioVerifyError } from '../common/errors.js';
import { REFUSAL_STATUS, type Refusal, refuse } from '../common/outcome.js';
import { isRouterPath, type PagePath, pageUrl } from '../common/page-paths.js';
import type { Context } from '../core/step/context.js';
import { maxAgeIn } from '../core/step/max-age.js';
import type { TwoFactor } from '../core/two-factor.js';
import { acceptLanguageOf, boundedText, refuseText } from '../request/bounded-text.js';
import { createContext, isFormSubmit, isPageRequest, type RequestSettings } from '../request/create-context.js';
import { ifLive } from '../request/ended-session.js';
import { keepForLogin, returnPathOf } from '../request/return-path.js';
import type { RouterMount } from '../request/router-mount.js';
import { crossSiteRefusal, foreignHeaderOf } from '../request/same-origin.js';
import { sessionOf } from '../session/session-access.js';
import { type Decision, type FailureInfo, type Pass, type Success, tracedDecision } from './decision.js';
import { type GateOptions, handlesFailure, rejectMisspelled } from './gate-options.js';
import { LogInGuard, type LogInSettings } from './log-in-guard.js';

/** Settings for protected routes. */
export interface GateSettings<TUser> extends RequestSettings<TUser>, LogInSettings<TUser> {
  readonly mountPath: string;
  /** Prefix that a reverse proxy removes. */
  readonly basePath: string;
  /** Path of the pages as browsers see it. */
  readonly pagesUrl: string;
  readonly loginUrl: string | undefined;
  readonly codeField: string;
  readonly allowedOrigins: readonly string[];
}

/** Decides what `passport.authenticate('twilio-2fa')` does with a request. */
export class Gate<TUser> {
  constructor(
    private readonly settings: GateSettings<TUser>,
    private readonly twoFactor: TwoFactor<TUser>,
    private readonly mount: RouterMount,
  ) {}

  decide(req: Request, options: GateOptions): Promise<Decision<TUser>> {
    return tracedDecision(req, () =>
      ifLive(
        req,
        () => this.decideUntraced(req, options),
        () => this.withoutUser(req, options),
      ),
    );
  }

  private async decideUntraced(req: Request, options: GateOptions): Promise<Decision<TUser>> {
    const call = `passport.authenticate('${this.settings.name}')`;
    rejectMisspelled(call, options);
    const maxAgeSeconds = maxAgeIn(call, options.maxAgeSeconds);
    const context = await createContext(this.settings, req);
    if (!context) return this.withoutUser(req, options);
    const { verification } = context.session;
    const reason = await this.twoFactor.access.passReason(context, maxAgeSeconds, verification);
    if (reason) return this.pass(context, { why: reason, verification }, options);
    if (this.lacksCodes(context, maxAgeSeconds)) return this.requireCodes(context, options);
    const typed = this.typedCode(context);
    return typed ? this.checkCode(context, typed.value, options) : this.requireVerification(context, options);
  }

  private withoutUser(req: Request, options: GateOptions): Decision<TUser> {
    sessionOf(req);
    const { loginUrl, texts, basePath } = this.settings;
    const why = 'login_required';
    const status = this.redirectStatus(req, options);
    if (loginUrl && status) {
      keepForLogin(req, basePath);
      return { action: 'redirect', location: loginUrl, status, why };
    }
    const { text, language } = texts.for(texts.negotiate(acceptLanguageOf(req)));
    const location = loginUrl ? { location: loginUrl } : {};
    const challenge = { message: text('refusal.login_required'), code: why, ...location } as const;
    return { action: 'fail', challenge, status: 401, language, why };
  }

  /** A form that was submitted twice goes where the first submit went. Every other request continues to its route. */
  private pass(context: Context<TUser>, { why, verification }: Pass, options: GateOptions): Decision<TUser> {
    const { req, user } = context;
    const wentTo = verification?.wentTo;
    const path = wentTo !== undefined && postedCode(req, this.settings.codeField) ? wentTo : undefined;
    return this.success(context, options, { user, info: {}, path, why, verification });
  }

  /** The code that this request posts for a pending verification; `undefined` if it posts none. */
  private typedCode({ req, session }: Context<TUser>): { readonly value: unknown } | undefined {
    const { pending } = session;
    const isExpected = pending?.sent !== undefined && pending.purpose !== 'change';
    return isExpected ? postedCode(req, this.settings.codeField) : undefined;
  }

  private async checkCode(context: Context<TUser>, typed: unknown, options: GateOptions): Promise<Decision<TUser>> {
    const { req, session } = context;
    const crossSite = crossSiteRefusal(req, this.settings.allowedOrigins);
    if (crossSite) return this.fail(context, crossSite);
    const code = boundedText(typed, 'code');
    if (code === undefined) return this.fail(context, refuseText(typed, this.settings.codeField));
    const path = session.returnTo?.path;
    const outcome = await this.twoFactor.check(context, code);
    switch (outcome.type) {
      case 'approved':
        if (this.twoFactor.access.needsRecoveryCodes(context)) return this.requireCodes(context, options);
        return this.success(context, options, { user: outcome.user, info: outcome.info, path, why: 'approved' });
      case 'alreadyVerified':
        // The verification is older than this route allows, or another submit of the form has passed before.
        return this.fail(context, refuse('nothing_pending'));
      case 'usedBefore':
        return this.secondSubmit(context, path, options);
      case 'refused':
        return this.fail(context, outcome);
    }
  }

  /** The browser that received the response to the first submit is signed in, and it must keep that cookie. */
  private async secondSubmit(
    context: Context<TUser>,
    path: string | undefined,
    options: GateOptions,
  ): Promise<Decision<TUser>> {
    context.session.detach();
    const { failureRedirect, failureMessage, failureFlash } = options;
    const why = 'nothing_pending';
    // Passport would put the message into a session, and there is none.
    const canFail = !failureMessage && !failureFlash;
    if (handlesFailure(options) && canFail) return this.fail(context, refuse(why));
    const location = failureRedirect ? encodedUrl(failureRedirect) : (path ?? pageUrl('/', this.settings.pagesUrl));
    return { action: 'redirect', location, status: 303, why, userId: context.userId };
  }

  /** Another process has verified the session, and the browser has its new cookie by the time it comes back. */
  private reload({ req, session, userId }: Context<TUser>): Decision<TUser> {
    const { basePath, pagesUrl } = this.settings;
    const location = returnPathOf(req, basePath) ?? pageUrl('/', pagesUrl);
    session.detach();
    return { action: 'redirect', location, status: 302, why: 'device', userId };
  }

  /** Redirects a page request or a form that a person submits to the start page, and fails every other request. */
  private async requireVerification(context: Context<TUser>, options: GateOptions): Promise<Decision<TUser>> {
    const { req, session, userId } = context;
    if (options.maxAgeSeconds === undefined && isPageRequest(req)) {
      const device = await this.twoFactor.verifyByDevice(context);
      if (device.type === 'verified')
        return this.success(context, options, { ...device, path: undefined, why: 'device' });
      if (device.type === 'verifiedElsewhere') return this.reload(context);
    }
    this.rejectOwnPages(req.originalUrl ?? req.url, req.method);
    const status = this.redirectStatus(req, options);
    if (!status) return this.fail(context, refuse('verification_required'));
    this.mount.assertRouter(req);
    // The user who types a code expects the page that asked for it, not one that another tab or an image requested since.
    if (!session.returnTo || !this.twoFactor.hasCode(context)) await this.remember(context, options);
    const location = pageUrl('/', this.settings.pagesUrl);
    return { action: 'redirect', location, status, why: 'verification_required', userId };
  }

  /** The status of a redirect, for a request that a person makes; `undefined` for one that fails with 401. */
  private redirectStatus(req: Request, options: GateOptions): 302 | 303 | undefined {
    if (handlesFailure(options)) return undefined;
    if (isPageRequest(req)) return 302;
    // A form that is posted from another site must not replace the page that the user wanted.
    return isFormSubmit(req) && !foreignHeaderOf(req, this.settings.allowedOrigins) ? 303 : undefined;
  }

  /** One of our pages can be the page before a form, but doesn't lead to itself. */
  private wayBackFor(req: Request): string | undefined {
    const { basePath, pagesUrl } = this.settings;
    const path = returnPathOf(req, basePath);
    return isRouterPath(path?.split('?', 1)[0] ?? '', pagesUrl, 'GET') ? undefined : path;
  }

  /** Whether the verification would let the user pass if there were recovery codes. */
  private lacksCodes(context: Context<TUser>, maxAgeSeconds: number | undefined): boolean {
    const { twoFactor } = this;
    return (
      twoFactor.access.needsRecoveryCodes(context) &&
      twoFactor.access.isVerified(context.session.verification, maxAgeSeconds)
    );
  }

  /** Redirects a page request to the page for recovery codes, and fails every other request. */
  private async requireCodes(context: Context<TUser>, options: GateOptions): Promise<Decision<TUser>> {
    const { req, userId } = context;
    const why = 'recovery_codes_required';
    const status = this.redirectStatus(req, options);
    if (!status) return this.fail(context, refuse(why), '/recovery-codes');
    this.mount.assertRouter(req);
    await this.remember(context, options);
    return { action: 'redirect', location: pageUrl('/recovery-codes', this.settings.pagesUrl), status, why, userId };
  }

  private async remember({ req, session }: Context<TUser>, { maxAgeSeconds: age }: GateOptions): Promise<void> {
    const path = this.wayBackFor(req);
    const returnTo = { ...(path === undefined ? {} : { path }), ...(age === undefined ? {} : { age }) };
    await session.setReturnTo(path === undefined && age === undefined ? undefined : returnTo);
  }

  private rejectOwnPages(target: string, method: string): void {
    const { mountPath, name } = this.settings;
    if (!isRouterPath(target.split('?', 1)[0] ?? '', mountPath, method)) return;
    const pages = pageUrl('/', mountPath);
    throw new TwilioVerifyError(
      'ERR_TWILIO_VERIFY_GATE_ON_ROUTER',
      `passport.authenticate('${name}') protects ${pages} itself, so users can't reach the verification pages. ` +
        `Mount the router first: add app.use('${pages}', twoFactor.router()) before it, or set the option "mountPath" ` +
        'to the path of the router.',
    );
  }

  private async fail(context: Context<TUser>, refusal: Refusal, page: PagePath = '/'): Promise<Decision<TUser>> {
    const { code, retryAfterSeconds, attemptsLeft } = refusal;
    const texts = this.settings.texts.for(await context.locale());
    const challenge: FailureInfo = {
      message: texts.refusal(refusal),
      code,
      location: pageUrl(page, this.settings.pagesUrl),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      ...(attemptsLeft === undefined ? {} : { attemptsLeft }),
      ...(typeof refusal.info === 'object' ? refusal.info : {}),
    };
    const { language } = texts;
    return { action: 'fail', challenge, status: REFUSAL_STATUS[code], language, why: code, userId: context.userId };
  }

  private success(context: Context<TUser>, options: GateOptions, success: Success<TUser>): Decision<TUser> {
    const { user, info, path, why, verification = context.session.verification } = success;
    // Passport reads the return path from here.
    if (options.successReturnToOrRedirect && path !== undefined) sessionOf(context.req).returnTo ??= path;
    const guard = new LogInGuard(this.settings, context, user, verification);
    return { action: 'success', user, info, guard, why, userId: context.userId };
  }
}

/** The code field of a posted body. Wrapped in an object, because its value can be anything. */
function postedCode(req: Request, codeField: string): { readonly value: unknown } | undefined {
  if (req.method !== 'POST') return undefined;
  const body: unknown = req.body;
  if (typeof body !== 'object' || body === null) return undefined;
  return Object.hasOwn(body, codeField) ? { value: (body as Record<string, unknown>)[codeField] } : undefined;
}

/** A URL as `res.redirect` sends it: a header has no place for other characters. */
function encodedUrl(url: string): string {
  return encodeURI(url).replaceAll('%25', '%');
}
