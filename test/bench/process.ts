import { type ChildProcess, fork } from 'node:child_process';
import type { Build } from './build.js';
import type { Question } from './servers/talk.js';

/** A server in its own process. */
export interface Program<TReady> {
  /** Its first message. */
  readonly ready: TReady;
  ask<T>(question: Question): Promise<T>;
  stop(): Promise<void>;
}

/** The first message of a server. */
export interface Listening {
  readonly url: string;
}

const running = new Set<ChildProcess>();

/** Ends every process that still runs. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map(stop));
}

/** Starts a server and waits for its first message. It ends when its channel to this process closes. */
export async function start<TReady = Listening>(
  build: Build,
  name: string,
  env: Readonly<Record<string, string>> = {},
  nodeOptions: readonly string[] = [],
): Promise<Program<TReady>> {
  const child = fork(build.server(name), {
    env: { ...process.env, NODE_ENV: '', NODE_NO_WARNINGS: '1', ...env },
    execArgv: [...nodeOptions],
  });
  running.add(child);
  const pending = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>();
  const ready = await new Promise<TReady>((resolve, reject) => {
    child.once('message', (message) => resolve(message as TReady));
    child.once('exit', (code) => {
      running.delete(child);
      const error = new Error(`The server "${name}" exited with ${code}.`);
      for (const waiting of [{ reject }, ...pending.values()]) waiting.reject(error);
    });
  });
  child.on('message', ({ id, answer }: { id: number; answer: never }) => {
    pending.get(id)?.resolve(answer);
    pending.delete(id);
  });
  let questions = 0;
  return {
    ready,
    ask: (question) =>
      new Promise((resolve, reject) => {
        questions += 1;
        pending.set(questions, { resolve, reject });
        child.send({ id: questions, question });
      }),
    stop: () => stop(child),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (!running.has(child)) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  if (child.connected) child.disconnect();
  await ended;
}
