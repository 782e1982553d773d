import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import ts from 'typescript';

const ROOT = path.join(__dirname, '..', '..');

/** What the package is built from. */
const SOURCES = ['src', 'scripts', 'views', 'package.json', 'tsconfig.json'];

/** The package as it is published, with the programs that are measured beside it. */
export interface Build {
  /** A compiled program of `test/bench/servers`. */
  program(name: string): string;
  remove(): void;
}

/**
 * Builds all that is measured in a temporary folder, as it is published: with what tsx makes of a source every function
 * is given its name when it is made, and that costs.
 */
export function build(): Build {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'twilio-2fa-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  for (const source of SOURCES) cpSync(path.join(ROOT, source), path.join(folder, source), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  const built = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/build.mts'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (built.status !== 0) {
    remove();
    throw new Error(`The package cannot be built:\n${built.stdout}${built.stderr}`);
  }

  // In the package's own folder, its name stands for the package itself.
  const programs = path.join(folder, 'programs');
  mkdirSync(programs);
  const servers = path.join(__dirname, 'servers');
  for (const file of readdirSync(servers)) {
    const { outputText } = ts.transpileModule(readFileSync(path.join(servers, file), 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023, esModuleInterop: true },
    });
    writeFileSync(path.join(programs, file.replace(/\.ts$/, '.js')), outputText);
  }
  return { program: (name) => path.join(programs, `${name}.js`), remove };
}
