import { TwilioApiError } from '../common/errors.js';
import { ConnectionError } from './connection-error.js';

/** Returns the error of a call that got no answer of Twilio's. It holds nothing else of the thrown value. */
export function noAnswer(call: string, thrown: unknown): TwilioApiError {
  const isOwn = thrown instanceof ConnectionError;
  const cause = isOwn ? thrown : new ConnectionError(thrown, undefined, !hadNoConnection(thrown));
  const target = cause.origin ?? 'Twilio';
  const message =
    cause.code === undefined
      ? `${target} gave no readable answer to "${call}". Check what the option "baseUrl" (or TWILIO_VERIFY_BASE_URL) leads to.`
      : `Can't reach ${target} for "${call}" (${cause.message}). ${adviceOn(cause)}.`;
  return new TwilioApiError('ERR_TWILIO_VERIFY_UNAVAILABLE', message, undefined, undefined, cause.wasSent, { cause });
}

/** Node's codes for a certificate that isn't accepted, and for a connection that isn't TLS at all. */
const TLS_CODE =
  /^(CERT_|CRL_|DEPTH_ZERO_|EPROTO|ERR_SSL_|ERR_TLS_|HOSTNAME_MISMATCH|INVALID_CA|SELF_SIGNED_|UNABLE_TO_)/;
const TIMEOUT_CODE = /^(ETIMEDOUT|UND_ERR_.*_TIMEOUT)$/;
const LOOPBACK = /^https?:\/\/(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|$)/;

function adviceOn({ code = '', origin = '' }: ConnectionError): string {
  if (code === 'UND_ERR_ABORTED') {
    const unless = LOOPBACK.test(origin) ? 'Add the host of the emulator to NO_PROXY' : 'Let it connect to this host';
    return `The proxy in HTTPS_PROXY or HTTP_PROXY refuses. ${unless}, or check its user name and password`;
  }
  if (code === 'ECONNREFUSED' && LOOPBACK.test(origin)) {
    return (
      'Is the emulator running? Start it with: npx -p passport-twilio-verify twilio-verify-emulator. To use Twilio ' +
      'instead, remove the option "baseUrl" and TWILIO_VERIFY_BASE_URL'
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return 'DNS has no address for this name. Check the DNS of this machine, the option "baseUrl", and HTTPS_PROXY';
  }
  if (TLS_CODE.test(code)) {
    return (
      'The certificate of the server, or of a proxy on the way, is not accepted. If a private CA has signed it, set ' +
      'TWILIO_CA_BUNDLE or NODE_EXTRA_CA_CERTS to a file with the certificate of that CA'
    );
  }
  if (TIMEOUT_CODE.test(code)) {
    return 'It took longer than "timeoutSeconds". Check the firewall, HTTPS_PROXY, and https://status.twilio.com';
  }
  return 'Check the network, the option "baseUrl", HTTPS_PROXY and NO_PROXY, and https://status.twilio.com';
}

/**
 * Node's error codes that only exist before there is a connection. Others, such as `ECONNRESET`, can also follow a
 * send.
 */
const NO_CONNECTION: readonly unknown[] = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'];

/**
 * Whether a call of a client that the app provides failed before it left this machine. The network can also become
 * unreachable later (`EHOSTUNREACH`), so the system call decides.
 */
function hadNoConnection(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null) return false;
  const { code, syscall, errors } = thrown as { code?: unknown; syscall?: unknown; errors?: unknown };
  // Node tries all addresses of a host, and throws one error for each of them.
  if (Array.isArray(errors) && errors.length > 0) return errors.every(hadNoConnection);
  return NO_CONNECTION.includes(code) || syscall === 'connect';
}
