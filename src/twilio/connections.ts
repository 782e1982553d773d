import type { Dispatcher } from 'undici';
import { TwilioVerifyError } from '../common/errors.js';
import { trustedCertificates } from './trusted-certificates.js';

/** Connections to one host. With fewer, people would wait in line as soon as Twilio is slow. */
const MAX_CONNECTIONS = 1_000;

/** Bytes of one answer. Twilio's have two or three thousand, and what answers instead may be anything. */
const MAX_ANSWER_BYTES = 1_000_000;

/**
 * Loads undici, which takes about 40 ms: when the router is created, or on the first call. The path names a file,
 * because Bun replaces the module `undici` by its own, which has neither pools nor proxies.
 */
export function loadUndici(): typeof import('undici') {
  return require('undici/index.js') as typeof import('undici');
}

/**
 * Opens the pool of connections to Twilio: through the proxy of `HTTPS_PROXY` or `HTTP_PROXY` for every host that
 * `NO_PROXY` doesn't name.
 *
 * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_CONFIGURATION` if a proxy isn't a URL, or `TWILIO_CA_BUNDLE` can't be read
 */
export function openConnections(timeoutMs: number, env: NodeJS.ProcessEnv): Dispatcher {
  const { EnvHttpProxyAgent, Pool } = loadUndici();
  const { ca, secureContext } = trustedCertificates(env) ?? {};
  const connect = { timeout: timeoutMs, ...(ca && secureContext ? { ca: [...ca], secureContext } : {}) };
  try {
    return new EnvHttpProxyAgent({
      connections: MAX_CONNECTIONS,
      maxResponseSize: MAX_ANSWER_BYTES,
      // The caller has one deadline for the whole answer.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect,
      requestTls: connect,
      proxyTls: connect,
      clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: timeoutMs }),
    });
  } catch (cause) {
    // The cause has the whole URL, which may include a password.
    if (cause instanceof TwilioVerifyError) throw cause;
    throw new TwilioVerifyError(
      'ERR_TWILIO_VERIFY_CONFIGURATION',
      "Can't use the proxy that HTTPS_PROXY or HTTP_PROXY names: it isn't a URL of a proxy. Set it to a URL with its " +
        'scheme, such as http://proxy.example.com:3128, or remove it from the environment.',
      503,
    );
  }
}
