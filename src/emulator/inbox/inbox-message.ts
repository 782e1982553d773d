import { findNumbering } from '../rules/calling-codes.js';
import type { EmulatorChannel } from '../rules/channels.js';
import { type Html, html } from './html.js';
import type { EmulatorMessage } from './inbox.js';
import { icon } from './inbox-icons.js';

const CHANNEL_NAMES: Readonly<Record<EmulatorChannel, string>> = {
  sms: 'SMS',
  call: 'Call',
  whatsapp: 'WhatsApp',
  email: 'E-mail',
};

/** Writes one message as the phone shows it: a bubble, a call, a WhatsApp message or a mail. */
export function renderMessage(message: EmulatorMessage): Html {
  const { id, to, channel, sentAt, verificationSid } = message;
  return html`<article class="message ${channel}" data-id="${id}" data-to="${to}" title="${verificationSid}">
<p class="meta">${icon(channel)}<span>${CHANNEL_NAMES[channel]}</span> <span class="hidden">to ${to}</span> <time datetime="${sentAt}">${timeOfDay(sentAt)}</time></p>
${renderContent(message)}
</article>
`;
}

function renderContent(message: EmulatorMessage): Html {
  const { channel, code, locale, serviceName } = message;
  const text = html`<p lang="${locale}" dir="auto">${emphasize(message)}</p>`;
  const copy = html`<button type="button" class="copy" data-code="${code}" hidden>${icon('copy')}Copy code</button>`;
  switch (channel) {
    case 'sms':
      return html`<div class="bubble">${text}</div>${copy}`;
    case 'whatsapp':
      return html`<div class="bubble"><p class="sender">${serviceName}</p>${text}<p class="ticks">${icon('ticks')}<span class="hidden">Delivered</span></p>${copy}</div>`;
    case 'call':
      return html`<div class="card"><span class="handset">${icon('handset')}</span><p class="title">Incoming call from ${serviceName}</p>
<p class="note">Answered, ${callLength(code)}</p><blockquote><p class="hidden">Transcript:</p>${text}</blockquote></div>${copy}`;
    case 'email':
      return html`<div class="card"><p class="note">From ${serviceName}</p><p class="title">Your verification code</p>${text}</div>${copy}`;
  }
}

/** The text of a message with its code set apart, so that the eye finds it. */
function emphasize({ channel, body, code }: EmulatorMessage): Html {
  const shown = channel === 'call' ? code.split('').join(' ') : code;
  const at = body.lastIndexOf(shown);
  if (at < 0) return html`${body}`;
  return html`${body.slice(0, at)}<strong dir="ltr">${shown}</strong>${body.slice(at + shown.length)}`;
}

/** Returns the length of a call: a greeting, and two seconds for each digit. */
function callLength(code: string): string {
  return `0:${String(8 + 2 * code.length).padStart(2, '0')}`;
}

/** Writes the heading above the messages to one phone number. */
export function renderDivider(to: string): Html {
  return html`<h3 class="divider" data-to="${to}">${displayAddress(to)}</h3>
`;
}

/** Writes one entry of the list of numbers. */
export function renderPerson(to: string, last: string, isCurrent: boolean): Html {
  const current = isCurrent ? html` aria-current="page"` : undefined;
  return html`<li data-to="${to}"><a href="/?to=${encodeURIComponent(to)}"${current}><span class="avatar" aria-hidden="true">${initials(to)}</span><span class="who">${displayAddress(to)}</span> <span class="last">${last}</span></a></li>
`;
}

/** Returns the text of an avatar: the last two digits, or the first letter of an email address. */
function initials(to: string): string {
  return to.includes('@') ? to.slice(0, 1).toUpperCase() : to.slice(-2);
}

/** A number as people read it: the calling code set apart, North America's in groups. */
export function displayAddress(to: string): string {
  const numbering = to.startsWith('+') ? findNumbering(to) : undefined;
  if (numbering === undefined) return to;
  const { callingCode, national } = numbering;
  const groups = callingCode === '1' ? [national.slice(0, 3), national.slice(3, 6), national.slice(6)] : [national];
  return `+${callingCode} ${groups.join(' ')}`;
}

/** Hours and minutes where the emulator runs, which is where its page is read. */
function timeOfDay(iso: string): string {
  const date = new Date(iso);
  return [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
}
