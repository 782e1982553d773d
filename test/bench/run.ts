/**
 * What it costs to have this package, beside an application that does the same steps by hand: `npm run bench` prints
 * the table of `docs/performance.md`. `npm run bench -- gatedRoute memory` measures some rows only.
 *
 * Ours and the floor run in one process, Verify in another, and the load comes from this one. They are measured in turn,
 * in many short rounds, and compared within each round. A row of rates is a row of processor time: the applications have
 * one core to themselves and fill it, as the load and Verify are made to need far less than the other.
 */
import os from 'node:os';
import { howToGet, install, REDIS_SERVER } from '../support/system-packages.js';
import { type Build, build } from './build.js';
import { stopAll } from './process.js';
import { codePage } from './rows/code-page.js';
import { counts } from './rows/counts.js';
import { firstSignIn } from './rows/first-sign-in.js';
import { gatedRoute } from './rows/gated-route.js';
import { importCost } from './rows/import-cost.js';
import { memory } from './rows/memory.js';
import { slowTwilio } from './rows/slow-twilio.js';
import { wholeSignIn, wholeSignInWithRedis } from './rows/whole-sign-in.js';
import { markdown, type Row } from './table.js';

type Measure = (build: Build) => Promise<Row | Row[]>;

const ROWS: Readonly<Record<string, Measure>> = {
  gatedRoute,
  wholeSignIn,
  wholeSignInWithRedis,
  codePage,
  importCost,
  firstSignIn,
  counts,
  memory,
  slowTwilio,
};

/** Whatever happens, it ends by then. */
const DEADLINE_MS = 8 * 60_000;

/** Those that were asked for, or all; without Redis, where it is missing. */
function wanted(asked: readonly string[]): readonly Measure[] {
  const names = asked.length === 0 ? Object.keys(ROWS) : asked;
  const rows = names.map((name) => ROWS[name] ?? unknown(name));
  const [noRedis] = rows.includes(wholeSignInWithRedis) ? install([REDIS_SERVER]) : [];
  if (!noRedis) return rows;
  console.error(`${howToGet(noRedis)}; left out: ${wholeSignInWithRedis.name}`);
  return rows.filter((row) => row !== wholeSignInWithRedis);
}

function unknown(name: string): never {
  throw new TypeError(`There is no row "${name}", but ${Object.keys(ROWS).join(', ')}.`);
}

async function run(asked: readonly string[]): Promise<void> {
  const measures = wanted(asked);
  const started = performance.now();
  const late = setTimeout(() => {
    console.error(`Not done after ${DEADLINE_MS / 60_000} minutes.`);
    process.exit(1);
  }, DEADLINE_MS);
  const built = build();
  process.once('exit', () => built.remove());
  process.once('SIGINT', () => process.exit(130));
  try {
    const rows: Row[] = [];
    for (const measure of measures) {
      const start = performance.now();
      rows.push(...[await measure(built)].flat());
      console.error(`${measure.name}: ${Math.round((performance.now() - start) / 1000)} s`);
    }
    const [processor] = os.cpus();
    console.log(`Node ${process.versions.node}, ${os.availableParallelism()} cores (${processor?.model.trim()})\n`);
    console.log(markdown(rows));
    console.log(`\n${Math.round((performance.now() - started) / 1000)} s`);
  } finally {
    clearTimeout(late);
    await stopAll();
  }
}

void run(process.argv.slice(2));
