import { Connection } from './connection.js';
import type { ApplicationName } from './servers/applications.js';

/** The rates or costs of two applications: medians, in the unit of the measurement. */
export interface Comparison {
  readonly measured: number;
  readonly reference: number;
  /** Median of the ratios of single rounds: both sides of a round share the noise of the machine. */
  readonly ratio: number;
  /** {@link STANDARD_ERRORS} times the standard error of `ratio`. */
  readonly margin: number;
}

/** One user's work, repeated on one connection. */
export type Job = (connection: Connection, user: number) => Promise<unknown>;

/** An application and the work to measure. */
export interface Side {
  readonly name: ApplicationName;
  readonly url: string;
  readonly job: Job;
}

/** Jobs per second of each application, measured directly after each other. */
export type Round = Readonly<Partial<Record<ApplicationName, number>>>;

/** Simultaneous users, and the number and length of their rounds. */
export interface Crowd {
  readonly users: number;
  readonly rounds: number;
  readonly ms: number;
}

/** With two, chance alone would change a verdict in 1 of 20 runs. With three, it's 1 of 400. */
const STANDARD_ERRORS = 3;

/** Bounds the run on a slow machine, per application. */
const WARM_UP_MS = 6_000;
const WARM_UP_USERS = 10;

/**
 * Repeats all jobs until V8 has compiled their code. It counts jobs instead of seconds, as V8 compiles a function after
 * a number of calls, and slower code needs longer for them.
 */
export async function warmUp(jobs: number, sides: readonly Omit<Side, 'name'>[]): Promise<void> {
  const end = performance.now() + WARM_UP_MS * sides.length;
  const warm = ({ url, job }: Omit<Side, 'name'>) => {
    let begun = 0;
    return onEach(url, WARM_UP_USERS, async (connection, user) => {
      while (begun < jobs && performance.now() < end) {
        begun += 1;
        await job(connection, user);
      }
    });
  };
  await Promise.all(sides.map(warm));
}

/** Measures all sides in turn, in jobs per second. `firstRound` continues the orders of earlier rounds. */
export async function inTurn(
  { users, rounds, ms }: Crowd,
  sides: readonly Side[],
  firstRound: number,
): Promise<Round[]> {
  const measured: Round[] = [];
  for (let round = firstRound; round < firstRound + rounds; round += 1) {
    const result: Partial<Record<ApplicationName, number>> = {};
    for (const { name, url, job } of orderOf(round, sides)) result[name] = await perSecond(url, users, ms, job);
    measured.push(result);
  }
  return measured;
}

/**
 * Returns the sides in another order for each round, as the previous side leaves garbage to collect. Over two rounds
 * for each side, every side comes equally often at every place.
 */
function orderOf(round: number, sides: readonly Side[]): readonly Side[] {
  const first = (round >> 1) % sides.length;
  const rotated = [...sides.slice(first), ...sides.slice(0, first)];
  return round % 2 === 0 ? rotated : rotated.reverse();
}

/** Compares two applications over all rounds. */
export function compare(rounds: readonly Round[], measured: ApplicationName, reference: ApplicationName): Comparison {
  const all = (name: ApplicationName) => rounds.map((round) => round[name] ?? Number.NaN);
  return compareSamples(all(measured), all(reference));
}

/** Compares samples that were taken in pairs. */
export function compareSamples(measured: readonly number[], reference: readonly number[]): Comparison {
  const ratios = measured.map((value, index) => value / (reference[index] ?? Number.NaN));
  const ratio = median(ratios);
  // Estimates the standard deviation from the median distance, as a few disturbed rounds don't change it. A median's
  // standard error is 1.2533 times a mean's. Both factors hold for normally distributed values.
  const deviation = 1.4826 * median(ratios.map((other) => Math.abs(other - ratio)));
  return {
    measured: median(measured),
    reference: median(reference),
    ratio,
    margin: (STANDARD_ERRORS * 1.2533 * deviation) / Math.sqrt(ratios.length),
  };
}

/** Repeats a job on several connections at once, and returns the jobs per second. */
export async function perSecond(url: string, users: number, ms: number, job: Job): Promise<number> {
  const connections = await openAll(url, users);
  const start = performance.now();
  let done = 0;
  await Promise.all(
    connections.map(async (connection, user) => {
      while (performance.now() < start + ms) {
        await job(connection, user);
        done += 1;
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  for (const connection of connections) connection.close();
  return done / seconds;
}

function openAll(url: string, connections: number): Promise<Connection[]> {
  return Promise.all(Array.from({ length: connections }, () => Connection.open(url)));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Repeats a job at a fixed rate, or as fast as the server allows, and returns the jobs per second. */
export async function atRate(url: string, connections: number, rate: number, ms: number, job: Job): Promise<number> {
  const open = await openAll(url, connections);
  const start = performance.now();
  let begun = 0;
  let done = 0;
  await Promise.all(
    open.map(async (connection, index) => {
      while (performance.now() < start + ms) {
        const due = start + (begun * 1000) / rate;
        begun += 1;
        const early = due - performance.now();
        if (early > 1) await new Promise((resolve) => setTimeout(resolve, early));
        await job(connection, index);
        if (performance.now() < start + ms) done += 1;
      }
    }),
  );
  for (const connection of open) connection.close();
  return (done * 1000) / ms;
}

/** Does a job once on each of several connections, all at once. */
export async function onEach<T>(
  url: string,
  connections: number,
  job: (connection: Connection, index: number) => Promise<T>,
): Promise<T[]> {
  return Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      const connection = await Connection.open(url);
      try {
        return await job(connection, index);
      } finally {
        connection.close();
      }
    }),
  );
}
