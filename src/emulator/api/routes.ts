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
import {
  createVerification,
  createVerificationCheck,
  fetchVerification,
  updateVerification,
} from './verification-handlers.js';

/** A handler: the backend, the call, and the variable parts of the path. */
type Handler = (backend: Backend, call: ApiCall, ...variables: [string, string, string]) => ApiAnswer;

/** What one method of a path does. */
interface Action {
  readonly kind: EmulatorCall;
  readonly handle: Handler;
}

interface Route {
  /** The parts of the path after `/v2`; `null` is a variable one. */
  readonly parts: readonly (string | null)[];
  readonly actions: Readonly<Partial<Record<string, Action>>>;
}

const service = (handle: Handler): Action => ({ kind: 'service', handle });
const rateLimit = (handle: Handler): Action => ({ kind: 'rateLimit', handle });

const ROUTES: readonly Route[] = [
  { parts: ['Services', null, 'Verifications'], actions: { POST: { kind: 'create', handle: createVerification } } },
  {
    parts: ['Services', null, 'VerificationCheck'],
    actions: { POST: { kind: 'check', handle: createVerificationCheck } },
  },
  {
    parts: ['Services', null, 'Verifications', null],
    actions: {
      GET: { kind: 'fetch', handle: fetchVerification },
      POST: { kind: 'update', handle: updateVerification },
    },
  },
  { parts: ['Services'], actions: { GET: service(listServices), POST: service(createService) } },
  {
    parts: ['Services', null],
    actions: { GET: service(fetchService), POST: service(updateService), DELETE: service(deleteService) },
  },
  {
    parts: ['Services', null, 'RateLimits'],
    actions: { GET: rateLimit(listRateLimits), POST: rateLimit(createRateLimit) },
  },
  {
    parts: ['Services', null, 'RateLimits', null],
    actions: {
      GET: rateLimit(fetchRateLimit),
      POST: rateLimit(updateRateLimit),
      DELETE: rateLimit(deleteRateLimit),
    },
  },
  {
    parts: ['Services', null, 'RateLimits', null, 'Buckets'],
    actions: { GET: rateLimit(listBuckets), POST: rateLimit(createBucket) },
  },
  {
    parts: ['Services', null, 'RateLimits', null, 'Buckets', null],
    actions: { GET: rateLimit(fetchBucket), POST: rateLimit(updateBucket), DELETE: rateLimit(deleteBucket) },
  },
  { parts: ['PhoneNumbers', null], actions: { GET: { kind: 'lookup', handle: fetchPhoneNumber } } },
];

/** What a path leads to: an action with the variable parts, a path without that method, or nothing. */
export type RouteMatch =
  | { readonly found: 'action'; readonly action: Action; readonly variables: [string, string, string] }
  | { readonly found: 'path' }
  | { readonly found: 'nothing' };

/** Finds what a method and a path mean. */
export function matchRoute(method: string, path: string): RouteMatch {
  const parts = decodeParts(path);
  if (parts === undefined) return { found: 'nothing' };
  for (const route of ROUTES) {
    if (route.parts.length !== parts.length) continue;
    if (!route.parts.every((part, index) => (part === null ? parts[index] !== '' : part === parts[index]))) continue;
    const action = route.actions[method];
    if (action === undefined) return { found: 'path' };
    const [first = '', second = '', third = ''] = parts.filter((_, index) => route.parts[index] === null);
    return { found: 'action', action, variables: [first, second, third] };
  }
  return { found: 'nothing' };
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
