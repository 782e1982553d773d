import type { Request, Response } from 'express';
import type { MaybePromise, Setting, UserContext } from '../common/callback.js';
import type { Method } from '../common/methods.js';
import type { ShippedFiles } from '../common/shipped-files.js';
import type { CreateLimiter } from '../limits/limiter-store.js';
import type { RequestSettings } from '../request/create-context.js';
import type { FactorStore } from '../store/factor-store.js';
import type { TwilioClient } from '../twilio/client.js';
import type { BaseModel, Brand, CsrfField, ViewModels, ViewName } from './models.js';

/** Argument of `methodDisplay`. */
export interface MethodDisplayContext {
  readonly method: Method;
  /** BCP 47, such as `pt-BR`. */
  readonly locale: string;
}

/** Appearance of a method. Fields that are missing keep their default. */
export interface MethodDisplay {
  /** CSS classes, such as Font Awesome's `fas fa-phone`; `null` for no icon. */
  readonly icon?: string | null;
  readonly label?: string;
}

/** Argument of `render`. */
export interface RenderContext {
  readonly req: Request;
  /** Has its status and headers. Return a string to send it, or answer here yourself, for example with `res.render`. */
  readonly res: Response;
  readonly view: ViewName;
  /** {@link BaseModel} with the fields of this view in {@link ViewModels}. */
  readonly model: BaseModel & ViewModels[ViewName];
}

/** Settings for the pages. */
export interface PageSettings<TUser> extends RequestSettings<TUser> {
  readonly clock: () => number;
  /** Prefix that a reverse proxy removes. */
  readonly basePath: string;
  /** Path of the pages as browsers see it: `basePath` and `mountPath`. */
  readonly pagesUrl: string;
  readonly codeField: string;
  readonly country: string;
  readonly allowedCountries: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly allowChange: Setting<UserContext<TUser>, boolean>;
  readonly endOtherSessions: ((context: UserContext<TUser>) => MaybePromise<unknown>) | undefined;
  readonly store: FactorStore | undefined;
  readonly rememberDevice: { readonly days: number } | undefined;
  readonly verifySuccessUrl: Setting<UserContext<TUser>, string | undefined>;
  readonly loginUrl: string | undefined;
  readonly logoutUrl: string | undefined;
  readonly helpUrl: string | undefined;
  readonly showLastDigits: boolean;
  readonly brand: Brand | undefined;
  readonly stylesheets: readonly string[];
  readonly csrfToken: Setting<{ readonly req: Request }, CsrfField | undefined>;
  readonly methodDisplay: Setting<MethodDisplayContext, MethodDisplay | undefined>;
  readonly render: Setting<RenderContext, string | undefined> | undefined;
  /** Template folders of the app, searched before our own. */
  readonly views: readonly string[];
  readonly files: () => ShippedFiles;
  readonly client: TwilioClient | undefined;
  readonly createLimiter: CreateLimiter | undefined;
}
