/// <reference types="passport" preserve="true" />
import type { Request } from 'express';
import type { Context } from './context.js';
import { TwilioVerifyError } from './errors.js';
import type { LogInHooks } from './log-in.js';
import { MarkKeeper } from './mark-keeper.js';
import { chain, type MaybePromise } from './maybe-promise.js';
import { REFUSAL_STATUS, type Refusal, type RefusalCode, refuse } from './outcome.js';
import { contextOf, isPageRequest, localeOf, primaryUserOf } from './request-context.js';
import { returnPathOf } from './return-path.js';
import type { RouterMount } from './router-mount.js';
import { isSameOrigin } from './same-origin.js';
import type { Mark } from './session-record.js';
import { sessionOf } from './session-store.js';
import { maxAgeIn, type Settings } from './settings.js';
import { isTracing, traceDecision } from './trace.js';
import type { TwoFactor } from './two-factor.js';

declare module 'passport' {
  interface AuthenticateOptions {
    /** How young the verification must be on this route, in seconds, at least 30: step-up. For `twilio-2fa`. */
    maxAgeSeconds?: number | undefined;
    /** `false`: a page request gets 401, too, and is not sent to the pages. For `twilio-2fa`. */
    redirect?: boolean | undefined;
  }
}

/** What a route may pass to `passport.authenticate('twilio-2fa', options)`; the rest is Passport's own. */
export interface GateOptions {
  /** How young the verification must be on this route, in seconds, at least 30: step-up. */
  readonly maxAgeSeconds?: number;
  readonly failureRedirect?: string;
  readonly failWithError?: boolean;
  /** `false` answers a page request, too, with 401, and not with the way to the pages. */
  readonly redirect?: boolean;
  readonly successReturnToOrRedirect?: string;
}

/** What `fail` tells Passport's callback and `failureMessage`: an object always, as a string would become a header. */
export interface FailureInfo {
  readonly message: string;
  readonly code: RefusalCode;
  /** Where the person can go on. */
  readonly location?: string;
  readonly retryAfterSeconds?: number;
  readonly attemptsLeft?: number;
}

/** How a request ends: one of Passport's actions. A fault is thrown. */
export type Decision<TUser> = (
  | { readonly action: 'success'; readonly user: TUser; readonly info: object; readonly logInHooks: LogInHooks }
  | { readonly action: 'fail'; readonly challenge: FailureInfo; readonly status: number }
  | { readonly action: 'redirect'; readonly location: string }
) &
  Told;

/** For the trace. */
interface Told {
  readonly why: RefusalCode | 'approved' | 'passed' | 'verified' | 'skipped' | 'not_required';
  readonly userId?: string;
}

/** With what a request goes on. */
interface Passed<TUser> extends Told {
  readonly user: TUser;
  readonly info: object;
  readonly mark: Mark | undefined;
  readonly path: string | undefined;
}

/** The paths that the router answers to GET, below `mountPath`. */
const PAGES: readonly string[] = ['', '/verify', '/register', '/change', '/success', '/failed'];

/** Those that it answers to POST only. */
const POSTS: readonly string[] = ['/resend', '/cancel', '/skip'];

/** Decides which step a request is, and what follows from it. */
export class Gate<TUser> {
  constructor(
    private readonly settings: Settings<TUser>,
    private readonly twoFactor: TwoFactor<TUser>,
    private readonly mount: RouterMount,
  ) {}

  /** The decision; at once, for a request that may pass and needs no asynchronous callback to know it. */
  decide(req: Request, options: GateOptions): MaybePromise<Decision<TUser>> {
    return isTracing ? traceDecision(req, () => this.judge(req, options)) : this.judge(req, options);
  }

  private judge(req: Request, options: GateOptions): MaybePromise<Decision<TUser>> {
    sessionOf(req);
    const maxAgeSeconds = maxAgeIn(`passport.authenticate('${this.settings.name}')`, options.maxAgeSeconds);
    const user = primaryUserOf<TUser>(req);
    if (user === undefined) return this.withoutUser(req, options);
    return chain(contextOf(this.settings, req, user), (context) => {
      const { mark } = context.session;
      return chain(this.twoFactor.isPassed(context, mark, maxAgeSeconds), (isPassed) => {
        if (!isPassed) return this.secondStep(context, options);
        const path = this.wayOfSecondSubmit(context, mark);
        return chain(this.whyPassed(context, mark, maxAgeSeconds), (why) =>
          this.success(context, options, { user, info: {}, mark, path, why }),
        );
      });
    });
  }

  private withoutUser(req: Request, options: GateOptions): Decision<TUser> {
    const { loginUrl } = this.settings;
    const why = 'login_required';
    if (loginUrl && isPageRequest(req) && !handlesFailure(options)) {
      return { action: 'redirect', location: loginUrl, why };
    }
    const { texts } = this.settings;
    const { text } = texts.for(texts.negotiate(req.headers['accept-language']));
    const challenge = { message: text('refusal.login_required'), code: why } as const;
    return { action: 'fail', challenge: loginUrl ? { ...challenge, location: loginUrl } : challenge, status: 401, why };
  }

  private whyPassed(
    context: Context<TUser>,
    mark: Mark | undefined,
    maxAgeSeconds: number | undefined,
  ): MaybePromise<Told['why']> {
    if (!isTracing) return 'passed';
    if (this.twoFactor.isVerified(mark, maxAgeSeconds)) return 'verified';
    return chain(maxAgeSeconds === undefined && this.twoFactor.isSkipped(context), (isSkipped) =>
      isSkipped ? 'skipped' : 'not_required',
    );
  }

