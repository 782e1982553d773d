import type { Request } from 'express';
import { REFUSAL_STATUS, type Refusal, refuse } from '../common/outcome.js';
import type { Context } from '../core/step/context.js';
import { acceptLanguageOf } from '../request/bounded-text.js';
import { createContext, type RequestSettings } from '../request/create-context.js';
import { ifLive } from '../request/ended-session.js';
import { crossSiteRefusal } from '../request/same-origin.js';
import type { Refused, RequestLike } from './results.js';

/** Settings for steps. */
export interface StepSettings<TUser> extends RequestSettings<TUser> {
  readonly allowedOrigins: readonly string[];
}

/** Result of a step before {@link StepRunner.run} adds the text to a refusal. */
export type Step<T> = T | Refusal;

/** Runs steps of the core for the user of a request. */
export class StepRunner<TUser> {
  constructor(private readonly settings: StepSettings<TUser>) {}

  /** Runs a step for the user of the request, if the request may change something, and adds the text to a refusal. */
  async run<T extends { readonly type: string }>(
    req: RequestLike,
    run: (context: Context<TUser>) => Promise<Step<T>>,
    isLogin = false,
  ): Promise<Exclude<T, Refusal> | Refused> {
    const request = asRequest(req);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const crossSite = isRead ? undefined : crossSiteRefusal(request, this.settings.allowedOrigins);
    if (crossSite) return this.refused(req, crossSite);
    const context = await this.contextIfAny(req, isLogin);
    if (!context) return this.refused(req, refuse('login_required'));
    const ended = refuse('login_required');
    const outcome = await ifLive<Step<T>>(
      request,
      () => run(context),
      () => ended,
    );
    if (outcome === ended) return this.refused(req, ended);
    if (isRefusal(outcome)) return this.refused(req, outcome, await context.locale());
    return outcome as Exclude<T, Refusal>;
  }

  /** @param isLogin - Whether the request may be the one that signs the user in: then the user is new to `session()`. */
  contextIfAny(req: RequestLike, isLogin = false): Promise<Context<TUser> | undefined> {
    return ifLive<Context<TUser> | undefined>(
      asRequest(req),
      () => createContext(this.settings, asRequest(req), isLogin),
      () => undefined,
    );
  }

  private async refused(req: RequestLike, refusal: Refusal, locale?: string): Promise<Refused> {
    const { texts } = this.settings;
    const message = texts.for(locale ?? texts.negotiate(acceptLanguageOf(req))).refusal(refusal);
    const { about: _, ...details } = refusal;
    return { ...details, message, status: REFUSAL_STATUS[refusal.code] };
  }
}

/** We read from a request only what requests of Express and Fastify have in common. */
export function asRequest(req: RequestLike): Request {
  return req as Request;
}

function isRefusal(outcome: { readonly type: string }): outcome is Refusal {
  return outcome.type === 'refused';
}
