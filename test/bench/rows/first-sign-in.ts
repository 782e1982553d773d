import { startApplications, startVerify } from '../applications.js';
import type { Build } from '../build.js';
import { Connection } from '../connection.js';
import { median } from '../rounds.js';
import { signIn } from '../sign-in.js';
import { figure, type Row } from '../table.js';

const STARTS = 9;
const TARGET_MS = 150;

/** Nobody comes in the very moment of the start: what is loaded then is loaded where nobody waits. */
const FIRST_COMES_AFTER_MS = 1_000;

/** What the first person after a start waits longer than the tenth, who comes when all is loaded. */
export async function firstSignIn(build: Build): Promise<Row> {
  const { verify, env } = await startVerify(build);
  const times = { ours: [] as Times[], floor: [] as Times[] };
  for (let time = 0; time < STARTS; time += 1) {
    for (const side of ['ours', 'floor'] as const) {
      const app = await startApplications(build, [side], env);
      await new Promise((resolve) => setTimeout(resolve, FIRST_COMES_AFTER_MS));
      times[side].push(await timesOf(app.ready[side]));
      await app.stop();
    }
  }
  await verify.stop();
  const [ours, floor] = [inMiddle(times.ours), inMiddle(times.floor)];
  const wait = ours.first - ours.tenth;
  const show = ({ first, tenth }: Times) => `${figure(first)} ms, then ${figure(tenth)} ms`;
  return {
    what: 'the first sign-in, a second after the start, and the tenth',
    ours: show(ours),
    floor: show(floor),
    ratio: `waits ${figure(wait)} ms longer`,
    target: `< ${TARGET_MS} ms`,
    isReached: wait < TARGET_MS,
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

function inMiddle(times: readonly Times[]): Times {
  return { first: median(times.map(({ first }) => first)), tenth: median(times.map(({ tenth }) => tenth)) };
}
