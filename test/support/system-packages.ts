import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** A program that some tests need and npm does not bring. */
export interface SystemProgram {
  readonly command: string;
  /** Another program that does the same, if the first one can't be installed. */
  readonly substitute?: string;
  /** Debian's package. */
  readonly debianPackage: string;
  /** The folders of `test` that are left out without it. */
  readonly neededBy: readonly string[];
  /** The folders to search after the `PATH`, best first. */
  readonly elsewhere?: () => readonly string[];
}

export const CHROMIUM: SystemProgram = {
  command: 'chromium-headless-shell',
  debianPackage: 'chromium-headless-shell',
  neededBy: ['browser'],
};
export const REDIS_SERVER: SystemProgram = {
  command: 'redis-server',
  debianPackage: 'redis-server',
  neededBy: ['distributed', 'sessions', 'attacks'],
};
export const POSTGRES: SystemProgram = {
  command: 'postgres',
  debianPackage: 'postgresql',
  neededBy: ['sessions', 'attacks'],
  elsewhere: postgresFolders,
};
const SYSTEM_PROGRAMS: readonly SystemProgram[] = [CHROMIUM, REDIS_SERVER, POSTGRES];

/** The path of a program or its substitute, if one is installed. */
export function find(program: SystemProgram): string | undefined {
  return findCommand(program) ?? (program.substitute && findCommand({ ...program, command: program.substitute }));
}

function findCommand({ command, elsewhere }: Pick<SystemProgram, 'command' | 'elsewhere'>): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), ...(elsewhere?.() ?? [])];
  return folders
    .map((folder) => path.join(folder, command))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Installs what is missing where that is possible, and gives the folders of tests that cannot run. */
export function provideSystemPrograms(): readonly string[] {
  const lacking = install(SYSTEM_PROGRAMS);
  const folders = [...new Set(lacking.flatMap(({ neededBy }) => neededBy))];
  for (const program of lacking) {
    console.log(`${howToGet(program)}; skipped: test/${program.neededBy.join(', test/')}`);
  }
  if (folders.length > 0 && process.env.CI) {
    console.error('In CI nothing is skipped.');
    process.exit(1);
  }
  return folders;
}

/** Installs those that are missing, where that is possible, and gives those that are missing still. */
export function install(programs: readonly SystemProgram[]): readonly SystemProgram[] {
  const missing = programs.filter((program) => !findCommand(program));
  if (missing.length === 0) return [];
  const packages = missing.map(({ debianPackage }) => debianPackage);
  const [command, ...before] = aptGet();
  if (command !== undefined) {
    console.log(`Installing ${packages.join(', ')} from the system's packages.`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    // One at a time: a system that lacks one package would install none of them.
    for (const args of [['update'], ...packages.map((name) => ['install', '-y', name])]) {
      spawnSync(command, [...before, ...args, '-qq'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    }
  }
  return missing.filter((program) => !find(program));
}

/** The command that installs packages: for root, and in CI with sudo. Developers decide for themselves. */
function aptGet(): readonly string[] {
  if (!findCommand({ command: 'apt-get' })) return [];
  if (process.getuid?.() === 0) return ['apt-get'];
  const canUseSudo = Boolean(process.env.CI) && spawnSync('sudo', ['-n', 'true']).status === 0;
  return canUseSudo ? ['sudo', '-n', '--preserve-env=DEBIAN_FRONTEND', 'apt-get'] : [];
}

/** One line for developers who lack a program. */
export function howToGet({ command, substitute, debianPackage }: SystemProgram): string {
  const names = substitute === undefined ? command : `${command} or ${substitute}`;
  return `${names} is missing (Debian: apt-get install ${debianPackage})`;
}

/** Debian keeps the server of each version in a separate folder. The newest comes first. */
function postgresFolders(): string[] {
  const base = '/usr/lib/postgresql';
  if (!existsSync(base)) return [];
  return readdirSync(base)
    .sort((one, other) => Number(other) - Number(one))
    .map((version) => path.join(base, version, 'bin'));
}
