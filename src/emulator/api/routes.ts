import type { ApiAnswer, ApiCall } from './api-call.js';
import type { Backend } from './backend.js';
import type { EmulatorCall } from './call-kinds.js';
import { fetchPhoneNumber } from './lookup-handlers.js';
import {
  createBucket,
  createRateLimit,
  deleteBucket,
  deleteRateLimit,
  fetchBucket,
  fetchRateLimit,
  listBuckets,
  listRateLimits,
  updateBucket,
  updateRateLimit,
} from './rate-limit-handlers.js';
import { createService, deleteService, fetchService, listServices, updateService } from './service-handlers.js';
import { TWILIO_OPERATIONS, type TwilioOperation } from './twilio-operations.js';
import {
  createVerification,
  createVerificationCheck,
  fetchVerification,
  updateVerification,
} from './verification-handlers.js';

/** A handler: the backend, the call, and the variable parts of the path. */
type Handler = (backend: Backend, call: ApiCall, ...variables: [string, string, string]) => ApiAnswer;

/** The emulation of one operation. */
interface Action {
  readonly kind: EmulatorCall;
  readonly handle: Handler;
}

const service = (handle: Handler): Action => ({ kind: 'service', handle });
const rateLimit = (handle: Handler): Action => ({ kind: 'rateLimit', handle });

/** The operations that the emulator emulates, by Twilio's name. */
const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ['CreateVerification', { kind: 'create', handle: createVerification }],
  ['CreateVerificationCheck', { kind: 'check', handle: createVerificationCheck }],
  ['FetchVerification', { kind: 'fetch', handle: fetchVerification }],
  ['UpdateVerification', { kind: 'update', handle: updateVerification }],
  ['ListService', service(listServices)],
  ['CreateService', service(createService)],
  ['FetchService', service(fetchService)],
  ['UpdateService', service(updateService)],
  ['DeleteService', service(deleteService)],
  ['ListRateLimit', rateLimit(listRateLimits)],
  ['CreateRateLimit', rateLimit(createRateLimit)],
  ['FetchRateLimit', rateLimit(fetchRateLimit)],
  ['UpdateRateLimit', rateLimit(updateRateLimit)],
  ['DeleteRateLimit', rateLimit(deleteRateLimit)],
  ['ListBucket', rateLimit(listBuckets)],
  ['CreateBucket', rateLimit(createBucket)],
  ['FetchBucket', rateLimit(fetchBucket)],
  ['UpdateBucket', rateLimit(updateBucket)],
  ['DeleteBucket', rateLimit(deleteBucket)],
  ['FetchPhoneNumber', { kind: 'lookup', handle: fetchPhoneNumber }],
]);

interface Route {
  readonly path: string;
  /** The parts of the path after `/v2`; `null` is a variable one. */
  readonly parts: readonly (string | null)[];
  /** The operations of the path by method. */
  readonly operations: Map<string, TwilioOperation>;
}

/** The routes by their number of parts. The list is sorted, so `/Attempts/Summary` comes before `/Attempts/{Sid}`. */
const ROUTES = new Map<number, Route[]>();
for (const operation of TWILIO_OPERATIONS) {
  const parts = operation.path.split('/').slice(2);
  const routes = ROUTES.get(parts.length) ?? [];
  ROUTES.set(parts.length, routes);
  const known = routes.at(-1);
  if (known?.path === operation.path) known.operations.set(operation.method, operation);
  else {
    routes.push({
      path: operation.path,
      parts: parts.map((part) => (part.startsWith('{') ? null : part)),
      operations: new Map([[operation.method, operation]]),
    });
  }
}

/** An action with the variable parts, an operation without an action, a path without that method, or nothing. */
export type RouteMatch =
  | { readonly found: 'action'; readonly action: Action; readonly variables: [string, string, string] }
  | { readonly found: 'operation'; readonly operation: TwilioOperation }
  | { readonly found: 'path' }
  | { readonly found: 'nothing' };

/** Finds the operation that a method and a path call. */
export function matchRoute(method: string, path: string): RouteMatch {
  const parts = decodeParts(path);
  const route = parts && ROUTES.get(parts.length)?.find((candidate) => matches(candidate, parts));
  if (parts === undefined || route === undefined) return { found: 'nothing' };
  const operation = route.operations.get(method);
  if (operation === undefined) return { found: 'path' };
  const action = ACTIONS.get(operation.operationId);
  if (action === undefined) return { found: 'operation', operation };
  const [first = '', second = '', third = ''] = parts.filter((_, index) => route.parts[index] === null);
  return { found: 'action', action, variables: [first, second, third] };
}

function matches({ parts: wanted }: Route, parts: readonly string[]): boolean {
  return wanted.every((part, index) => (part === null ? parts[index] !== '' : part === parts[index]));
}

function decodeParts(path: string): string[] | undefined {
  if (!path.startsWith('/v2/')) return undefined;
  try {
    return path.slice('/v2/'.length).split('/').map(decodeURIComponent);
  } catch {
    // A broken percent sign: no such path.
    return undefined;
  }
}
