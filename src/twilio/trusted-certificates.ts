import { readFileSync } from 'node:fs';
import type tls from 'node:tls';
import { TwilioVerifyError } from '../common/errors.js';

/** TLS options for connections to Twilio. */
export interface TrustedCertificates {
  readonly ca: readonly string[];
  readonly secureContext: tls.SecureContext;
}

/**
 * Returns the certificates to trust; `undefined` if they are Node's own, which include those of `NODE_EXTRA_CA_CERTS`.
 * `TWILIO_CA_BUNDLE` adds to them: an explicit `ca` replaces Node's list, and a proxy's CA would then be the only one.
 *
 * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_CONFIGURATION` if the file of `TWILIO_CA_BUNDLE` has no certificate
 */
export function trustedCertificates(env: NodeJS.ProcessEnv): TrustedCertificates | undefined {
  if (!env.TWILIO_CA_BUNDLE) return undefined;
  // It takes time to load, and few apps need it.
  const { rootCertificates, createSecureContext } = require('node:tls') as typeof tls;
  const ca = [...rootCertificates, ...extraCertificates(env), readBundle(env.TWILIO_CA_BUNDLE)];
  // Parsing the list takes Node 50 ms or more: once, and not for each connection. Deno takes `ca` only.
  return { ca, secureContext: createSecureContext({ ca }) };
}

function readBundle(file: string): string {
  let problem = 'it contains no PEM certificate';
  try {
    const text = readFileSync(file, 'utf8');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  } catch (error) {
    problem = `reading it failed with ${(error as NodeJS.ErrnoException).code}`;
  }
  throw new TwilioVerifyError(
    'ERR_TWILIO_VERIFY_CONFIGURATION',
    `Can't use the file that TWILIO_CA_BUNDLE names: ${problem}. Set TWILIO_CA_BUNDLE to a file of PEM certificates, or ` +
      'remove it from the environment.',
    503,
  );
}

/** Node itself warns about a file that it can't read. */
function extraCertificates({ NODE_EXTRA_CA_CERTS }: NodeJS.ProcessEnv): readonly string[] {
  if (!NODE_EXTRA_CA_CERTS) return [];
  try {
    return [readFileSync(NODE_EXTRA_CA_CERTS, 'utf8')];
  } catch {
    return [];
  }
}
