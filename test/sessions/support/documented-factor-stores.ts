import type { FactorStore } from 'passport-twilio-verify';
import type { Pool } from 'pg';
import type { createClient } from 'redis';
import { blockOf, exportsOf } from '../../docs/support/recipe.js';

const GUIDE = 'docs/factor-store.md';

/** The statement that makes the table, as docs/factor-store.md has it. */
export const createTable = blockOf(GUIDE, 'Postgres', 'sql').text;

/** The store on Postgres, as docs/factor-store.md has it. */
export const { postgresFactorStore } = exportsOf<{ postgresFactorStore(pool: Pool): FactorStore }>(
  blockOf(GUIDE, 'Postgres', 'ts'),
);

/** The store on Redis, as docs/factor-store.md has it. */
export const { redisFactorStore } = exportsOf<{
  redisFactorStore(redis: ReturnType<typeof createClient>, prefix?: string): FactorStore;
}>(blockOf(GUIDE, 'Redis', 'ts'));
