import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import ts from 'typescript';

const ROOT = path.join(__dirname, '..', '..');

const SERVERS = path.join('test', 'bench', 'servers');

/** The package's sources, and the servers that measure it. */
const SOURCES = ['src', 'scripts', 'views', 'package.json', 'tsconfig.json', SERVERS];

/** The package as npm publishes it, with the servers of the benchmark. */
export interface Build {
  /** Path of a compiled file of `test/bench/servers`. */
  server(name: string): string;
  remove(): void;
}

/** The builds of one run. */
export interface Subject {
  readonly build: Build;
  /** The revision from `--base`. */
  readonly base: Build | undefined;
}

/**
 * Builds the working tree in a temporary folder. The benchmark measures published code, as tsx adds a call to each
 * function it compiles, to keep its name.
 */
export function buildWorkingTree(): Build {
  const folder = newFolder();
  const remove = () => rmSync(folder, { recursive: true, force: true });
  return buildIn(folder, remove, () => {
    for (const source of SOURCES) cpSync(path.join(ROOT, source), path.join(folder, source), { recursive: true });
  });
}

/**
 * Builds another revision, with the dependencies of the working tree. Its own `ours.ts` creates its application, so
 * options may have other names there.
 */
export function buildRevision(revision: string): Build {
  const folder = newFolder();
  const remove = () => {
    // Removes only this worktree: "prune" would also forget others whose folder is missing.
    spawnSync('git', ['worktree', 'remove', '--force', folder], { cwd: ROOT });
    rmSync(folder, { recursive: true, force: true });
  };
  return buildIn(folder, remove, () => {
    run('git', ['worktree', 'add', '--detach', folder, `${revision}^{commit}`], ROOT);
  });
}

function newFolder(): string {
  return mkdtempSync(path.join(os.tmpdir(), 'twilio-2fa-bench-'));
}

function buildIn(folder: string, remove: () => void, copySources: () => void): Build {
  try {
    copySources();
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
    run(process.execPath, ['--import', 'tsx', 'scripts/build.mts'], folder);
    compileServers(path.join(folder, SERVERS));
  } catch (error) {
    remove();
    throw error;
  }
  return { server: (name) => path.join(folder, SERVERS, `${name}.js`), remove };
}

/** Writes each server next to its source. There, the package's name resolves to the package around it. */
function compileServers(folder: string): void {
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023, esModuleInterop: true };
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts'))) {
    const source = path.join(folder, file);
    const { outputText } = ts.transpileModule(readFileSync(source, 'utf8'), { compilerOptions });
    writeFileSync(source.replace(/\.ts$/, '.js'), outputText);
  }
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`"${command} ${args.join(' ')}" failed:\n${error ?? ''}${stdout}${stderr}`);
}
