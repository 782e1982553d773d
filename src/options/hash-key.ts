import { createHash, randomBytes } from 'node:crypto';

/** Options that the key can come from. */
export interface HashKeyOptions {
  readonly authToken?: unknown;
  readonly apiSecret?: unknown;
  readonly client?: { readonly password?: unknown } | object;
  readonly createLimiter?: unknown;
}

/** Nothing outside the process sees the keys in its memory, so they need no secret that another process knows. */
const PROCESS_KEY = randomBytes(32);

/**
 * Returns the key of the hashes that limits count under, so the store shows no user IDs, phone numbers, or IP addresses.
 * All processes of an app need the same key, so it comes from `hashSecret` or from the credentials. In memory, it's
 * random.
 *
 * @throws TypeError if the limits are in a store, and neither `hashSecret` nor a credential is a fixed value
 */
export function resolveHashKey(
  hashSecret: string | undefined,
  options: HashKeyOptions,
  env: NodeJS.ProcessEnv,
): Buffer {
  if (hashSecret !== undefined) return keyOf(hashSecret);
  if (!options.createLimiter) return PROCESS_KEY;
  const secret = [
    // In the order in which calls prefer them: an unused credential can differ between processes.
    (options.client as { password?: unknown } | undefined)?.password,
    options.apiSecret ?? env.TWILIO_API_SECRET,
    options.authToken ?? env.TWILIO_AUTH_TOKEN,
  ].find((candidate) => typeof candidate === 'string' && candidate !== '');
  // Without a secret, anyone who reads the store can find the phone number behind a key: there are few numbers to try.
  if (typeof secret !== 'string') {
    throw new TypeError(
      'TwilioVerifyStrategy: option "hashSecret" is required with "createLimiter", because no credential has a fixed ' +
        'value to derive the keys of the limits from. Add hashSecret: process.env.LIMITS_SECRET, the same in every process',
    );
  }
  return keyOf(secret);
}

function keyOf(secret: string): Buffer {
  return createHash('sha256').update(`passport-twilio-verify limits\0${secret}`).digest();
}
