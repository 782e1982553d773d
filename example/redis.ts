import { randomBytes } from 'node:crypto';
import { RedisStore } from 'connect-redis';
import type { CreateLimiter } from 'passport-twilio-verify';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { createClient } from 'redis';
import type { ExampleOptions } from './app.js';
import { redisFactorStore } from './factor-store.js';

/** Maximum time for an answer of Redis. Its client waits indefinitely, and so would people. */
const ANSWER_WITHIN_MS = 1_500;

/** Connects to Redis, and puts there what several processes share: sessions, limits, factors, and phone numbers. */
export async function sharedInRedis(url: string): Promise<{ options: ExampleOptions; close: () => void }> {
  const redis = createClient({
    url,
    // While Redis is down, a request is refused at once, and doesn't wait for a new connection.
    disableOfflineQueue: true,
    // The time limits below are shorter, and the client's timer takes as long as the command itself.
    commandOptions: { timeout: 0 },
    socket: { connectTimeout: 2_000, reconnectStrategy: (retries) => Math.min(100 * 2 ** retries, 1_000) },
  });
  redis.on('error', (error) => console.error(`Redis: ${(error as Error).message || 'cannot be reached'}`));
  await redis.connect();

  // Every process signs its cookies with the secret that the first one has put there.
  await redis.set('example:secret', randomBytes(32).toString('hex'), { condition: 'NX' });
  const secret = (await redis.get('example:secret')) ?? '';

  const withTimeLimit = answeringInTime(redis);
  // The limits and the factor store have a time limit of their own.
  const createLimiter: CreateLimiter = (options) =>
    new RateLimiterRedis({ storeClient: redis, useRedisPackage: true, ...options });
  return {
    options: {
      secret,
      store: new RedisStore({ client: withTimeLimit, prefix: 'example:session:' }),
      phoneNumbers: {
        get: (userId) => withTimeLimit.get(`example:phone:${userId}`),
        set: (userId, phoneNumber) => withTimeLimit.set(`example:phone:${userId}`, phoneNumber),
      },
      twoFactor: { createLimiter, store: redisFactorStore(redis, 'example:two-factor:') },
    },
    close: () => {
      if (redis.isOpen) redis.destroy();
    },
  };
}

/** Returns the same client, but each command fails if its answer is late. */
function answeringInTime<TClient extends object>(client: TClient): TClient {
  return new Proxy(client, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        const answer: unknown = member.apply(target, args);
        return answer instanceof Promise ? withinTime(answer) : answer;
      };
    },
  });
}

async function withinTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)), ANSWER_WITHIN_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
