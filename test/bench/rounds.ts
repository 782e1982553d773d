import { Connection } from './connection.js';

/** What a comparison came to: medians, in the unit that was measured. */
export interface Compared {
  readonly ours: number;
  readonly floor: number;
  /** Median of the ratios of single rounds: what the machine does besides, it does to both sides of a round. */
  readonly ratio: number;
}

/** Measures once. */
export type Measure = () => Promise<number>;

/** What each came to, one right after the other. */
export interface Round {
  readonly ours: number;
  readonly floor: number;
}

/** How often both are measured. */
export interface Plan {
  readonly rounds: number;
  /** Rounds that come first and do not count: code is to be compiled before it is measured. */
  readonly warmUp: number;
}

/** Measures both in turn. */
export async function inTurn({ rounds, warmUp }: Plan, ours: Measure, floor: Measure): Promise<Round[]> {
  const measured: Round[] = [];
  for (let round = -warmUp; round < rounds; round += 1) {
    const result = { ours: 0, floor: 0 };
    // Who is second meets a machine that is warm, or in the midst of tidying up: that befalls each as often.
    const order = round % 2 === 0 ? (['ours', 'floor'] as const) : (['floor', 'ours'] as const);
    for (const side of order) result[side] = await (side === 'ours' ? ours() : floor());
    if (round >= 0) measured.push(result);
  }
  return measured;
}

/** Sums rounds up. */
export function compare(rounds: readonly Round[]): Compared {
  return {
    ours: median(rounds.map(({ ours }) => ours)),
    floor: median(rounds.map(({ floor }) => floor)),
    ratio: median(rounds.map(({ ours, floor }) => ours / floor)),
  };
}

/** Does a job again and again on so many connections at once, and gives how often in a second. */
export async function perSecond(
  url: string,
  connections: number,
  ms: number,
  job: (connection: Connection, index: number) => Promise<unknown>,
): Promise<number> {
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(url)));
  const start = performance.now();
  let done = 0;
  await Promise.all(
    open.map(async (connection, index) => {
      while (performance.now() < start + ms) {
        await job(connection, index);
        done += 1;
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  for (const connection of open) connection.close();
  return done / seconds;
}

/** The one in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Does a job so many times a second, or as often as it can be done; gives how often that was. */
export async function atRate(
  url: string,
  connections: number,
  rate: number,
  ms: number,
  job: (connection: Connection, index: number) => Promise<unknown>,
): Promise<number> {
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(url)));
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
