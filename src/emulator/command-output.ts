import type { VerifyEmulator } from './emulator.js';
import type { EmulatorMessage } from './inbox/inbox.js';
import { isLoopback } from './server/host-check.js';

/** Returns the settings as lines that a shell can source, and the URL of the inbox. */
export function describeStart(emulator: VerifyEmulator): string {
  const { url, accountSid, authToken, apiKey, apiSecret, serviceSid } = emulator;
  return [
    `TWILIO_ACCOUNT_SID=${quote(accountSid)}`,
    `TWILIO_AUTH_TOKEN=${quote(authToken)}`,
    `TWILIO_API_KEY=${quote(apiKey)}`,
    `TWILIO_API_SECRET=${quote(apiSecret)}`,
    `TWILIO_VERIFY_SERVICE_SID=${quote(serviceSid)}`,
    `TWILIO_VERIFY_BASE_URL=${quote(url)}`,
    `# The messages, as a phone shows them: ${url}/ (Ctrl-C ends it)`,
    '',
  ].join('\n');
}

/** Returns a message as one line. It is a comment, so that a shell can still source the output. */
export function describeMessage({ sentAt, channel, to, body }: EmulatorMessage): string {
  // A line break in a friendly name would end the comment, and the shell would run the rest.
  return `# ${sentAt.slice(11, 19)} ${channel} to ${to}: ${body.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')}\n`;
}

/** Returns a message as one line of JSON. It escapes the characters that a shell would run. */
export function describeMessageAsJson(message: EmulatorMessage): string {
  const { id: _, ...shown } = message;
  const text = JSON.stringify(shown).replace(/[$`]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
  return `${text}\n`;
}

/** Returns the warning for an address that other machines reach, and `undefined` on loopback. */
export function warnOfHost(host: string | undefined): string | undefined {
  if (host === undefined || isLoopback(host)) return undefined;
  return `Warning: on ${host}, everyone who can reach this machine can read the codes.\n`;
}

/** Returns one line with the reason that the emulator could not start. */
export function describeFailure(error: unknown, host: string, port: number): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use. Choose another one with --port.\n`;
    case 'EACCES':
      return `Port ${port} on ${host} needs privileges that this user lacks. Choose one above 1023 with --port.\n`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is not an address of this machine. Choose another one with --host.\n`;
    default:
      return `The emulator could not start: ${error instanceof Error ? error.message : String(error)}\n`;
  }
}

function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
