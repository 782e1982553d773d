import type { Refusal } from '../outcome.js';
import type { ViewModels, ViewName } from './models.js';

/** Show a page. */
export type ViewReply = {
  [V in ViewName]: {
    readonly type: 'view';
    readonly view: V;
    readonly model: ViewModels[V];
    readonly status: number;
    /** The error to show, and the id of the field it is about. */
    readonly error?: { readonly refusal: Refusal; readonly field: string };
    readonly retryAfterSeconds?: number | undefined;
  };
}[ViewName];

/** Go to another page, with GET. */
export interface RedirectReply {
  readonly type: 'redirect';
  readonly location: string;
}

/** What a handler gives back; the responder makes an answer of it. */
export type Reply = ViewReply | RedirectReply;

/** Shows a page, with 200 unless an error says otherwise. */
export function show<V extends ViewName>(
  view: V,
  model: ViewModels[V],
  rest: Partial<Pick<ViewReply, 'status' | 'error' | 'retryAfterSeconds'>> = {},
): Reply {
  return { type: 'view', view, model, status: 200, ...rest } as Reply;
}

/** Goes to another page: 303, so that reloading it posts nothing. */
export function redirect(location: string): RedirectReply {
  return { type: 'redirect', location };
}
