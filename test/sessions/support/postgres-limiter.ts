import type { CreateLimiter } from 'passport-twilio-verify';
import type { Pool } from 'pg';
import { RateLimiterPostgres } from 'rate-limiter-flexible';

/** As docs/scaling.md has it: one table for all limiters, which is made first. */
export function limitsInPostgres(pool: Pool): CreateLimiter {
  return (options) =>
    new Promise((resolve, reject) => {
      const settings = { storeClient: pool, tableName: 'two_factor_limits', ...options };
      const limiter = new RateLimiterPostgres(settings, (error) => (error ? reject(error) : resolve(limiter)));
    });
}
