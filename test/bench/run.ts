/**
 * What it costs to have this package, beside an application that does the same steps by hand: `npm run bench` prints
 * the table of `docs/performance.md`. `npm run bench -- gatedRoute memory` measures some rows only.
 *
 * Each application runs in a process of its own, Verify in another, and the load comes from this one. Ours and the floor
 * are measured in turn, in many short rounds, and compared within each round. A row of rates is a row of processor time:
 * the applications have one core to themselves and fill it, as the load and Verify are made to need far less than the
 * other.
 */
import os from 'node:os';
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

const ROWS: Readonly<Record<string, (build: Build) => Promise<Row | Row[]>>> = {
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

async function run(wanted: readonly string[]): Promise<void> {
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
    for (const [name, measure] of Object.entries(ROWS)) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      const start = performance.now();
      rows.push(...[await measure(built)].flat());
      console.error(`${name}: ${Math.round((performance.now() - start) / 1000)} s`);
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
