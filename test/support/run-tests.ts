import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const ROOT = path.join(__dirname, '..', '..');
const BATCH = path.join(ROOT, 'test/support/batch.ts');
/** The option of Node that resolves Express to Express 4. */
export const WITH_EXPRESS_4 = ['--require', path.join(ROOT, 'test/support/express-4.cjs')];

/**
 * Folders whose files share processes. Others start programs, measure the process, or, as Nest does, use a global
 * Passport.
 */
const SHARING = ['emulator', 'http', 'threats', 'unit'];
/** Files of these folders that measure the memory of their process. */
const ALONE = ['test/emulator/memory.test.ts'];
const FILES_PER_PROCESS = 16;
/** The slowest files start first, so that no core waits for one of them at the end. */
const SLOW = ['test/docs/guides', 'test/browser/accessibility', 'test/browser/languages', 'test/package', 'test/fuzz'];
/** Half of the time, a process waits: for a browser, the registry, or a timeout. */
const PROCESSES_PER_CORE = 1.5;
/** A process that hangs fails instead of keeping CI busy. */
const TIME_LIMIT_MS = 20 * 60_000;

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The failed tests, as Node's reporter lists them. */
  readonly failures: string;
}

/** Files with tests, and how they are run. */
export interface TestRun {
  readonly title: string;
  readonly files: readonly string[];
  /** The program of Node. @default this one */
  readonly node?: string;
  readonly nodeOptions?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

interface BatchResult extends Totals {
  readonly printed: string;
}

/** The files with tests of some folders of `test`. */
export function testFiles(folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(path.join(ROOT, 'test', folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => path.join('test', folder, file))
      .sort(),
  );
}

/** Runs files in a few more processes at a time than the machine has cores, and adds up their results. */
export async function runTests(run: TestRun): Promise<Totals> {
  const totals = await inParallel(batchesOf(run.files), async (files) => {
    const { printed, ...total } = await runBatch({ ...run, files });
    process.stdout.write(`\n${run.title}: ${files.length} ${files.length === 1 ? 'file' : 'files'}\n${printed}`);
    return total;
  });
  return sum(totals);
}

/** Runs tasks, a few more at a time than the machine has cores. */
export async function inParallel<TTask, TResult>(
  tasks: readonly TTask[],
  run: (task: TTask) => Promise<TResult>,
): Promise<TResult[]> {
  const waiting = [...tasks];
  const results: TResult[] = [];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) results.push(await run(next));
  };
  await Promise.all(Array.from({ length: Math.ceil(os.availableParallelism() * PROCESSES_PER_CORE) }, work));
  return results;
}

/** Divides files by the process that they run in. Those that take longest come first. */
function batchesOf(files: readonly string[]): string[][] {
  const isSharing = (file: string) => SHARING.includes(file.split(path.sep)[1] ?? '') && !ALONE.includes(file);
  const sharing = files.filter(isSharing);
  const slowFirst = (file: string) => (SLOW.some((folder) => file.startsWith(folder)) ? 0 : 1);
  const alone = files.filter((file) => !isSharing(file)).sort((one, other) => slowFirst(one) - slowFirst(other));
  const batches = alone.map((file) => [file]);
  while (sharing.length > 0) batches.push(sharing.splice(0, FILES_PER_PROCESS));
  return batches;
}

/** Runs files in one process, and reads the closing lines of its output. */
export function runBatch({ files, node, nodeOptions = [], env }: Omit<TestRun, 'title'>): Promise<BatchResult> {
  const args = [...nodeOptions, '--import', 'tsx', '--test-reporter=spec', BATCH, ...files];
  const child = spawn(node ?? process.execPath, args, {
    cwd: ROOT,
    // As Node's runner does: support files then stop at the end of a test file.
    env: { ...process.env, NODE_TEST_CONTEXT: 'batch', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIME_LIMIT_MS,
  });
  let printed = '';
  const keep = (chunk: string) => {
    printed = (printed + chunk).slice(-4_000_000);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  return new Promise((resolve) => {
    child.once('close', (code) => {
      const count = (name: string) => Number(printed.match(new RegExp(`^ℹ ${name} (\\d+)$`, 'm'))?.[1] ?? 0);
      const failed = count('fail') + count('cancelled');
      const passed = count('pass');
      // A run in which nothing passed has not tested anything.
      const isBad = code !== 0 || passed === 0;
      const [, listed] = printed.split('✖ failing tests:\n');
      const failures = listed ?? (isBad ? `\n${files.join(', ')} ended with ${code}\n` : '');
      resolve({ passed, failed: Math.max(failed, isBad ? 1 : 0), skipped: count('skipped'), failures, printed });
    });
  });
}

function sum(totals: readonly Totals[]): Totals {
  const add = (key: 'passed' | 'failed' | 'skipped') => totals.reduce((total, part) => total + part[key], 0);
  const failures = totals.map((part) => part.failures).join('');
  return { passed: add('passed'), failed: add('failed'), skipped: add('skipped'), failures };
}

/** Prints what failed and the closing line, and gives the exit code. */
export function close(totals: readonly Totals[]): number {
  const { passed, failed, skipped, failures } = sum(totals);
  console.log(`${failures && `\nFailed:\n${failures}`}\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed > 0 || passed === 0 ? 1 : 0;
}
