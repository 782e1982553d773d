import type { Refusal } from '../common/outcome.js';
import type { PagePath } from '../common/page-paths.js';
import type { ViewModels, ViewName } from './models.js';

/** The result of a step. JSON has it in addition to the page that follows. */
export type StepResult =
  | 'sent'
  | 'approved'
  | 'alreadyVerified'
  | 'numberAccepted'
  | 'canceled'
  | 'skipped'
  | 'created'
  | 'confirmed'
  | 'forgotten'
  | 'preferenceSaved'
  | 'otherSessionsEnded';

/** Show a page. */
export type ViewReply = {
  [V in ViewName]: {
    readonly type: 'view';
    readonly view: V;
    readonly model: ViewModels[V];
    readonly status: number;
    /** The error to show, and the id of the field it is about, if it is about one. */
    readonly error?: { readonly refusal: Refusal; readonly field?: string };
    readonly retryAfterSeconds?: number | undefined;
    readonly result?: StepResult;
  };
}[ViewName];

/** Go to another page of the router, with GET. */
export interface PageReply {
  readonly type: 'page';
  readonly page: PagePath;
  readonly result?: StepResult;
}

/** Go to another page of the router, because a step was refused. */
export interface RefusedReply {
  readonly type: 'redirectRefused';
  readonly page: PagePath;
  readonly refusal: Refusal;
  /** ID of the field that the refusal is about: the page shows the error once, and a reload posts nothing again. */
  readonly field?: string;
  /** Whether the box on the code page stays checked. */
  readonly rememberDevice?: boolean;
}

/** Leave our pages, with GET. */
export interface RedirectReply {
  readonly type: 'redirect';
  readonly location: string;
  readonly result?: StepResult;
}

/** The result of a handler, which the responder turns into a response. */
export type Reply = ViewReply | PageReply | RefusedReply | RedirectReply;

/** A reply for an API client, which is not redirected from page to page. */
export type FinalReply = Exclude<Reply, PageReply>;

/** Shows a page, with 200 unless an error says otherwise. */
export function show<V extends ViewName>(
  view: V,
  model: ViewModels[V],
  rest: Partial<Pick<ViewReply, 'status' | 'error' | 'retryAfterSeconds' | 'result'>> = {},
): ViewReply {
  return { type: 'view', view, model, status: 200, ...rest } as ViewReply;
}

/** Goes to another page of the router. */
export function goTo(page: PagePath, result?: StepResult): PageReply {
  return { type: 'page', page, ...(result ? { result } : {}) };
}

/** Goes to another page of the router because a step was refused. */
export function redirectRefused(page: PagePath, refusal: Refusal, field?: string): RefusedReply {
  return { type: 'redirectRefused', page, refusal, ...(field === undefined ? {} : { field }) };
}

/** Leaves our pages. */
export function redirect(location: string, result?: StepResult): RedirectReply {
  return { type: 'redirect', location, ...(result ? { result } : {}) };
}
