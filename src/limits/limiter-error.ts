import { TwilioVerifyError } from '../common/errors.js';

/** The line that most apps need. */
const EXAMPLE = 'createLimiter: (options) => new RateLimiterRedis({ storeClient, useRedisPackage: true, ...options })';

/** Fields of a limiter that show mistakes in `createLimiter`. Limiters of other packages may lack all of them. */
interface LimiterDetails {
  readonly keyPrefix?: unknown;
  readonly points?: unknown;
  readonly duration?: unknown;
  readonly client?: unknown;
  readonly useRedisPackage?: unknown;
  readonly useRedis3AndLowerPackage?: unknown;
}

/** The options that a limiter must have been created with. */
interface GivenOptions {
  readonly keyPrefix: string;
  readonly points: number;
  readonly duration: number;
}

/**
 * Returns the mistake in a limiter that `createLimiter` returned; `undefined` if there is none.
 *
 * @param functions - Names of the functions that the limiter needs.
 */
export function limiterMistake(
  limiter: unknown,
  functions: readonly string[],
  options: GivenOptions,
): TwilioVerifyError | undefined {
  const mistake =
    missingReturn(limiter) ??
    missingFunctions(limiter, functions) ??
    missingOptions(limiter as LimiterDetails, options) ??
    wrongRedisPackage(limiter as LimiterDetails);
  return mistake === undefined ? undefined : limiterError(`${mistake}. No codes were sent or checked.`);
}

/** Returns the error of a limiter whose store failed or was late. */
export function limiterFailure(cause: unknown): TwilioVerifyError {
  return limiterError(
    `Can't use the rate-limit store, so no codes were sent or checked: ${briefly(cause)}. Check that it runs, and check ` +
      'the client in "createLimiter".',
    { cause },
  );
}

function limiterError(message: string, options?: ErrorOptions): TwilioVerifyError {
  return new TwilioVerifyError('ERR_TWILIO_VERIFY_LIMITER', message, 503, options);
}

function missingReturn(limiter: unknown): string | undefined {
  if (typeof limiter === 'function') {
    return `"createLimiter" returned a class or a function instead of a limiter. Create one with "new": ${EXAMPLE}`;
  }
  if (typeof limiter === 'object' && limiter !== null) return undefined;
  return `"createLimiter" returned ${limiter === null ? 'null' : typeof limiter} instead of a limiter. Add "return": ${EXAMPLE.replace('new ', '{ return new ')} }`;
}

function missingFunctions(limiter: unknown, functions: readonly string[]): string | undefined {
  const missing = functions.filter((name) => typeof (limiter as Record<string, unknown>)[name] !== 'function');
  if (missing.length === 0) return undefined;
  const names = missing.map((name) => `${name}()`).join(', ');
  return `"createLimiter" returned an object without ${names}. Return a limiter of rate-limiter-flexible: ${EXAMPLE}`;
}

/** Without them, all limiters share one prefix, so that guesses and sends of a user count in one counter. */
function missingOptions(limiter: LimiterDetails, { keyPrefix, points, duration }: GivenOptions): string | undefined {
  const hasOther = (name: 'points' | 'duration', value: number) => name in limiter && limiter[name] !== value;
  const hasOtherPrefix = typeof limiter.keyPrefix === 'string' && !limiter.keyPrefix.includes(keyPrefix);
  if (!hasOtherPrefix && !hasOther('points', points) && !hasOther('duration', duration)) return undefined;
  return `"createLimiter" ignored "keyPrefix", "points", or "duration" of its argument. Add "...options": ${EXAMPLE}`;
}

/** `RateLimiterRedis` calls `pttl` of ioredis, and `pTTL` of the package `redis`. */
function wrongRedisPackage(limiter: LimiterDetails): string | undefined {
  const { client, useRedisPackage, useRedis3AndLowerPackage } = limiter;
  if (typeof client !== 'object' || client === null || !('useRedisPackage' in limiter)) return undefined;
  const has = (name: string) => typeof (client as Record<string, unknown>)[name] === 'function';
  if (has('pTTL') && !has('pttl') && !useRedisPackage && !useRedis3AndLowerPackage) {
    return `"createLimiter" passed a client of the package "redis" without saying so. Add "useRedisPackage: true": ${EXAMPLE}`;
  }
  if (has('pttl') && !has('pTTL') && useRedisPackage) {
    return `"createLimiter" set "useRedisPackage: true", but its client isn't one of the package "redis". Remove it: ${EXAMPLE.replace(' useRedisPackage: true,', '')}`;
  }
  return undefined;
}

/** The cause in a few words: an error code if there is one. A connection string can have a password in it. */
function briefly(cause: unknown): string {
  if (!(cause instanceof Error)) return 'it rejected with something that is not an error';
  const { code } = cause as { code?: unknown };
  const [line = ''] = cause.message.split('\n');
  const text = line.replace(/\/\/[^@\s/]*@/g, '//').slice(0, 120);
  if (typeof code !== 'string' || text.includes(code)) return text || cause.name;
  return text === '' ? code : `${code}, ${text}`;
}
