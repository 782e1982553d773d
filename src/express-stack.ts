import type { EventEmitter } from 'node:events';
import type { Request } from 'express';

/** What `app.use` and `app.get` have added to a router, as far as Express 4 and 5 have it alike. */
interface Layer {
  readonly handle: unknown;
  readonly name: string;
  readonly route?: { readonly methods: Readonly<Record<string, unknown>> };
  /** Of Express 4, and of Express 5 before router 2.3: what `match` has found. Set anew for every request. */
  readonly path?: string;
  match(path: string): boolean | { readonly path: string };
}

type Stack = readonly Layer[];

/** A router, or anything that takes requests: found in a layer, or not. */
type Handler = (...args: never[]) => unknown;

interface Application {
  readonly parent?: Application;
  readonly _router?: { readonly stack?: Stack };
  readonly router?: { readonly stack?: Stack };
}

/**
 * Whether `GET path` gets to one of these routers, as its root; `undefined` where that cannot be known for certain:
 * with another framework, behind a proxy of the application's own, in an application within the application.
 */
export function canReach(req: Request, path: string, routers: readonly Handler[]): boolean | undefined {
  const stack = entryStackOf(req);
  if (!stack) return undefined;
  const isWanted = (layer: Layer) => routers.some((router) => router === layer.handle);
  const found = search(stack, path, isWanted);
  if (found !== false) return found;
  // Nothing there; but that says something only if this is where requests are told apart. A function that passes
  // everything on, to an application that it keeps to itself, looks like any other middleware.
  const isVisible = contains(
    stack,
    (layer) => isWanted(layer) || (layer.route !== undefined && layer.route === req.route),
  );
  return isVisible ? false : undefined;
}

/** The layers that every request to this server goes through, with its path as it came. */
function entryStackOf(req: Request): Stack | undefined {
  let app = req.app as unknown as Application | undefined;
  while (app?.parent) app = app.parent;
  const { server } = (req.socket ?? {}) as { server?: EventEmitter };
  const isEntry = app !== undefined && server?.listeners?.('request').includes(app as unknown as Handler);
  const isAsItCame = bare(`${req.baseUrl}${req.url}`) === bare(req.originalUrl);
  // Express 4 throws where it is asked for `router`.
  return isEntry && isAsItCame ? (app?._router ?? app?.router)?.stack : undefined;
}

function search(stack: Stack, path: string, isWanted: (layer: Layer) => boolean): boolean | undefined {
  let result: boolean | undefined = false;
  for (const layer of stack) {
    const rest = restOf(layer, path);
    if (rest === undefined || isErrorHandler(layer)) continue;
    if (isWanted(layer)) {
      if (rest === '/') return true;
      continue;
    }
    const nested = stackOf(layer.handle);
    const found = nested ? search(nested, rest, isWanted) : mayHide(layer, path, rest) ? undefined : false;
    if (found) return true;
    if (found === undefined) result = undefined;
  }
  return result;
}

/** Whether a layer that shows nothing of itself may answer this path, or pass it on to a router that it keeps to itself. */
function mayHide(layer: Layer, path: string, rest: string): boolean {
  if (layer.route) return Boolean(layer.route.methods.get || layer.route.methods._all);
  // Middleware for everything, such as the session's, is taken for what it is.
  return rest === '/' || rest !== path || layer.name === 'mounted_app';
}

/** What a layer leaves of a path; `undefined` if the path is none of its own. */
function restOf(layer: Layer, path: string): string | undefined {
  const match = layer.match(path);
  if (!match) return undefined;
  const rest = path.slice(typeof match === 'object' ? match.path.length : (layer.path?.length ?? 0));
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function contains(stack: Stack, isWanted: (layer: Layer) => boolean, seen = new Set<Stack>()): boolean {
  if (seen.has(stack)) return false;
  seen.add(stack);
  return stack.some((layer) => isWanted(layer) || contains(stackOf(layer.handle) ?? [], isWanted, seen));
}

function isErrorHandler({ handle }: Layer): boolean {
  return typeof handle === 'function' && handle.length === 4;
}

function stackOf(handle: unknown): Stack | undefined {
  const stack = (handle as { stack?: unknown } | null | undefined)?.stack;
  return Array.isArray(stack) ? stack : undefined;
}

/** Without query, and without the slash that Express adds. */
function bare(url: string): string {
  return (url.split('?', 1)[0] ?? '').replace(/\/+$/, '');
}
