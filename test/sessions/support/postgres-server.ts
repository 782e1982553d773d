import { execFile } from 'node:child_process';
import { chownSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Child, startChild } from '../../distributed/support/child.js';
import { freePort } from '../../distributed/support/free-port.js';
import { find, POSTGRES } from '../../support/system-packages.js';

/** A real Postgres, which forgets everything when it ends. */
export interface PostgresServer {
  readonly url: string;
  /** Ends it at once. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with its data. */
  restart(): Promise<void>;
  /** Ends it for good. */
  stop(): Promise<void>;
}

/** Nothing need outlast a power failure here. */
const IN_A_HURRY = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'unix_socket_directories='];

/** Starts a Postgres on a free port of this machine. */
export async function startPostgres(): Promise<PostgresServer> {
  const postgres = find(POSTGRES);
  if (!postgres) throw new Error(`postgres is missing: apt-get install ${POSTGRES.debianPackage}`);
  const initdb = path.join(path.dirname(realpathSync(postgres)), 'initdb');
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postgres-'));
  // Postgres refuses to run as root, and root can switch to any user.
  const [command, ...before] = await asItsUser(folder);
  const run = (program: string, args: readonly string[]) =>
    command === undefined
      ? { command: program, args: [...args] }
      : { command, args: [...before, '--', program, ...args] };

  const making = run(initdb, ['-D', folder, '-U', 'postgres', '--auth=trust', '-E', 'UTF8', '--locale=C', '--no-sync']);
  await promisify(execFile)(making.command, making.args, { cwd: folder });
  const port = await freePort();
  const settings = IN_A_HURRY.flatMap((setting) => ['-c', setting]);
  const serving = run(postgres, ['-D', folder, '-h', '127.0.0.1', '-p', String(port), ...settings]);
  const start = () => startChild(serving.command, serving.args, /database system is ready to accept connections/);
  let server: Child = await start();
  const kill = async () => {
    // Its "fast" shutdown: all clients are disconnected, and no shared memory stays behind.
    server.signal('SIGINT');
    await server.exit();
  };
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    kill,
    async restart() {
      await kill();
      server = await start();
    },
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The command that changes from root to another user. It starts no process of its own, so signals reach Postgres. */
async function asItsUser(folder: string): Promise<string[]> {
  if (process.getuid?.() !== 0) return [];
  const idOf = async (flag: '-u' | '-g') => Number((await promisify(execFile)('id', [flag, 'postgres'])).stdout);
  const [user, group] = await Promise.all([idOf('-u'), idOf('-g')]);
  chownSync(folder, user, group);
  return ['setpriv', `--reuid=${user}`, `--regid=${group}`, '--clear-groups'];
}
