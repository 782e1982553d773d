/**
 * Measures the package's cost against an application that does the same steps by hand. `npm run bench` prints the table
 * of `docs/performance.md`, and `npm run bench -- protectedRoute memory` only those rows. `npm run bench -- --base main`
 * also measures another revision, and compares each row with it.
 *
 * The applications share one process and one core, which they fill. The load, in this process, and the Verify stub need
 * far less than the other core. So a rate shows the processor time of a request.
 */
import os from 'node:os';
import { parseArgs } from 'node:util';
import { howToGet, install, REDIS_SERVER } from '../support/system-packages.js';
import { buildRevision, buildWorkingTree, type Subject } from './build.js';
import { stopAll } from './process.js';
import { codePage } from './rows/code-page.js';
import { counts } from './rows/counts.js';
import { firstSignIn } from './rows/first-sign-in.js';
import { importCost } from './rows/import-cost.js';
import { memory } from './rows/memory.js';
import { protectedRoute } from './rows/protected-route.js';
import { slowTwilio } from './rows/slow-twilio.js';
import { wholeSignIn, wholeSignInWithRedis } from './rows/whole-sign-in.js';
import { markdown, type Row } from './table.js';

type Measure = (subject: Subject) => Promise<Row | Row[]>;

const ROWS: Readonly<Record<string, Measure>> = {
  protectedRoute,
  wholeSignIn,
  wholeSignInWithRedis,
  codePage,
  importCost,
  firstSignIn,
  counts,
  memory,
  slowTwilio,
};

const MAX_MINUTES = 20;
const MAX_MINUTES_WITH_BASE = 28;

/** Returns the rows with these names, or all. Without Redis, its row is missing. */
function measuresOf(names: readonly string[]): readonly Measure[] {
  const rows = names.length === 0 ? Object.values(ROWS) : names.map((name) => ROWS[name] ?? unknown(name));
  const [noRedis] = rows.includes(wholeSignInWithRedis) ? install([REDIS_SERVER]) : [];
  if (!noRedis) return rows;
  console.error(`${howToGet(noRedis)}; skipped: ${wholeSignInWithRedis.name}`);
  return rows.filter((row) => row !== wholeSignInWithRedis);
}

function unknown(name: string): never {
  throw new TypeError(`Unknown row "${name}". Use one of ${Object.keys(ROWS).join(', ')}.`);
}

function buildAll(revision: string | undefined): Subject {
  const build = buildWorkingTree();
  process.once('exit', () => build.remove());
  const base = revision === undefined ? undefined : buildRevision(revision);
  process.once('exit', () => base?.remove());
  return { build, base };
}

async function run(revision: string | undefined, names: readonly string[]): Promise<void> {
  const measures = measuresOf(names);
  const started = performance.now();
  const maxMinutes = revision === undefined ? MAX_MINUTES : MAX_MINUTES_WITH_BASE;
  const rows: Row[] = [];
  const print = () => console.log(markdown(rows, revision !== undefined));
  const late = setTimeout(() => {
    print();
    console.error(`Canceled after ${maxMinutes} minutes. The machine is too slow, or busy.`);
    process.exit(1);
  }, maxMinutes * 60_000);
  process.once('SIGINT', () => process.exit(130));
  const subject = buildAll(revision);
  try {
    for (const measure of measures) {
      const start = performance.now();
      try {
        rows.push(...[await measure(subject)].flat());
      } catch (error) {
        // The other rows took minutes to measure.
        console.error(error);
        process.exitCode = 1;
      }
      console.error(`${measure.name}: ${Math.round((performance.now() - start) / 1000)} s`);
    }
    const [processor] = os.cpus();
    const machine = `${os.availableParallelism()} cores (${processor?.model.trim()})`;
    console.log(`Node ${process.versions.node}, ${machine}${revision === undefined ? '' : `, base ${revision}`}\n`);
    print();
    console.log(`\n${Math.round((performance.now() - started) / 1000)} s`);
  } finally {
    clearTimeout(late);
    await stopAll();
  }
}

const { values, positionals } = parseArgs({ options: { base: { type: 'string' } }, allowPositionals: true });
void run(values.base, positionals);
