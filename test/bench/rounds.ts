import { Connection } from './connection.js';

/** What a comparison came to: medians, in the unit that was measured. */
export interface Compared {
  readonly ours: number;
  readonly floor: number;
  /** Median of the ratios of single rounds: what the machine does besides, it does to both sides of a round. */
  readonly ratio: number;
  /** How far from it the ratio may really be: {@link STANDARD_ERRORS} times the standard error of the median. */
  readonly margin: number;
}

/** What one of many users does again and again, on a connection of their own. */
export type Job = (connection: Connection, user: number) => Promise<unknown>;

/** An application and what is done with it. */
export interface Side {
  readonly url: string;
  readonly job: Job;
}

/** What each came to, one right after the other. */
export interface Round {
  readonly ours: number;
  readonly floor: number;
}

/** Users who come at once, and how often and how long that is measured. */
export interface Crowd {
  readonly users: number;
  readonly rounds: number;
  readonly ms: number;
}

/** With two of them, one run in twenty would say of some row what the others do not; with three, one in four hundred. */
const STANDARD_ERRORS = 3;

/** However slow a machine is: the whole benchmark has to come to an end. */
const WARM_UP_MS = 9_000;
const WARM_UP_USERS = 10;

/**
 * Does a job so often that V8 has compiled all that it runs, with all applications at once. A job is counted and not
 * timed: a function is compiled after so many calls, and the longer a job is, the more functions have to be.
 */
export async function warmUp(jobs: number, sides: readonly Side[]): Promise<void> {
  const end = performance.now() + WARM_UP_MS;
  const warm = ({ url, job }: Side) => {
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

/** Measures both in turn, in jobs a second. */
export async function inTurn({ users, rounds, ms }: Crowd, ours: Side, floor: Side): Promise<Round[]> {
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const result = { ours: 0, floor: 0 };
    // Who is second meets a machine that is warm, or in the midst of tidying up: that befalls each as often.
    const order = round % 2 === 0 ? (['ours', 'floor'] as const) : (['floor', 'ours'] as const);
    for (const side of order) {
      const { url, job } = side === 'ours' ? ours : floor;
      result[side] = await perSecond(url, users, ms, job);
    }
    measured.push(result);
  }
  return measured;
}

/** Sums rounds up. */
export function compare(rounds: readonly Round[]): Compared {
  const ratios = rounds.map(({ ours, floor }) => ours / floor);
  const ratio = median(ratios);
  // The standard deviation by the median of the distances, which a few rounds that went wrong do not change; and the
  // standard error of a median, which is that of a mean times 1.2533. Both for values that are distributed normally.
  const deviation = 1.4826 * median(ratios.map((other) => Math.abs(other - ratio)));
  return {
    ours: median(rounds.map(({ ours }) => ours)),
    floor: median(rounds.map(({ floor }) => floor)),
    ratio,
    margin: (STANDARD_ERRORS * 1.2533 * deviation) / Math.sqrt(ratios.length),
  };
}

/** Does a job again and again on so many connections at once, and gives how often in a second. */
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

/** The one in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Does a job so many times a second, or as often as it can be done; gives how often that was. */
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

/** Does a job once on each of so many connections, all at once. */
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
