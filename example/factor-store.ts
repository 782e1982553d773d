import type { FactorStore } from 'passport-twilio-verify';
import type { createClient } from 'redis';

type Redis = Pick<ReturnType<typeof createClient>, 'hGetAll' | 'eval' | 'del'>;

/** Compares and writes in one atomic step. */
const SAVE = `
  if (redis.call('HGET', KEYS[1], 'revision') or '') ~= ARGV[3] then return 0 end
  redis.call('HSET', KEYS[1], 'record', ARGV[1], 'revision', ARGV[2])
  return 1`;

/** Keeps the records in one hash per user. */
export function redisFactorStore(redis: Redis, prefix = 'two-factor:'): FactorStore {
  return {
    async load(userId) {
      const { record, revision } = await redis.hGetAll(prefix + userId);
      if (record === undefined && revision === undefined) return undefined;
      return { record: JSON.parse(record ?? ''), revision: revision ?? '' };
    },
    async save(userId, { record, revision }, expected) {
      const args = [JSON.stringify(record), revision, expected ?? ''];
      return (await redis.eval(SAVE, { keys: [prefix + userId], arguments: args })) === 1;
    },
    async delete(userId) {
      await redis.del(prefix + userId);
    },
  };
}
