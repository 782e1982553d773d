/**
 * Removes one defense after another, and expects the test of each to fail: `npm run test:mutations`. Add filters to run
 * some of them: `npm run test:mutations -- T8 same-origin`.
 */
import os from 'node:os';
import { MUTATIONS } from './mutations.js';
import { type Mutation, selectMutations, titleOf } from './support/mutation.js';
import { RepositoryCopy } from './support/repository-copy.js';
import { runTestFile, stopTests, type TestResult } from './support/run-test-file.js';
import { TypeChecker } from './support/type-errors.js';

type Outcome =
  | { readonly type: 'caught'; readonly tests: readonly string[] }
  | { readonly type: 'survived' }
  | { readonly type: 'error'; readonly reason: string };

async function run(filters: readonly string[]): Promise<void> {
  const mutations = selectMutations(MUTATIONS, filters);
  if (mutations.length === 0) throw new Error(`No mutation matches ${filters.join(' ')}.`);
  const copies = Array.from({ length: os.availableParallelism() }, () => new RepositoryCopy());
  const clean = () => {
    stopTests();
    for (const copy of copies) copy.remove();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      clean();
      process.exit(1);
    });
  }
  try {
    report(await outcomesOf(mutations, copies));
  } finally {
    clean();
  }
}

async function outcomesOf(
  mutations: readonly Mutation[],
  copies: readonly RepositoryCopy[],
): Promise<ReadonlyMap<Mutation, Outcome>> {
  const testFiles = [...new Set(mutations.map(({ test }) => test.file))];
  console.log(`Running ${testFiles.length} test files without mutations`);
  const unchanged = await eachOf(testFiles, copies, (file, { root }) => runTestFile(root, { file }));

  console.log(`Running ${mutations.length} mutations`);
  const types = new TypeChecker(mutations);
  return eachOf(mutations, copies, async (mutation, copy) => {
    const outcome = await outcomeOf(mutation, copy, types, unchanged.get(mutation.test.file));
    console.log(lineOf(mutation, outcome));
    return outcome;
  });
}

async function outcomeOf(
  mutation: Mutation,
  copy: RepositoryCopy,
  types: TypeChecker,
  unchanged: TestResult | undefined,
): Promise<Outcome> {
  if (unchanged?.type === 'failed')
    return { type: 'error', reason: `Without the change, ${list(unchanged.tests)} fails.` };
  if (unchanged?.type === 'broken') return { type: 'error', reason: `Without the change: ${unchanged.reason}` };
  const typeError = types.errorOf(mutation);
  if (typeError !== undefined) return { type: 'error', reason: `The change doesn't compile: ${typeError}` };
  const result = await copy.withMutation(mutation, () => runTestFile(copy.root, mutation.test));
  switch (result.type) {
    case 'passed':
      return { type: 'survived' };
    case 'failed':
      return { type: 'caught', tests: result.tests };
    case 'broken':
      return { type: 'error', reason: result.reason };
  }
}

/** Calls `work` for each item, in as many copies of the repository as there are at a time. */
async function eachOf<T, R>(
  items: readonly T[],
  copies: readonly RepositoryCopy[],
  work: (item: T, copy: RepositoryCopy) => Promise<R>,
): Promise<ReadonlyMap<T, R>> {
  const results = new Map<T, R>();
  const waiting = [...items];
  const workIn = async (copy: RepositoryCopy) => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      results.set(item, await work(item, copy));
    }
  };
  await Promise.all(copies.map(workIn));
  return results;
}

function report(outcomes: ReadonlyMap<Mutation, Outcome>): void {
  const missed = [...outcomes].filter(([, { type }]) => type !== 'caught');
  if (missed.length > 0) console.log('\nNot caught:');
  for (const [mutation, outcome] of missed) {
    console.log(`${lineOf(mutation, outcome)}\n  ${mutation.file}, tested by ${mutation.test.file}`);
  }
  const count = (type: Outcome['type']) => [...outcomes.values()].filter((outcome) => outcome.type === type).length;
  console.log(`\n${count('caught')} caught, ${count('survived')} survived, ${count('error')} errors`);
  process.exitCode = missed.length > 0 ? 1 : 0;
}

function lineOf(mutation: Mutation, outcome: Outcome): string {
  const title = `${outcome.type.padEnd(8)}  ${titleOf(mutation)}`;
  if (outcome.type === 'caught') return `${title} (${list(outcome.tests)})`;
  return outcome.type === 'error' ? `${title}\n  ${outcome.reason.trim()}` : title;
}

function list([first = '', ...more]: readonly string[]): string {
  return more.length === 0 ? `"${first}"` : `"${first}" and ${more.length} more`;
}

run(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
