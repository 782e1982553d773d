import { fork } from 'node:child_process';
import type { Build } from './build.js';
import type { Question } from './servers/talk.js';

/** A server in a process of its own. */
export interface Server<TReady> {
  readonly ready: TReady;
  ask<T>(question: Question): Promise<T>;
  stop(): Promise<void>;
}

const running = new Set<Server<unknown>>();

/** Ends every server that is left. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((server) => server.stop()));
}

/** Starts a server and waits until it is ready. It ends with this process, however that ends: its channel closes. */
export async function startServer<TReady = { readonly url: string }>(
  build: Build,
  name: string,
  env: Readonly<Record<string, string>>,
  nodeOptions: readonly string[] = [],
): Promise<Server<TReady>> {
  const child = fork(build.server(name), {
    env: { ...process.env, NODE_ENV: '', NODE_NO_WARNINGS: '1', ...env },
    execArgv: [...nodeOptions],
    serialization: 'advanced',
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const asked = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  let questions = 0;
  const ready = await new Promise<TReady>((resolve, reject) => {
    child.once('message', (message) => resolve(message as TReady));
    child.once('exit', (code) => reject(new Error(`The server "${name}" ended with ${code}.`)));
  });
  child.on('message', ({ id, answer }: { id: number; answer: unknown }) => {
    asked.get(id)?.resolve(answer);
    asked.delete(id);
  });
  child.once('exit', () => {
    for (const { reject } of asked.values()) reject(new Error(`The server "${name}" has ended.`));
  });

  const server: Server<TReady> = {
    ready,
    ask: <T>(question: Question) =>
      new Promise<T>((resolve, reject) => {
        questions += 1;
        const id = questions;
        asked.set(id, { resolve: (answer) => resolve(answer as T), reject });
        child.send({ id, question });
      }),
    stop: async () => {
      running.delete(server);
      if (child.connected) child.disconnect();
      await gone;
    },
  };
  running.add(server);
  return server;
}
