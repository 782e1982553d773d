import type { VerifyEmulator } from './emulator.js';
import type { EmulatorMessage } from './inbox/inbox.js';
import { isLoopback } from './server/host-check.js';

/** The lines that a shell can source, and where to look. */
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

/** One line for a message: a comment, so that what was printed can still be sourced. */
export function describeMessage({ sentAt, channel, to, body }: EmulatorMessage): string {
  // A line break in a friendly name would end the comment, and what follows would be a command.
  return `# ${sentAt.slice(11, 19)} ${channel} to ${to}: ${body.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')}\n`;
}

/** One line of JSON for a message; what a shell would run in it is spelled so that it does not. */
export function describeMessageAsJson(message: EmulatorMessage): string {
  const { id: _, ...shown } = message;
  const text = JSON.stringify(shown).replace(/[$`]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
  return `${text}\n`;
}

/** The warning for an address that other machines reach; nothing on loopback. */
export function warnOfHost(host: string | undefined): string | undefined {
  if (host === undefined || isLoopback(host)) return undefined;
  return `Warning: on ${host}, everyone who can reach this machine can read the codes.\n`;
}

/** One line that says why it could not start. */
export function describeFailure(error: unknown, host: string, port: number): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use; choose another one with --port.\n`;
    case 'EACCES':
      return `Port ${port} on ${host} may not be used by this user; choose one above 1023 with --port.\n`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is no address of this machine; choose another one with --host.\n`;
    default:
      return `It could not start: ${error instanceof Error ? error.message : String(error)}\n`;
  }
}

function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
