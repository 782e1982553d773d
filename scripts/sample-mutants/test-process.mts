import { spawn } from 'node:child_process';

/** How a test file ended. */
export type TestEnd =
  | { readonly type: 'passed'; readonly durationMs: number }
  | { readonly type: 'failed'; readonly name: string }
  | { readonly type: 'timedOut' };

export interface TestProcess {
  /** The repository, or a copy of it. */
  readonly root: string;
  /** Relative to `root`. */
  readonly file: string;
  readonly timeLimitMs: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs one test file, and ends it at the first test that fails. */
export function runTestFile({ root, file, timeLimitMs, env }: TestProcess): Promise<TestEnd> {
  const startedAt = Date.now();
  // Without `--test-force-exit`, a server that a test leaves open keeps the process running.
  const args = ['--import', 'tsx', '--test-reporter=tap', '--test-force-exit', file];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
    // A separate process group, so that killing it also ends the children that a test starts.
    detached: true,
  });
  return new Promise((resolve) => {
    let end: TestEnd | undefined;
    const endAs = (how: TestEnd) => {
      end ??= how;
      killGroup(child.pid);
    };
    const timer = setTimeout(() => endAs({ type: 'timedOut' }), timeLimitMs);
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-100_000);
      const failure = printed.match(/^ *not ok \d+ - (.*)\n/m);
      if (failure) endAs({ type: 'failed', name: failure[1] ?? '' });
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      const passed: TestEnd = { type: 'passed', durationMs: Date.now() - startedAt };
      resolve(end ?? (code === 0 ? passed : { type: 'failed', name: `exit code ${code}` }));
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The process has ended meanwhile.
  }
}
