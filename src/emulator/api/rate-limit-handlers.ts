import { addBucket, type Bucket, updateBucket as changeBucket, type RateLimit } from '../rules/rate-limits.js';
import type { ApiAnswer, ApiCall } from './api-call.js';
import { ApiError, missingParameter, notFound } from './api-error.js';
import { type Backend, contextOf, requireService } from './backend.js';
import { pageOf } from './paging.js';
import { readInteger, readText, requireText } from './parameters.js';
import { bucketResource, rateLimitResource } from './resources.js';

/** Highest count and longest interval, in seconds, that a bucket may have; the interval is a day. */
const BUCKET_LIMITS = { max: 1_000_000, intervalSeconds: 86_400 } as const;

/** `POST …/RateLimits`: makes a rate limit. */
export function createRateLimit(backend: Backend, call: ApiCall, serviceSid: string): ApiAnswer {
  const { sid } = requireService(backend, serviceSid, call.path);
  const uniqueName = requireText(call.form, 'UniqueName');
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(uniqueName)) throw new ApiError(60209);
  const description = readText(call.form, 'Description') ?? null;
  const limit = backend.rateLimits.create(sid, uniqueName, description, call.nowMs);
  return { status: 201, body: rateLimitResource(contextOf(backend, call), limit) };
}

/** `GET …/RateLimits`: lists the rate limits of a service. */
export function listRateLimits(backend: Backend, call: ApiCall, serviceSid: string): ApiAnswer {
  const { sid } = requireService(backend, serviceSid, call.path);
  const context = contextOf(backend, call);
  const write = (limit: RateLimit) => rateLimitResource(context, limit);
  return { status: 200, body: pageOf(call, 'rate_limits', backend.rateLimits.list(sid), write) };
}

/** `GET …/RateLimits/{Sid}`: fetches a rate limit. */
export function fetchRateLimit(backend: Backend, call: ApiCall, serviceSid: string, sid: string): ApiAnswer {
  const limit = requireRateLimit(backend, call, serviceSid, sid);
  return { status: 200, body: rateLimitResource(contextOf(backend, call), limit) };
}

/** `POST …/RateLimits/{Sid}`: changes a rate limit. */
export function updateRateLimit(backend: Backend, call: ApiCall, serviceSid: string, sid: string): ApiAnswer {
  const limit = requireRateLimit(backend, call, serviceSid, sid);
  limit.description = readText(call.form, 'Description') ?? limit.description;
  limit.updatedAtMs = call.nowMs;
  return { status: 200, body: rateLimitResource(contextOf(backend, call), limit) };
}

/** `DELETE …/RateLimits/{Sid}`: deletes a rate limit with its buckets. */
export function deleteRateLimit(backend: Backend, call: ApiCall, serviceSid: string, sid: string): ApiAnswer {
  const limit = requireRateLimit(backend, call, serviceSid, sid);
  backend.rateLimits.delete(limit.serviceSid, limit.sid);
  return { status: 204, body: null };
}

/** `POST …/Buckets`: adds a bucket to a rate limit. */
export function createBucket(backend: Backend, call: ApiCall, serviceSid: string, limitSid: string): ApiAnswer {
  const limit = requireRateLimit(backend, call, serviceSid, limitSid);
  const { max, interval } = readBucket(call.form);
  if (max === undefined) throw missingParameter('Max');
  if (interval === undefined) throw missingParameter('Interval');
  const bucket = addBucket(limit, max, interval, call.nowMs);
  return { status: 201, body: bucketResource(contextOf(backend, call), limit, bucket) };
}

/** `GET …/Buckets`: lists the buckets of a rate limit. */
export function listBuckets(backend: Backend, call: ApiCall, serviceSid: string, limitSid: string): ApiAnswer {
  const limit = requireRateLimit(backend, call, serviceSid, limitSid);
  const context = contextOf(backend, call);
  const write = (bucket: Bucket) => bucketResource(context, limit, bucket);
  return { status: 200, body: pageOf(call, 'buckets', [...limit.buckets.values()], write) };
}

/** `GET …/Buckets/{Sid}`: fetches a bucket. */
export function fetchBucket(backend: Backend, call: ApiCall, serviceSid: string, limitSid: string, sid: string) {
  const { limit, bucket } = requireBucket(backend, call, serviceSid, limitSid, sid);
  return { status: 200, body: bucketResource(contextOf(backend, call), limit, bucket) };
}

/** `POST …/Buckets/{Sid}`: changes a bucket. */
export function updateBucket(backend: Backend, call: ApiCall, serviceSid: string, limitSid: string, sid: string) {
  const { limit, bucket } = requireBucket(backend, call, serviceSid, limitSid, sid);
  const { max, interval } = readBucket(call.form);
  changeBucket(limit, bucket, max ?? bucket.max, interval ?? bucket.intervalSeconds, call.nowMs);
  return { status: 200, body: bucketResource(contextOf(backend, call), limit, bucket) };
}

/** `DELETE …/Buckets/{Sid}`: deletes a bucket. */
export function deleteBucket(backend: Backend, call: ApiCall, serviceSid: string, limitSid: string, sid: string) {
  const { limit, bucket } = requireBucket(backend, call, serviceSid, limitSid, sid);
  limit.buckets.delete(bucket.sid);
  return { status: 204, body: null };
}

function readBucket(form: URLSearchParams): { max: number | undefined; interval: number | undefined } {
  return {
    max: readInteger(form, 'Max', 1, BUCKET_LIMITS.max),
    interval: readInteger(form, 'Interval', 1, BUCKET_LIMITS.intervalSeconds),
  };
}

function requireRateLimit(backend: Backend, call: ApiCall, serviceSid: string, sid: string): RateLimit {
  const service = requireService(backend, serviceSid, call.path);
  const limit = backend.rateLimits.get(service.sid, sid);
  if (limit === undefined) throw notFound(call.path);
  return limit;
}

function requireBucket(backend: Backend, call: ApiCall, serviceSid: string, limitSid: string, sid: string) {
  const limit = requireRateLimit(backend, call, serviceSid, limitSid);
  const bucket = limit.buckets.get(sid);
  if (bucket === undefined) throw notFound(call.path);
  return { limit, bucket };
}
