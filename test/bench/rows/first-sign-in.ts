import { startApplications, startVerify } from '../applications.js';
import type { Subject } from '../build.js';
import { Connection } from '../connection.js';
import { compareSamples, median } from '../rounds.js';
import type { ApplicationName } from '../servers/applications.js';
import { signIn } from '../sign-in.js';
import { baseOf, figure, type Row, verdictOf } from '../table.js';

const STARTS = 9;
const MAX_WAIT_MS = 150;

/** The package loads its dependencies after the start, before the first users arrive. */
const FIRST_COMES_AFTER_MS = 1_000;

/** The time that the first user after a start waits longer than the tenth. */
export async function firstSignIn(subject: Subject): Promise<Row> {
  const { verify, env } = await startVerify(subject);
  const measure = async (name: ApplicationName) => {
    const program = await startApplications(subject, [name], env);
    await new Promise((resolve) => setTimeout(resolve, FIRST_COMES_AFTER_MS));
    const times = await timesOf(program.ready[name]);
    await program.stop();
    return times;
  };
  const all = { ours: [] as Times[], floor: [] as Times[], base: [] as Times[] };
  for (let time = 0; time < STARTS; time += 1) {
    all.ours.push(await measure('ours'));
    if (subject.base) all.base.push(await measure('base'));
    all.floor.push(await measure('floor'));
  }
  await verify.stop();
  const wait = median(all.ours.map(waitOf));
  const toBase = compareSamples(all.ours.map(waitOf), all.base.map(waitOf));
  return {
    what: 'first sign-in, one second after the start, and the tenth',
    measured: `ours: ${show(all.ours)}`,
    reference: `floor: ${show(all.floor)}`,
    ratio: `waits ${figure(wait)} ms longer`,
    target: { text: `< ${MAX_WAIT_MS} ms`, verdict: verdictOf(wait < MAX_WAIT_MS) },
    base: subject.base ? baseOf(toBase, 'lower', show(all.base)) : undefined,
  };
}

interface Times {
  readonly first: number;
  readonly tenth: number;
}

async function timesOf(url: string): Promise<Times> {
  const connection = await Connection.open(url);
  const times: number[] = [];
  for (let count = 0; count < 10; count += 1) {
    const start = performance.now();
    await signIn(connection);
    times.push(performance.now() - start);
  }
  connection.close();
  return { first: times[0] ?? Number.NaN, tenth: times[9] ?? Number.NaN };
}

function waitOf({ first, tenth }: Times): number {
  return first - tenth;
}

function show(times: readonly Times[]): string {
  const [first, tenth] = [median(times.map((time) => time.first)), median(times.map((time) => time.tenth))];
  return `${figure(first)} ms, later ${figure(tenth)} ms`;
}
