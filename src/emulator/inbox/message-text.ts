import { findNumbering } from '../rules/calling-codes.js';
import type { EmulatorChannel } from '../rules/channels.js';
import { localeOfCountry, MESSAGE_TEMPLATES } from './message-templates.js';

/** The parts of a message. */
export interface MessageParts {
  readonly channel: EmulatorChannel;
  readonly locale: string;
  readonly serviceName: string;
  readonly code: string;
  /** Whether to warn against sharing the code; SMS only. */
  readonly warns: boolean;
  /** The hash that lets an Android app read its own SMS. */
  readonly appHash: string | undefined;
}

/** Returns the language of a message: the chosen one, the one of the phone number's country, or English. */
export function chooseLocale(asked: string | undefined, to: string): string {
  return asked ?? localeOfCountry(to.startsWith('+') ? findNumbering(to)?.country : undefined);
}

/** Writes the text of a message. In a call, a voice reads the digits one by one. */
export function composeMessage(parts: MessageParts): string {
  const { channel, locale, serviceName, code, warns, appHash } = parts;
  const template = MESSAGE_TEMPLATES[locale] ?? MESSAGE_TEMPLATES.en ?? '{code}';
  // Functions, because a "$&" in a name would otherwise be read as a pattern.
  const text = template
    .replace('{name}', () => serviceName)
    .replace('{code}', () => (channel === 'call' ? code.split('').join(' ') : code));
  if (channel !== 'sms') return text;
  const warning = warns ? '. Don’t share this code with anyone; our employees will never ask for the code' : '';
  return appHash === undefined ? text + warning : `<#> ${text}${warning} ${appHash}`;
}
