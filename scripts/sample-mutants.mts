/**
 * Draws a random sample of mutants, and lists those that no test catches: `npm run test:sample-mutants -- src/gate`.
 *
 * A mutant is one small fault in a source file: another operator, a statement less, a number more. Each is tried in a
 * temporary copy, with the test files that enter its function, those of `test/unit` first. The same seed on the same
 * sources draws the same sample.
 *
 * `--seed` and `--count` choose the sample, `--parallel` the number of copies, and each `--tests` a folder or file of
 * tests. Everything else is a folder or file of sources. A first run without mutants finds out what each test file
 * enters, which takes about as long as the tests themselves.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Coverage, instrument, measure } from './sample-mutants/coverage.mjs';
import { apply, describe, type Mutant, mutantsOf } from './sample-mutants/mutants.mjs';
import { runTestFile } from './sample-mutants/test-process.mjs';
import { TypeChecker } from './sample-mutants/type-checker.mjs';
import { WorkingCopy } from './sample-mutants/working-copy.mjs';

const ROOT = path.join(import.meta.dirname, '..');
const DEFAULT_PATHS = ['src/gate', 'src/core', 'src/session', 'src/limits'];
const DEFAULT_TESTS = ['test/unit', 'test/http', 'test/threats'];

/** A test file may take this much longer on a busy machine before a mutant counts as an endless loop. */
const TIME_LIMIT_FACTOR = 4;
const TIME_LIMIT_EXTRA_MS = 20_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    count: { type: 'string', default: '50' },
    parallel: { type: 'string', default: '2' },
    tests: { type: 'string', multiple: true, default: DEFAULT_TESTS },
  },
});
const seed = toInteger('seed', values.seed);
const count = toInteger('count', values.count);
const parallel = Math.max(1, toInteger('parallel', values.parallel));

const sources = filesAt(positionals.length > 0 ? positionals : DEFAULT_PATHS, '.ts');
const texts = new Map(sources.map((file) => [file, readFileSync(path.join(ROOT, file), 'utf8')]));
const textOf = (file: string) => texts.get(file) ?? '';
const testFiles = values.tests.flatMap((folder) => filesAt([folder], '.test.ts'));

const copies = Array.from({ length: parallel }, () => new WorkingCopy(ROOT));
try {
  const sample = drawSample();
  console.log(`Seed ${seed}: ${sample.length} mutants of ${sources.length} files, ${testFiles.length} test files`);
  const coverages = await measureAll();
  console.log(`The tests pass without a mutant, after ${Math.round(process.uptime())} seconds`);
  const survivors = await tryAll(sample, coverages);
  console.log(`\n${sample.length - survivors.length} of ${sample.length} mutants caught, seed ${seed}`);
  for (const survivor of survivors) console.log(`survived: ${describe(survivor, textOf(survivor.file))}`);
  process.exitCode = survivors.length > 0 ? 1 : 0;
} finally {
  for (const copy of copies) copy.remove();
}

/** Draws from all mutants of all sources, and leaves out what the compiler already catches. */
function drawSample(): Mutant[] {
  const random = randomFrom(seed);
  const candidates = sources.flatMap((file) => mutantsOf(file, textOf(file)));
  const checker = new TypeChecker(ROOT);
  const sample: Mutant[] = [];
  while (sample.length < count && candidates.length > 0) {
    const [mutant] = candidates.splice(Math.floor(random() * candidates.length), 1);
    if (mutant && checker.accepts(mutant.file, apply(mutant, textOf(mutant.file)))) sample.push(mutant);
  }
  return sample;
}

async function measureAll(): Promise<Coverage[]> {
  for (const copy of copies) for (const file of sources) copy.write(file, instrument(file, textOf(file)));
  const coverages: Coverage[] = [];
  await inParallel(testFiles, async (file, copy) => {
    const coverage = await measure(copy, file);
    if ('type' in coverage) {
      const what = coverage.type === 'failed' ? coverage.name : 'takes too long';
      console.log(`Left out, as it fails without a mutant: ${file}: ${what}`);
    } else {
      coverages.push(coverage);
    }
  });
  for (const copy of copies) for (const file of sources) copy.write(file, textOf(file));
  return coverages;
}

async function tryAll(sample: readonly Mutant[], coverages: readonly Coverage[]): Promise<Mutant[]> {
  const survivors: Mutant[] = [];
  await inParallel(sample, async (mutant, copy) => {
    copy.write(mutant.file, apply(mutant, textOf(mutant.file)));
    const catcher = await findCatcher(mutant, copy, coverages);
    copy.write(mutant.file, textOf(mutant.file));
    if (catcher === undefined) survivors.push(mutant);
    console.log(`${catcher === undefined ? '✖ survived' : '✔ caught'}  ${describe(mutant, textOf(mutant.file))}`);
    if (catcher !== undefined) console.log(`            by ${catcher}`);
  });
  return survivors;
}

/** Runs the test files that enter the mutant's function until one fails, and returns the test that failed. */
async function findCatcher(mutant: Mutant, copy: WorkingCopy, coverages: readonly Coverage[]) {
  const covering = coverages.filter(({ scopes }) => scopes.has(mutant.scope));
  for (const { file, durationMs } of covering.toSorted(byRelevance)) {
    const timeLimitMs = durationMs * TIME_LIMIT_FACTOR + TIME_LIMIT_EXTRA_MS;
    const end = await runTestFile({ root: copy.root, file, timeLimitMs });
    if (end.type === 'failed') return `${file}: ${end.name}`;
    if (end.type === 'timedOut') return `${file}: timeout`;
  }
  return undefined;
}

/** In the order of the folders, and there the files first that enter the fewest functions. */
function byRelevance(one: Coverage, other: Coverage): number {
  const folderOf = ({ file }: Coverage) => values.tests.findIndex((folder) => file.startsWith(path.normalize(folder)));
  return folderOf(one) - folderOf(other) || one.scopes.size - other.scopes.size;
}

async function inParallel<T>(items: readonly T[], run: (item: T, copy: WorkingCopy) => Promise<void>): Promise<void> {
  const queue = [...items];
  await Promise.all(
    copies.map(async (copy) => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await run(item, copy);
    }),
  );
}

function filesAt(paths: readonly string[], ending: string): string[] {
  return paths.flatMap((name) => {
    const full = path.join(ROOT, name);
    if (!existsSync(full)) throw new Error(`${name} doesn't exist. Name folders or files of the repository.`);
    if (!statSync(full).isDirectory()) return [path.normalize(name)];
    const files = readdirSync(full, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith(ending));
    return files.sort().map((file) => path.join(name, file));
  });
}

function toInteger(name: string, value: string): number {
  if (!/^\d+$/.test(value)) throw new Error(`--${name} must be a whole number, not "${value}".`);
  return Number(value);
}

/** The generator "mulberry32": numbers from 0 to 1 that depend on the seed only. */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
