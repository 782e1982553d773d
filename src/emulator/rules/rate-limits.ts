import { ApiError } from '../api/api-error.js';
import { createSid } from './sids.js';

/** A rate limit of a service. Callers name it with a key, such as an IP address. */
export interface RateLimit {
  readonly sid: string;
  readonly serviceSid: string;
  readonly uniqueName: string;
  readonly createdAtMs: number;
  description: string | null;
  updatedAtMs: number;
  readonly buckets: Map<string, Bucket>;
}

/** How many creates one key may make in how long. */
export interface Bucket {
  readonly sid: string;
  readonly createdAtMs: number;
  max: number;
  intervalSeconds: number;
  updatedAtMs: number;
  /** The current window of each key. */
  readonly used: Map<string, Window>;
}

interface Window {
  count: number;
  readonly endsAtMs: number;
}

/** Rate limits that a service, and buckets that a rate limit, may have. Twilio has such caps; the figure is ours. */
const MAX_PER_PARENT = 10;

/** Keys that a bucket remembers; beyond it the oldest is forgotten. */
const MAX_KEYS = 10_000;

/** The rate limits of all services. */
export interface RateLimitStore {
  create(serviceSid: string, uniqueName: string, description: string | null, nowMs: number): RateLimit;
  get(serviceSid: string, sid: string): RateLimit | undefined;
  delete(serviceSid: string, sid: string): boolean;
  list(serviceSid: string): RateLimit[];
  /**
   * Counts one create against every bucket of the named limits; a name that the service has no limit for counts
   * nothing.
   *
   * @throws ApiError 20429 if one of them is full. It counts nothing in that case.
   */
  consume(serviceSid: string, keys: Readonly<Record<string, string>>, nowMs: number): void;
  deleteService(serviceSid: string): void;
  clear(): void;
}

/** Makes an empty store. */
export function createRateLimitStore(): RateLimitStore {
  const byService = new Map<string, Map<string, RateLimit>>();
  const list = (serviceSid: string) => [...(byService.get(serviceSid)?.values() ?? [])];
  return {
    list,
    create(serviceSid, uniqueName, description, nowMs) {
      const siblings = list(serviceSid);
      if (siblings.some((sibling) => sibling.uniqueName === uniqueName)) throw new ApiError(60208);
      if (siblings.length >= MAX_PER_PARENT) throw new ApiError(60207);
      const sid = createSid('RK');
      const times = { createdAtMs: nowMs, updatedAtMs: nowMs };
      const limit: RateLimit = { sid, serviceSid, uniqueName, description, ...times, buckets: new Map() };
      byService.set(serviceSid, (byService.get(serviceSid) ?? new Map<string, RateLimit>()).set(sid, limit));
      return limit;
    },
    get: (serviceSid, sid) => byService.get(serviceSid)?.get(sid),
    delete: (serviceSid, sid) => byService.get(serviceSid)?.delete(sid) ?? false,
    consume(serviceSid, keys, nowMs) {
      const windows = list(serviceSid).flatMap(({ uniqueName, buckets }) => {
        const key = Object.hasOwn(keys, uniqueName) ? keys[uniqueName] : undefined;
        return key === undefined ? [] : [...buckets.values()].map((bucket) => openWindow(bucket, key, nowMs));
      });
      if (windows.some(({ window, max }) => window.count >= max)) throw new ApiError(20429);
      for (const { window } of windows) window.count += 1;
    },
    deleteService: (serviceSid) => byService.delete(serviceSid),
    clear: () => byService.clear(),
  };
}

/** Adds a bucket to a rate limit. */
export function addBucket(limit: RateLimit, max: number, intervalSeconds: number, nowMs: number): Bucket {
  refuseSameInterval(limit, intervalSeconds);
  if (limit.buckets.size >= MAX_PER_PARENT) throw new ApiError(60210);
  const times = { createdAtMs: nowMs, updatedAtMs: nowMs };
  const bucket: Bucket = { sid: createSid('BL'), max, intervalSeconds, ...times, used: new Map() };
  limit.buckets.set(bucket.sid, bucket);
  return bucket;
}

/** Changes a bucket; with a new interval its keys start afresh. */
export function updateBucket(limit: RateLimit, bucket: Bucket, max: number, intervalSeconds: number, nowMs: number) {
  if (intervalSeconds !== bucket.intervalSeconds) {
    refuseSameInterval(limit, intervalSeconds);
    bucket.used.clear();
  }
  bucket.max = max;
  bucket.intervalSeconds = intervalSeconds;
  bucket.updatedAtMs = nowMs;
}

function refuseSameInterval(limit: RateLimit, intervalSeconds: number): void {
  for (const bucket of limit.buckets.values()) {
    if (bucket.intervalSeconds === intervalSeconds) throw new ApiError(60211);
  }
}

function openWindow(bucket: Bucket, key: string, nowMs: number): { window: Window; max: number } {
  const open = bucket.used.get(key);
  if (open !== undefined && nowMs < open.endsAtMs) return { window: open, max: bucket.max };
  const window = { count: 0, endsAtMs: nowMs + bucket.intervalSeconds * 1_000 };
  // Taken out first, so that the Map stays in the order in which its windows end.
  bucket.used.delete(key);
  bucket.used.set(key, window);
  for (const [oldest, { endsAtMs }] of bucket.used) {
    if (endsAtMs > nowMs && bucket.used.size <= MAX_KEYS) break;
    bucket.used.delete(oldest);
  }
  return { window, max: bucket.max };
}
