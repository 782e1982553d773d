import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const ROOT = path.join(__dirname, '..', '..');
/** The option of Node that resolves Express to Express 4. */
export const WITH_EXPRESS_4 = ['--require', path.join(ROOT, 'test/support/express-4.cjs')];

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Files with tests, and how they are run. */
export interface TestRun {
  readonly title: string;
  readonly files: readonly string[];
  /** The program of Node. @default this one */
  readonly node?: string;
  readonly nodeOptions?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Shows what is printed at the end only, for runs that run in parallel with others. @default false */
  readonly isHeld?: boolean;
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

/** Runs files with Node's own runner, shows what it prints, and reads its closing lines. */
export function runTests({ title, files, node, nodeOptions = [], env, isHeld = false }: TestRun): Promise<Totals> {
  const heading = `\n${title}: ${files.length} ${files.length === 1 ? 'file' : 'files'}\n`;
  if (!isHeld) process.stdout.write(heading);
  const concurrency = `--test-concurrency=${os.availableParallelism()}`;
  const args = [...nodeOptions, '--import', 'tsx', '--test', '--test-reporter=spec', concurrency, ...files];
  const child = spawn(node ?? process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', isHeld ? 'pipe' : 'inherit'],
  });
  let printed = '';
  const keep = (chunk: Buffer) => {
    if (!isHeld) process.stdout.write(chunk);
    printed = (printed + chunk.toString()).slice(-4_000_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return new Promise((resolve) => {
    child.once('close', (code) => {
      if (isHeld) process.stdout.write(heading + printed);
      const count = (name: string) => Number(printed.match(new RegExp(`^ℹ ${name} (\\d+)$`, 'm'))?.[1] ?? 0);
      const failed = count('fail') + count('cancelled');
      const passed = count('pass');
      // A run in which nothing passed has not tested anything.
      const isBad = code !== 0 || passed === 0;
      resolve({ passed, failed: Math.max(failed, isBad ? 1 : 0), skipped: count('skipped') });
    });
  });
}

/** Prints the closing line, and gives the exit code. */
export function close(totals: readonly Totals[]): number {
  const sum = (key: keyof Totals) => totals.reduce((total, part) => total + part[key], 0);
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
  return sum('failed') > 0 || sum('passed') === 0 ? 1 : 0;
}
