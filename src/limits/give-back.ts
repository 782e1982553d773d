import type { ClearMarks } from './clear-marks.js';
import type { LimiterResult, LimiterStore } from './limiter-store.js';

/** A point that was taken, and what tells its counter from a later one under the same key. */
export interface TakenPoint {
  readonly store: LimiterStore;
  readonly key: string;
  /** Mark from before the point was taken; `undefined` if nothing clears the counter. */
  readonly mark?: { readonly key: string; readonly value: number };
  /** Latest end of the counter's period, in epoch milliseconds of this process; `undefined` if it has none. */
  readonly expiresBy?: number;
}

/** Error of a period's end that is computed twice, from two answers of the store. Shorter than the shortest period. */
const CLOCK_ERROR_MS = 100;

/**
 * Puts points back, except into counters that were cleared or have expired since. No counter stays below zero.
 *
 * Limiters can't compare and give back in one step, so the counters are compared before and after. A counter that was
 * cleared, or has expired, in between gets its point back. Until then, for the time of one call to the store, it allows one
 * more than it should. A clear that comes after the point was given back, but before the second look, leaves one point
 * taken: an error on the strict side.
 *
 * @returns the points that were given back
 */
export async function giveBack(marks: ClearMarks, points: readonly TakenPoint[]): Promise<readonly TakenPoint[]> {
  const candidates = await inTheirPeriods(await uncleared(marks, points));
  const given = await Promise.all(candidates.map(async (point) => ((await reward(point)) ? [point] : [])));
  const kept = await uncleared(marks, given.flat());
  const repaired = candidates.filter((point) => !kept.includes(point));
  await Promise.all(repaired.map(({ store, key }) => store.call((limiter) => limiter.penalty(key))));
  return kept;
}

/** Deletes the counter of a point, unless it was cleared or has expired since. */
export async function forget(marks: ClearMarks, point: TakenPoint): Promise<void> {
  const current = await inTheirPeriods(await uncleared(marks, [point]));
  await Promise.all(current.map(({ store, key }) => store.call((limiter) => limiter.delete(key))));
}

async function uncleared(marks: ClearMarks, points: readonly TakenPoint[]): Promise<readonly TakenPoint[]> {
  const keys = [...new Set(points.flatMap(({ mark }) => (mark ? [mark.key] : [])))];
  const values = new Map(await Promise.all(keys.map(async (key) => [key, await marks.read(key)] as const)));
  return points.filter(({ mark }) => !mark || values.get(mark.key) === mark.value);
}

async function inTheirPeriods(points: readonly TakenPoint[]): Promise<readonly TakenPoint[]> {
  const current = await Promise.all(points.map(async (point) => ((await isInItsPeriod(point)) ? [point] : [])));
  return current.flat();
}

async function isInItsPeriod(point: TakenPoint): Promise<boolean> {
  const { store, key, expiresBy } = point;
  if (expiresBy === undefined) return true;
  const askedAt = Date.now();
  if (askedAt >= expiresBy) return false;
  const state = await store.call((limiter) => limiter.get(key));
  return state !== null && state.msBeforeNext > 0 && isOfPeriod(point, state, askedAt);
}

/** Puts one point back. @returns whether the counter is the one that the point was taken from */
async function reward(point: TakenPoint): Promise<boolean> {
  const askedAt = Date.now();
  const state = await point.store.call((limiter) => limiter.reward(point.key));
  return state.consumedPoints >= 0 && isOfPeriod(point, state, askedAt);
}

/** A later period ends later. Limiters count in real time, so the injected clock is of no use here. */
function isOfPeriod({ expiresBy }: TakenPoint, { msBeforeNext }: LimiterResult, askedAt: number): boolean {
  return expiresBy === undefined || askedAt + msBeforeNext <= expiresBy + CLOCK_ERROR_MS;
}