  /** A form that was posted twice goes where the first went; every other request that passes stays where it is. */
  private wayOfSecondSubmit({ req }: Context<TUser>, mark: Mark | undefined): string | undefined {
    return mark?.wentTo !== undefined && postedCode(req, this.settings.codeField) ? mark.wentTo : undefined;
  }

  private async secondStep(context: Context<TUser>, options: GateOptions): Promise<Decision<TUser>> {
    const typed = this.typedCode(context);
    return typed === undefined ? this.stop(context, options) : this.check(context, typed, options);
  }

  /** The code that this request brings for what is pending; `undefined` if it does not. */
  private typedCode({ req, session }: Context<TUser>): { readonly value: unknown } | undefined {
    const { pending } = session;
    const isAwaited = pending?.sent !== undefined && pending.purpose !== 'change';
    return isAwaited ? postedCode(req, this.settings.codeField) : undefined;
  }

  private async check(
    context: Context<TUser>,
    typed: { readonly value: unknown },
    options: GateOptions,
  ): Promise<Decision<TUser>> {
    const { req, session } = context;
    if (!isSameOrigin(req, this.settings.allowedOrigins)) return this.fail(context, refuse('cross_site'));
    if (typeof typed.value !== 'string') return this.fail(context, refuse('bad_request'));
    const stoppedAt = session.returnTo?.path;
    const outcome = await this.twoFactor.check(context, typed.value);
    switch (outcome.type) {
      case 'approved':
        return this.success(context, options, { ...outcome, mark: session.mark, path: stoppedAt, why: 'approved' });
      case 'alreadyVerified':
        // Verified, but not as young as this route asks: or the request had passed before.
        return this.fail(context, refuse('nothing_pending'));
      case 'refused':
        return this.fail(context, outcome);
    }
  }

  /** A request that brings nothing: on to the start page, or 401. */
  private async stop(context: Context<TUser>, options: GateOptions): Promise<Decision<TUser>> {
    const { req, session, userId } = context;
    const { mountPath, name } = this.settings;
    const target = req.originalUrl ?? req.url;
    const pathname = target.split('?', 1)[0] ?? '';
    if (isPageOfOurs(pathname, mountPath, req.method)) {
      const pages = mountPath || '/';
      throw new TwilioVerifyError(
        'ERR_TWILIO_VERIFY_GATE_ON_ROUTER',
        `passport.authenticate('${name}') stands in front of the pages at ${pages}, which nobody could reach then. ` +
          `Put app.use('${pages}', twoFactor.router()) before it, or set the option "mountPath" to where the router is.`,
      );
    }
    if (!isPageRequest(req) || handlesFailure(options)) return this.fail(context, refuse('verification_required'));
    this.mount.assertReachable(req);
    const path = returnPathOf(target);
    const { maxAgeSeconds } = options;
    const age = maxAgeSeconds === undefined ? {} : { age: maxAgeSeconds };
    session.setReturnTo(path === undefined ? undefined : { path, ...age });
    return { action: 'redirect', location: mountPath || '/', why: 'verification_required', userId };
  }

  private async fail(context: Context<TUser>, refusal: Refusal): Promise<Decision<TUser>> {
    const { code, retryAfterSeconds, attemptsLeft } = refusal;
    const texts = this.settings.texts.for(await localeOf(this.settings, context.req, context.user));
    const challenge: FailureInfo = {
      message: texts.refusal(refusal),
      code,
      location: this.settings.mountPath || '/',
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      ...(attemptsLeft === undefined ? {} : { attemptsLeft }),
      ...(typeof refusal.info === 'object' ? refusal.info : {}),
    };
    return { action: 'fail', challenge, status: REFUSAL_STATUS[code], why: code, userId: context.userId };
  }

  private success(context: Context<TUser>, options: GateOptions, passed: Passed<TUser>): Decision<TUser> {
    const { user, info, mark, path, why } = passed;
    // Where Passport looks for the way back.
    if (options.successReturnToOrRedirect && path !== undefined) sessionOf(context.req).returnTo ??= path;
    const logInHooks = new MarkKeeper(this.settings, context, user, mark);
    return { action: 'success', user, info, logInHooks, why, userId: context.userId };
  }
}

/** The field with the code in a posted body; in an object, since anything may stand there. */
function postedCode(req: Request, codeField: string): { readonly value: unknown } | undefined {
  if (req.method !== 'POST') return undefined;
  const body: unknown = req.body;
  if (typeof body !== 'object' || body === null) return undefined;
  return Object.hasOwn(body, codeField) ? { value: (body as Record<string, unknown>)[codeField] } : undefined;
}

/** Whether a path is one of the router's pages; it leaves every other path below its own to the application. */
function isPageOfOurs(pathname: string, mountPath: string, method: string): boolean {
  const paths = method === 'POST' ? [...PAGES, ...POSTS] : PAGES;
  return pathname.startsWith(mountPath) && paths.includes(pathname.slice(mountPath.length).replace(/\/$/, ''));
}

/** Whether the route answers a refusal itself. */
function handlesFailure({ failureRedirect, failWithError, redirect }: GateOptions): boolean {
  return Boolean(failureRedirect || failWithError) || redirect === false;
}
