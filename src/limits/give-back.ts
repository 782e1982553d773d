import type { ClearMarks } from './clear-marks.js';
import type { LimiterResult, LimiterStore } from './limiter-store.js';

/** The end of a counter's period in epoch milliseconds of this process, as exactly as a call to the store tells. */
export interface PeriodEnd {
  readonly earliest: number;
  readonly latest: number;
}

/** A point that was taken, and what tells its counter from a later one under the same key. */
export interface TakenPoint {
  readonly store: LimiterStore;
  readonly key: string;
  /** The random number of a counter without an end, as it was before the point was taken. */
  readonly mark?: { readonly marks: ClearMarks; readonly value: number };
  /** For a counter with an end. Another one, after a clear or an expiry, ends at another time. */
  readonly end?: PeriodEnd;
}

/**
 * The clocks of the store and of this process may differ this much in what they round. Shorter than a step of any user.
 */
const CLOCK_ERROR_MS = 5;

/** Calls a limiter, and tells when the counter ends by its answer. */
export async function timed<T extends LimiterResult | null>(
  call: () => Promise<T>,
): Promise<{ readonly state: T; readonly end: PeriodEnd }> {
  const askedAt = Date.now();
  const state = await call();
  const ms = state?.msBeforeNext ?? 0;
  return { state, end: { earliest: askedAt + ms, latest: Date.now() + ms } };
}

/**
 * Puts points back, except into counters that were cleared or have expired since. No counter stays below zero.
 *
 * Limiters can't compare and give back in one step, so the counters are compared before and after. A counter that was
 * cleared, or has expired, in between gets its point back. Until then, for the time of one call to the store, it allows
 * one more than it should. A clear that comes after the point was given back, but before the second look, leaves one
 * point taken: an error on the strict side.
 *
 * @returns the points that were given back
 */
export async function giveBack(points: readonly TakenPoint[]): Promise<readonly TakenPoint[]> {
  const results = await Promise.all(points.map(async (point) => ((await giveOneBack(point)) ? [point] : [])));
  return results.flat();
}

async function giveOneBack(point: TakenPoint): Promise<boolean> {
  if (!(await isSameRow(point)) || !(await isInItsPeriod(point))) return false;
  const { store, key } = point;
  const { state, end } = await timed(() => store.call((limiter) => limiter.reward(key)));
  if (state.consumedPoints >= 0 && isOfPeriod(point, end) && (await isSameRow(point))) return true;
  await store.call((limiter) => limiter.penalty(key));
  return false;
}

/** Deletes the counter of a point, unless it was cleared or has expired since. */
export async function forget(point: TakenPoint): Promise<void> {
  const { store, key } = point;
  if (await isInItsPeriod(point)) await store.call((limiter) => limiter.delete(key));
}

async function isSameRow({ key, mark }: TakenPoint): Promise<boolean> {
  return !mark || (await mark.marks.read(key)) === mark.value;
}

async function isInItsPeriod(point: TakenPoint): Promise<boolean> {
  if (!point.end) return true;
  if (Date.now() >= point.end.latest) return false;
  const { state, end } = await timed(() => point.store.call((limiter) => limiter.get(point.key)));
  return state !== null && state.msBeforeNext > 0 && isOfPeriod(point, end);
}

/** Limiters count in real time, so the injected clock is of no use here. */
function isOfPeriod({ end }: TakenPoint, now: PeriodEnd): boolean {
  return !end || (now.earliest <= end.latest + CLOCK_ERROR_MS && now.latest >= end.earliest - CLOCK_ERROR_MS);
}
