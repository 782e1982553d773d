import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import ts from 'typescript';

const ROOT = path.join(__dirname, '..', '..');

/** The package as it is published, with the servers that are measured beside it. */
export interface Build {
  /** The compiled file of a server in `test/bench/servers`. */
  server(name: string): string;
  readonly folder: string;
  remove(): void;
}

/**
 * Compiles everything that is measured into a temporary folder, as it is published: what tsx makes of a source marks
 * every function with its name, and that costs.
 */
export function build(): Build {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'twilio-2fa-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const tsc = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const compiled = spawnSync(process.execPath, [tsc, '-p', 'src', '--outDir', path.join(folder, 'dist')], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (compiled.status !== 0) {
    console.error(`The package does not compile:\n${compiled.stdout}`);
  }
  for (const part of ['package.json', 'views']) cpSync(path.join(ROOT, part), path.join(folder, part), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'), 'junction');

  const servers = path.join(__dirname, 'servers');
  mkdirSync(path.join(folder, 'servers'));
  for (const file of readdirSync(servers)) {
    const { outputText } = ts.transpileModule(readFileSync(path.join(servers, file), 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023, esModuleInterop: true },
    });
    // In the package's own folder its name stands for the package itself.
    writeFileSync(path.join(folder, 'servers', file.replace(/\.ts$/, '.js')), outputText);
  }
  return { folder, remove, server: (name) => path.join(folder, 'servers', `${name}.js`) };
}
