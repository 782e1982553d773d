import { randomBytes } from 'node:crypto';
import { RedisStore } from 'connect-redis';
import type { CreateLimiter } from 'passport-twilio-verify';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { createClient } from 'redis';
import type { ExampleOptions } from './app.js';

/** Connects to Redis, and puts there what several processes share: sessions, limits and the users' numbers. */
export async function sharedInRedis(url: string): Promise<{ options: ExampleOptions; close: () => void }> {
  const redis = createClient({
    url,
    // While Redis is away a request is refused at once, and does not wait for it to come back.
    disableOfflineQueue: true,
    socket: { connectTimeout: 2_000, reconnectStrategy: (retries) => Math.min(100 * 2 ** retries, 1_000) },
  });
  redis.on('error', (error) => console.error(`Redis: ${(error as Error).message || 'cannot be reached'}`));
  await redis.connect();

  // Every process signs its cookies with the secret that the first one has put there.
  await redis.set('example:secret', randomBytes(32).toString('hex'), { condition: 'NX' });
  const secret = (await redis.get('example:secret')) ?? '';

  const createLimiter: CreateLimiter = (options) =>
    new RateLimiterRedis({ storeClient: redis, useRedisPackage: true, ...options });
  return {
    options: {
      secret,
      store: new RedisStore({ client: redis, prefix: 'example:session:' }),
      phoneNumbers: {
        get: (userId) => redis.get(`example:phone:${userId}`),
        set: (userId, phoneNumber) => redis.set(`example:phone:${userId}`, phoneNumber),
      },
      twoFactor: { createLimiter },
    },
    close: () => {
      if (redis.isOpen) redis.destroy();
    },
  };
}
