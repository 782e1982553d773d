import connectPgSimple from 'connect-pg-simple';
import { RedisStore } from 'connect-redis';
import cookieSession from 'cookie-session';
import type { RequestHandler } from 'express';
import session from 'express-session';
import { createClient } from 'redis';
import { startRedis } from '../../distributed/support/redis-server.js';
import type { Client } from '../../support/client.js';
import { sessionIdOf } from '../../support/second-step.js';
import type { StoreName } from './combinations.js';
import { openPool } from './pool.js';
import { startPostgres } from './postgres-server.js';

export type SessionContent = Readonly<Record<string, unknown>>;

/** An application's sessions, with the queries of the tests. */
export interface OpenStore {
  readonly handler: RequestHandler;
  /** The stored session of a client, or `undefined` for none. */
  read(browser: Client): Promise<SessionContent | undefined>;
  close(): Promise<unknown>;
}

/** A way of keeping sessions. */
export interface StoreUnderTest {
  readonly name: StoreName;
  readonly title: string;
  /** Whether a session has an id, which can be taken back. */
  readonly hasId: boolean;
  open(): Promise<OpenStore>;
}

export const STORES: readonly StoreUnderTest[] = [
  {
    name: 'memory',
    title: 'express-session in memory',
    hasId: true,
    open: async () => withStore(new session.MemoryStore(), async () => undefined),
  },
  { name: 'redis', title: 'connect-redis', hasId: true, open: openRedis },
  { name: 'postgres', title: 'connect-pg-simple', hasId: true, open: openPostgres },
  { name: 'cookie', title: 'cookie-session', hasId: false, open: openCookie },
];

/** The Redis of the run, or one of its own. */
async function openRedis(): Promise<OpenStore> {
  const own = process.env.REDIS_URL ? undefined : await startRedis();
  const client = createClient({ url: own?.url ?? process.env.REDIS_URL ?? '' });
  client.on('error', () => undefined);
  await client.connect();
  return withStore(new RedisStore({ client, prefix: `test:${process.pid}:` }), async () => {
    await client.close();
    await own?.stop();
  });
}

/** The Postgres of the run, or one of its own. */
async function openPostgres(): Promise<OpenStore> {
  const own = process.env.DATABASE_URL ? undefined : await startPostgres();
  const pool = openPool(own?.url ?? process.env.DATABASE_URL ?? '');
  // Several runs at a time have the same Postgres.
  const schemaName = `test_${process.pid}`;
  await pool.query(`create schema ${schemaName}`);
  const PgStore = connectPgSimple(session);
  const store = new PgStore({ pool, schemaName, createTableIfMissing: true });
  return withStore(store, async () => {
    store.close();
    await pool.end();
    await own?.stop();
  });
}

async function openCookie(): Promise<OpenStore> {
  return {
    handler: cookieSession({ name: 'kept', keys: ['a key of the test'] }),
    read: async (browser) => {
      const cookie = browser.cookies.get('kept');
      return cookie === undefined ? undefined : JSON.parse(Buffer.from(cookie, 'base64').toString('utf8'));
    },
    close: async () => undefined,
  };
}

function withStore(store: session.Store, close: () => Promise<unknown>): OpenStore {
  return {
    handler: session({ secret: 'test', resave: false, saveUninitialized: false, store }),
    read: (browser) =>
      new Promise((resolve, reject) => {
        store.get(sessionIdOf(browser), (error, data) =>
          error ? reject(error) : resolve((data ?? undefined) as SessionContent | undefined),
        );
      }),
    close,
  };
}
