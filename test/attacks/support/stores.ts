import { MemoryStore as FastifyMemoryStore, type SessionStore } from '@fastify/session';
import connectPgSimple from 'connect-pg-simple';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import type { CreateLimiter } from 'passport-twilio-verify';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { createClient } from 'redis';
import { startRedis } from '../../distributed/support/redis-server.js';
import { openPool } from '../../sessions/support/pool.js';
import { limitsInPostgres } from '../../sessions/support/postgres-limiter.js';
import { startPostgres } from '../../sessions/support/postgres-server.js';

/** Options that keep the counters in memory or in the store of the sessions. */
export interface LimiterOptions {
  readonly createLimiter?: CreateLimiter;
}

/** A place for sessions and counters. */
export interface AttackedStore {
  /** `undefined` for sessions that are kept in a cookie. */
  readonly express: session.Store | undefined;
  readonly fastify: SessionStore | undefined;
  readonly limiters: LimiterOptions;
  close(): Promise<unknown>;
}

export const STORES: readonly { readonly name: string; readonly open: () => Promise<AttackedStore> }[] = [
  {
    name: 'MemoryStore',
    open: async () => ({
      express: new session.MemoryStore(),
      fastify: new FastifyMemoryStore(),
      limiters: {},
      close: async () => undefined,
    }),
  },
  { name: 'Redis', open: openRedis },
  { name: 'Postgres', open: openPostgres },
  {
    name: 'sessions in a cookie',
    open: async () => ({ express: undefined, fastify: undefined, limiters: {}, close: async () => undefined }),
  },
];

async function openRedis(): Promise<AttackedStore> {
  const server = await startRedis();
  const client = createClient({ url: server.url });
  client.on('error', () => undefined);
  await client.connect();
  return {
    express: new RedisStore({ client, prefix: 'express:' }),
    fastify: new RedisStore({ client, prefix: 'fastify:' }) as unknown as SessionStore,
    limiters: {
      createLimiter: (options) => new RateLimiterRedis({ storeClient: client, useRedisPackage: true, ...options }),
    },
    async close() {
      await client.close();
      await server.stop();
    },
  };
}

async function openPostgres(): Promise<AttackedStore> {
  const server = await startPostgres();
  const pool = openPool(server.url);
  const PgStore = connectPgSimple(session);
  const store = new PgStore({ pool, createTableIfMissing: true });
  return {
    express: store,
    fastify: store as unknown as SessionStore,
    limiters: { createLimiter: limitsInPostgres(pool) },
    async close() {
      store.close();
      await pool.end();
      await server.stop();
    },
  };
}
