import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';

/** Generous: installing on two slow cores, which others use too. */
const READY_WITHIN_MS = 240_000;

/** A command that keeps running in the reader's terminal. */
export interface Running {
  readonly output: string;
  end(): Promise<void>;
}

/** The reader does not have the variables that npm, Node's runner, or a developer set for the tests. */
function readersEnvironment(more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(?!config_)|NODE_|TWILIO_|REDIS_|DATABASE_|SESSION_|PORT$|CI$)/.test(name),
  );
  const quick = {
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    NO_COLOR: '1',
  };
  return { ...Object.fromEntries(own), ...quick, ...more };
}

/**
 * Runs commands as the reader does, in a terminal.
 *
 * @param isReady - Whether the output shows that it is running; without it, waits for the end.
 * @throws Error with the output, if it fails, or ends too early, or is not ready in time
 */
export async function runCommands(
  folder: string,
  commands: string,
  env: NodeJS.ProcessEnv,
  isReady?: (output: string) => boolean,
): Promise<Running> {
  // In a separate process group, so that all that the shell starts ends with it.
  const shell = spawn('sh', ['-euc', commands], {
    cwd: folder,
    env: readersEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const pid = shell.pid;
  if (pid === undefined) throw new Error('sh could not be started');
  const endGroup = () => {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  const guard = killWithUs(pid);
  const closed = once(shell, 'close').then(([code]) => code as number | null);
  let output = '';
  const running: Running = {
    get output() {
      return output;
    },
    async end() {
      endGroup();
      await closed;
      guard.kill('SIGKILL');
    },
  };
  try {
    await new Promise<void>((resolve, reject) => {
      const give = (what: string) => reject(new Error(`${what}:\n${commands}\n--- it printed:\n${output}`));
      const timer = setTimeout(() => give('This did not come to its end in time'), READY_WITHIN_MS);
      const read = (chunk: Buffer) => {
        output += chunk.toString();
        if (isReady?.(output)) {
          clearTimeout(timer);
          resolve();
        }
      };
      shell.stdout.on('data', read);
      shell.stderr.on('data', read);
      void closed.then((code) => {
        clearTimeout(timer);
        if (isReady || code !== 0) give(`This ended with ${code}`);
        else resolve();
      });
    });
  } catch (error) {
    await running.end();
    throw error;
  }
  if (!isReady) guard.kill('SIGKILL');
  return running;
}

/** If this process is killed, it cannot end its child. A shell waits for that, and ends the child. */
function killWithUs(group: number) {
  const guard = spawn('sh', ['-c', 'read -r _; kill -KILL -- "-$0"', String(group)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.unref();
  (guard.stdin as Socket).unref();
  return guard;
}
