import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Mutation } from './mutation.js';

/** The slowest test file takes about 15 seconds on a free machine. */
const TIME_LIMIT_MS = 180_000;

const REPORTER = path.join(__dirname, 'test-events.cjs');

/** The result of one test, as `test-events.cjs` prints it. */
interface TestEvent {
  readonly name: string;
  readonly isPassed: boolean;
  readonly isAssertion: boolean;
  readonly isTimeout: boolean;
  readonly message: string;
}

/**
 * How the tests of a file ended. Only a failed assertion or the time limit of a test counts as `failed`. A file that
 * doesn't load, or a test that throws anything else, is `broken`.
 */
export type TestResult =
  | { readonly type: 'passed' }
  | { readonly type: 'failed'; readonly tests: readonly string[] }
  | { readonly type: 'broken'; readonly reason: string };

const running = new Set<number>();

/** Ends every test process that still runs. */
export function stopTests(): void {
  for (const pid of running) stop(pid);
}

/** Runs a test file in a copy of the repository. */
export async function runTestFile(root: string, { file, name }: Mutation['test']): Promise<TestResult> {
  const pattern = name === undefined ? [] : [`--test-name-pattern=${name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}`];
  const args = ['--import', 'tsx', '--test', `--test-reporter=${REPORTER}`, ...pattern, file];
  // A process group of its own, so that the time limit also ends the processes that a test starts.
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const { pid } = child;
  if (pid !== undefined) running.add(pid);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    if (pid !== undefined) stop(pid);
  }, TIME_LIMIT_MS);
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-2_000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearTimeout(timer);
  if (pid !== undefined) running.delete(pid);
  if (isLate) return { type: 'broken', reason: `The tests didn't end within ${TIME_LIMIT_MS / 1000} seconds.` };
  return resultOf(eventsIn(printed, path.join(root, file)), code, errors);
}

/** Returns the results of the tests, without the one that Node adds for the file if the file fails to load. */
function eventsIn(printed: string, testFile: string): readonly TestEvent[] {
  const lines = printed.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as TestEvent).filter(({ name }) => path.resolve(name) !== testFile);
}

function resultOf(events: readonly TestEvent[], code: number | null, errors: string): TestResult {
  if (events.length === 0) return { type: 'broken', reason: `No test ran. ${errors}` };
  const failed = events.filter(({ isPassed }) => !isPassed);
  const expected = failed.filter(({ isAssertion, isTimeout }) => isAssertion || isTimeout);
  if (expected.length > 0) return { type: 'failed', tests: expected.map(({ name }) => name) };
  const [first] = failed;
  if (first) return { type: 'broken', reason: `"${first.name}" failed without an assertion: ${first.message}` };
  return code === 0
    ? { type: 'passed' }
    : { type: 'broken', reason: `The tests passed, but Node exited with ${code}.` };
}

function stop(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The process group has already ended.
  }
}
