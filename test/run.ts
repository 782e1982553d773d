/**
 * Runs the tests: `npm test` all of them, `npm test -- http unit` those of some folders. What is to work with Express 4
 * and 5 runs with both.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { provideSystemPrograms } from './support/system-packages.js';

const ROOT = path.join(__dirname, '..');
const WITHOUT_TESTS = ['support', 'bench'];
const ON_EXPRESS_4 = ['http'];

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

function testFiles(folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(path.join(ROOT, 'test', folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => path.join('test', folder, file))
      .sort(),
  );
}

/** Runs files with Node's own runner, shows what it prints, and reads its closing lines. */
function run(title: string, files: readonly string[], nodeOptions: readonly string[] = []): Promise<Totals> {
  console.log(`\n${title}: ${files.length} files`);
  const args = [...nodeOptions, '--import', 'tsx', '--test', '--test-reporter=spec', '--test-concurrency=2', ...files];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  let closing = '';
  child.stdout.on('data', (chunk: Buffer) => {
    process.stdout.write(chunk);
    closing = (closing + chunk.toString()).slice(-4_000_000);
  });
  return new Promise((resolve) => {
    child.once('close', (code) => {
      const count = (name: string) => Number(closing.match(new RegExp(`^ℹ ${name} (\\d+)$`, 'm'))?.[1] ?? 0);
      const failed = count('fail') + count('cancelled');
      resolve({ passed: count('pass'), failed: Math.max(failed, code === 0 ? 0 : 1), skipped: count('skipped') });
    });
  });
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const all = readdirSync(path.join(ROOT, 'test'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !WITHOUT_TESTS.includes(entry.name))
    .map((entry) => entry.name);
  const chosen = wanted.length > 0 ? wanted : all;
  const leftOut = provideSystemPrograms();
  const folders = chosen.filter((folder) => !leftOut.includes(folder));

  const totals: Totals[] = [];
  const express4 = ON_EXPRESS_4.filter((folder) => folders.includes(folder));
  if (express4.length > 0) {
    const preload = ['--require', path.join(ROOT, 'test/support/express-4.cjs')];
    totals.push(await run('With Express 4', testFiles(express4), preload));
  }
  totals.push(await run('With Express 5', testFiles(folders)));

  const sum = (key: keyof Totals) => totals.reduce((total, part) => total + part[key], 0);
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
  process.exitCode = sum('failed') > 0 || sum('passed') === 0 ? 1 : 0;
}

void main();
