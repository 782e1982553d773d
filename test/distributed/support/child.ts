import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import path from 'node:path';

const ROOT = path.join(__dirname, '..', '..', '..');

/** Generous: there may be two slow cores only, and others who use them. */
const READY_WITHIN_MS = 60_000;

/** A program that has said that it is ready. */
export interface Child {
  /** All it has printed so far. */
  output(): string;
  isRunning(): boolean;
  /** Sends a signal. */
  signal(signal: 'SIGINT' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void;
  /** Ends it at once, even during a request. */
  kill(): Promise<void>;
  /** Waits for its end: its exit code, or `null` after a signal. */
  exit(): Promise<number | null>;
}

/** Starts a program and waits until it prints that it is ready. */
export async function startChild(
  command: string,
  args: readonly string[],
  ready: RegExp,
  env: NodeJS.ProcessEnv = {},
): Promise<Child> {
  const running = spawn(command, args, { cwd: ROOT, env: { ...process.env, ...env }, stdio: 'pipe' });
  const exited = once(running, 'exit').then(([code]) => code as number | null);
  if (running.pid !== undefined) killWithUs(running.pid, exited);

  let output = '';
  try {
    await new Promise<void>((resolve, reject) => {
      const give = (what: string) => reject(new Error(`${command} ${args.join(' ')} ${what}:\n${output}`));
      const timer = setTimeout(() => give('is not ready in time'), READY_WITHIN_MS);
      const read = (chunk: Buffer) => {
        output += chunk.toString();
        if (!ready.test(output)) return;
        clearTimeout(timer);
        resolve();
      };
      running.stdout.on('data', read);
      running.stderr.on('data', read);
      exited.then(
        () => give('has ended'),
        (error) => give(`could not be started (${error})`),
      );
    });
  } catch (error) {
    running.kill('SIGKILL');
    throw error;
  }

  const isRunning = () => running.exitCode === null && running.signalCode === null;
  return {
    output: () => output,
    isRunning,
    signal: (signal) => void running.kill(signal),
    async kill() {
      if (isRunning()) running.kill('SIGKILL');
      await exited;
    },
    exit: () => exited,
  };
}

/** If this process is killed, it cannot end its child. A shell waits for that, and ends the child. */
function killWithUs(pid: number, exited: Promise<unknown>): void {
  const guard = spawn('sh', ['-c', 'read -r _; kill -KILL "$0"', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.unref();
  (guard.stdin as Socket).unref();
  const dismiss = () => void guard.kill('SIGKILL');
  exited.then(dismiss, dismiss);
}
