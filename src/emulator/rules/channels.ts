/** How a code reaches a person. */
export type EmulatorChannel = 'sms' | 'call' | 'whatsapp' | 'email';

/** Every channel that the emulator delivers by. */
export const EMULATOR_CHANNELS: readonly EmulatorChannel[] = ['sms', 'call', 'whatsapp', 'email'];

/**
 * Parses the channel of a create. `auto` leaves the choice to Verify, which sends an SMS; `sna` needs an access
 * that Twilio grants by hand, and is refused like a channel that does not exist.
 */
export function parseChannel(value: string): EmulatorChannel | undefined {
  if (value === 'auto') return 'sms';
  return EMULATOR_CHANNELS.find((channel) => channel === value);
}

/** The spelling of a channel in `send_code_attempts`: most are in capitals there, WhatsApp is not. */
export function attemptChannel(channel: EmulatorChannel): string {
  return channel === 'whatsapp' ? channel : channel.toUpperCase();
}

/** Returns whether the channel can reach `to`: E.164 for a phone, a mail address for `email`. */
export function isAddress(to: string, channel: EmulatorChannel): boolean {
  return channel === 'email' ? isEmail(to) : isPhoneNumber(to);
}

/** Returns whether `to` is a phone number in E.164 form; numbers of `+1` have exactly ten digits more. */
export function isPhoneNumber(to: string): boolean {
  return to.startsWith('+1') ? /^\+1[2-9]\d{9}$/.test(to) : /^\+[2-9]\d{6,14}$/.test(to);
}

function isEmail(to: string): boolean {
  return to.length <= 254 && /^[^\s@<>"]+@[^\s@<>".]+(\.[^\s@<>".]+)+$/.test(to);
}
