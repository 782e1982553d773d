import { execFile } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

export const ROOT = path.join(__dirname, '..', '..');

/** The files of the package, and those that build it. */
const SOURCES = [
  ...['src', 'views', 'docs', 'scripts', 'package.json', 'tsconfig.json'],
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'LICENSE'],
];

/** The result of a command. */
export interface Run {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. @throws Error with the output, if it fails */
export async function run(folder: string, command: string, args: readonly string[]): Promise<Run> {
  // The variables that npm sets for the tests are not for processes that represent other people's.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_(?!config_)|NODE_OPTIONS|NODE_TEST|TWILIO_)/.test(name)),
  );
  try {
    return await promisify(execFile)(command, args, { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')}\n${stdout}\n${stderr}`, { cause: error });
  }
}

/** A project that has installed the packed package. */
export interface Project {
  readonly folder: string;
  /** The package as it was packed. */
  readonly tarball: string;
  /** The package as it was installed. */
  readonly installed: string;
  /** Paths in the tarball. */
  readonly packed: readonly string[];
  /** Bytes that the package takes, without what it depends on. */
  readonly unpackedSize: number;
  /** Writes a file into the project, and gives its path. */
  write(name: string, text: string): string;
  /** Runs a file of the project with Node. */
  node(file: string, ...args: readonly string[]): Promise<Run>;
  /** Removes it all. */
  remove(): void;
}

interface Packed {
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/**
 * Packs the package, from a copy, so that nothing is written into the working tree, and installs it as a user does.
 *
 * @param packages - More packages to install, as `npm install` takes them.
 */
export async function installPackage(packages: readonly string[]): Promise<Project> {
  const base = mkdtempSync(path.join(os.tmpdir(), 'packed-'));
  const folder = path.join(base, 'project');
  mkdirSync(folder);
  const { filename, unpackedSize, files } = await packPackage(base);
  const tarball = path.join(base, filename);

  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await run(folder, 'npm', ['install', ...quiet, tarball, ...packages]);
  return {
    folder,
    tarball,
    installed: path.join(folder, 'node_modules', 'passport-twilio-verify'),
    packed: files.map((file) => file.path),
    unpackedSize,
    write(name, text) {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
    node: (file, ...args) => run(folder, process.execPath, [file, ...args]),
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}

/** Packs the package into a folder that `packPackage` finds by this variable, for all processes that get it. */
export async function packOnce(folder: string): Promise<{ readonly PACKED_PACKAGE: string }> {
  writeFileSync(path.join(folder, 'packed.json'), JSON.stringify(await packPackage(folder)));
  return { PACKED_PACKAGE: folder };
}

/** Packs it from a copy, into a folder, or takes the tarball that `packOnce` has made. */
export async function packPackage(destination: string): Promise<Packed> {
  const { PACKED_PACKAGE } = process.env;
  if (PACKED_PACKAGE !== undefined) {
    const packed: Packed = JSON.parse(readFileSync(path.join(PACKED_PACKAGE, 'packed.json'), 'utf8'));
    copyFileSync(path.join(PACKED_PACKAGE, packed.filename), path.join(destination, packed.filename));
    return packed;
  }
  const copy = path.join(destination, 'copy');
  mkdirSync(copy);
  const present = new Set(readdirSync(ROOT));
  for (const name of SOURCES.filter((source) => present.has(source))) {
    cpSync(path.join(ROOT, name), path.join(copy, name), { recursive: true });
  }
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
  const { stdout } = await run(copy, 'npm', ['pack', '--json', '--pack-destination', destination]);
  const [packed] = JSON.parse(stdout.slice(stdout.search(/^\[/m))) as [Packed];
  return packed;
}

/** The version of a package that the tests themselves use, for `npm install`. */
export function sameVersion(name: string): string {
  const { version } = require(path.join(ROOT, 'node_modules', name, 'package.json')) as { version: string };
  return `${name}@${version}`;
}
