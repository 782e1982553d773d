import { Pool, type PoolConfig } from 'pg';

/** Connections to a Postgres that may end before them: a pool is done before its connections are. */
export function openPool(connectionString: string, settings: PoolConfig = {}): Pool {
  const pool = new Pool({ connectionString, ...settings });
  pool.on('error', () => undefined);
  return pool;
}
