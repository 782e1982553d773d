import { html } from './html';
import type { EmulatorMessage } from './inbox';

/** Writes the inbox as a page. */
export function renderInboxPage(messages: readonly EmulatorMessage[]): string {
  const items = messages.map(({ to, body, sentAt }) => html`<li><b>${to}</b> ${body} <time>${sentAt}</time></li>`);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Verify emulator</title></head>
<body><h1>Messages</h1><ul role="log" aria-live="polite">${items}</ul></body></html>`.markup;
}
