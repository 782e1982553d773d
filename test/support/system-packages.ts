import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** A program that some tests need and npm does not bring. */
export interface SystemProgram {
  readonly command: string;
  /** Debian's package. */
  readonly debianPackage: string;
  /** The folders of `test` that are left out without it. */
  readonly neededBy: readonly string[];
}

export const CHROMIUM: SystemProgram = { command: 'chromium', debianPackage: 'chromium', neededBy: ['browser'] };
export const REDIS_SERVER: SystemProgram = {
  command: 'redis-server',
  debianPackage: 'redis-server',
  neededBy: ['distributed'],
};
export const SYSTEM_PROGRAMS: readonly SystemProgram[] = [CHROMIUM, REDIS_SERVER];

/** Where a command stands, if it is installed. */
export function find(command: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
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
  const missing = SYSTEM_PROGRAMS.filter(({ command }) => !find(command));
  if (missing.length === 0) return [];
  const packages = missing.map(({ debianPackage }) => debianPackage);
  if (process.getuid?.() === 0 && find('apt-get')) {
    console.log(`Installing ${packages.join(', ')} from the system's packages, for the tests that need them.`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['update', '-qq'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    spawnSync('apt-get', ['install', '-y', '-qq', ...packages], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  const lacking = SYSTEM_PROGRAMS.filter(({ command }) => !find(command));
  const folders = [...new Set(lacking.flatMap(({ neededBy }) => neededBy))];
  for (const { command, debianPackage, neededBy } of lacking) {
    console.log(
      `${command} is missing (Debian: apt-get install ${debianPackage}); skipped: test/${neededBy.join(', test/')}`,
    );
  }
  if (folders.length > 0 && process.env.CI) {
    console.error('In CI nothing is skipped.');
    process.exit(1);
  }
  return folders;
}
