import { warnOnce } from '../common/warn-once.js';

/** `URL` writes every notation of an IPv4 address as four decimal numbers. */
const LOOPBACK = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Checks the URL of the Verify API.
 *
 * @returns The URL without a slash at its end, or `undefined` for Twilio's own.
 * @throws TypeError if it is not a URL, or not https in production: codes and credentials would cross the net in clear
 */
export function resolveBaseUrl(given: string | undefined, isProduction: boolean): string | undefined {
  if (given === undefined || given === '') return undefined;
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
    throw new TypeError('TwilioVerifyStrategy: option "baseUrl" (or TWILIO_VERIFY_BASE_URL) must be an http(s) URL');
  }
  const { protocol, hostname, origin, pathname } = new URL(given);
  const baseUrl = origin + pathname.replace(/\/+$/, '');
  if (protocol === 'http:' && isProduction) {
    throw new TypeError(
      'TwilioVerifyStrategy: option "baseUrl" (or TWILIO_VERIFY_BASE_URL) must be https in production',
    );
  }
  if (protocol === 'http:' && !LOOPBACK.test(hostname)) {
    warnOnce(
      `Codes and credentials go to ${hostname} over plain HTTP, so everyone on the way can read them. ` +
        'Change option "baseUrl" (or TWILIO_VERIFY_BASE_URL) to https, or to a host on this machine.',
      { code: 'TWILIO_VERIFY_PLAIN_HTTP' },
    );
  }
  if (!isProduction) return baseUrl;
  if (hostname !== 'twilio.com' && !hostname.endsWith('.twilio.com')) {
    process.emitWarning(
      `Codes are sent and checked through ${hostname}, which is not Twilio's. ` +
        'If that is not meant, remove option "baseUrl" and TWILIO_VERIFY_BASE_URL.',
      { code: 'TWILIO_VERIFY_BASE_URL' },
    );
  }
  return baseUrl;
}
