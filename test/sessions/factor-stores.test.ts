import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type FactorStore, testFactorStore } from 'passport-twilio-verify';
import { createClient } from 'redis';
import { FactorRecords } from '../../src/store/factor-records.js';
import { startRedis } from '../distributed/support/redis-server.js';
import { createTable, postgresFactorStore, redisFactorStore } from './support/documented-factor-stores.js';
import { openPool } from './support/pool.js';
import { startPostgres } from './support/postgres-server.js';

/** A database. Each store has a separate connection, as each process has one. */
interface Database {
  openStore(): Promise<FactorStore>;
  /** Replaces a user's record with a damaged one. */
  damage(userId: string): Promise<unknown>;
  stop(): Promise<void>;
}

async function startPostgresDatabase(): Promise<Database> {
  const server = await startPostgres();
  const pools = [openPool(server.url)];
  await pools[0]?.query(createTable);
  return {
    openStore: async () => {
      const pool = openPool(server.url);
      pools.push(pool);
      return postgresFactorStore(pool);
    },
    damage: async (userId) => pools[0]?.query(`update two_factor set record = '"text"' where user_id = $1`, [userId]),
    stop: async () => {
      await Promise.all(pools.map((pool) => pool.end()));
      await server.stop();
    },
  };
}

async function startRedisDatabase(): Promise<Database> {
  const server = await startRedis();
  const clients: ReturnType<typeof createClient>[] = [];
  const open = async () => {
    const client = createClient({ url: server.url });
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client as ReturnType<typeof createClient>);
    return client as ReturnType<typeof createClient>;
  };
  return {
    openStore: async () => redisFactorStore(await open()),
    damage: async (userId) => clients[0]?.hSet(`two-factor:${userId}`, 'record', '"text"'),
    stop: async () => {
      for (const client of clients) client.destroy();
      await server.stop();
    },
  };
}

for (const { name, start } of [
  { name: 'Postgres', start: startPostgresDatabase },
  { name: 'Redis', start: startRedisDatabase },
]) {
  describe(`the documented factor store on ${name}`, () => {
    let database: Database;
    before(async () => {
      database = await start();
    });
    after(() => database.stop());

    it(`the store on ${name} keeps the rules of testFactorStore`, async () => {
      await testFactorStore(() => database.openStore());
    });

    it(`a damaged record on ${name} is a failure, and a reset replaces it`, async () => {
      const store = await database.openStore();
      const records = new FactorRecords(store);
      await records.reset('ann');
      await database.damage('ann');
      await assert.rejects(records.read('ann'), { code: 'ERR_TWILIO_VERIFY_STORE' });
      await records.reset('ann');
      assert.deepEqual(await records.read('ann'), { schema: 1 });
    });
  });
}
