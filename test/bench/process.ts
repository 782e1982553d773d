import { type ChildProcess, fork } from 'node:child_process';
import type { Build } from './build.js';
import type { Question } from './servers/talk.js';

/** A program of `servers`, in a process of its own. */
export interface Program<TReady> {
  /** The first that it said. */
  readonly ready: TReady;
  ask<T>(question: Question): Promise<T>;
  stop(): Promise<void>;
}

/** What a server says first. */
export interface Listening {
  readonly url: string;
}

const running = new Set<ChildProcess>();

/** Ends every process that is left. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map(stop));
}

/** Starts a program and waits until it says that it is ready. It ends when its channel to this process closes. */
export async function start<TReady = Listening>(
  build: Build,
  name: string,
  env: Readonly<Record<string, string>> = {},
  nodeOptions: readonly string[] = [],
): Promise<Program<TReady>> {
  const child = fork(build.program(name), {
    env: { ...process.env, NODE_ENV: '', NODE_NO_WARNINGS: '1', ...env },
    execArgv: [...nodeOptions],
  });
  running.add(child);
  const asked = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>();
  const ready = await new Promise<TReady>((resolve, reject) => {
    child.once('message', (message) => resolve(message as TReady));
    child.once('exit', (code) => {
      running.delete(child);
      const error = new Error(`The program "${name}" has ended with ${code}.`);
      for (const waiting of [{ reject }, ...asked.values()]) waiting.reject(error);
    });
  });
  child.on('message', ({ id, answer }: { id: number; answer: never }) => {
    asked.get(id)?.resolve(answer);
    asked.delete(id);
  });
  let questions = 0;
  return {
    ready,
    ask: (question) =>
      new Promise((resolve, reject) => {
        questions += 1;
        asked.set(questions, { resolve, reject });
        child.send({ id: questions, question });
      }),
    stop: () => stop(child),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (!running.has(child)) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  if (child.connected) child.disconnect();
  await gone;
}
