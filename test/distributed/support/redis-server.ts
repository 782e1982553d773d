import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Child, startChild } from './child.js';
import { freePort } from './free-port.js';

/** A real Redis, which keeps nothing on disk. */
export interface RedisServer {
  readonly url: string;
  /** Ends it at once, with all its data. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty. */
  restart(): Promise<void>;
  /** It takes connections and answers nothing. */
  suspend(): void;
  /** Resumes it. */
  resume(): void;
  /** Ends it for good. */
  stop(): Promise<void>;
}

/** Starts a Redis on a free port of this machine. */
export async function startRedis(): Promise<RedisServer> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'redis-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const start = () => startChild('redis-server', args, /Ready to accept connections/);
  let server: Child = await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: () => server.kill(),
    async restart() {
      await server.kill();
      server = await start();
    },
    suspend: () => server.signal('SIGSTOP'),
    resume: () => server.signal('SIGCONT'),
    async stop() {
      await server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
