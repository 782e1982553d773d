import { type Html, html } from './html.js';
import type { EmulatorMessage } from './inbox.js';
import { displayAddress, renderDivider, renderMessage, renderPerson } from './inbox-message.js';

/** The content of the page. */
export interface InboxPageModel {
  /** Every message there is, oldest first. */
  readonly messages: readonly EmulatorMessage[];
  /** The phone number whose messages the page shows, or `undefined` for all. */
  readonly to: string | undefined;
  readonly baseUrl: string;
  readonly serviceSid: string;
  /** The page's position in the stream of events, so that it misses none. */
  readonly position: string;
}

/** Writes the inbox as a page. Without a script, the page reloads itself. */
export function renderInboxPage({ messages, to, baseUrl, serviceSid, position }: InboxPageModel): string {
  const shown = to === undefined ? messages : messages.filter((message) => message.to === to);
  const heading = to === undefined ? 'All messages' : displayAddress(to);
  const all = to === undefined ? html` aria-current="page"` : undefined;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${heading} – Verify emulator</title>
<link rel="icon" href="/emulator/inbox.svg" type="image/svg+xml">
<link rel="stylesheet" href="/emulator/inbox.css">
<noscript><meta http-equiv="refresh" content="3"></noscript>
<script src="/emulator/inbox.js" defer></script>
</head>
<body data-position="${position}" data-to="${to}">
<a class="skip" href="#log">Skip to the messages</a>
<main>
<header>
<h1>Verify emulator</h1>
<p class="intro">What Twilio Verify would have sent. Nothing here has reached anyone.</p>
<dl class="facts"><dt>Base URL</dt><dd>${baseUrl}</dd><dt>Service</dt><dd>${serviceSid}</dd><dt>As JSON</dt><dd><a href="/emulator/messages">messages</a>, <a href="/emulator/requests">requests</a></dd></dl>
</header>
<nav aria-label="Numbers">
<ul id="people">
<li><a href="/"${all}><span class="avatar" aria-hidden="true">∗</span><span class="who">All messages</span> <span class="last">Every number</span></a></li>
${renderPeople(messages, to)}</ul>
</nav>
<section class="phone" aria-labelledby="conversation">
<div class="status" aria-hidden="true"><span id="time"></span><span class="island"></span><span class="signal"><i></i><i></i><i></i><i></i><b></b></span></div>
<h2 id="conversation">${heading}</h2>
<div id="log" role="log" aria-live="polite" aria-labelledby="conversation" tabindex="0">
<p id="empty"${shown.length === 0 ? undefined : html` hidden`}>No messages yet. Start a verification, and it arrives here.</p>
${to === undefined ? renderGroups(shown) : shown.map(renderMessage)}</div>
<div class="home" aria-hidden="true"></div>
</section>
</main>
</body>
</html>
`.markup;
}

/** Messages to several numbers, each run of them under its number. */
function renderGroups(messages: readonly EmulatorMessage[]): Html[] {
  return messages.flatMap((message, index) => {
    const isSameNumber = messages[index - 1]?.to === message.to;
    return isSameNumber ? [renderMessage(message)] : [renderDivider(message.to), renderMessage(message)];
  });
}

/** The numbers, the one with the newest message first. */
function renderPeople(messages: readonly EmulatorMessage[], current: string | undefined): Html[] {
  const newest = new Map<string, EmulatorMessage>();
  for (const message of messages.toReversed()) if (!newest.has(message.to)) newest.set(message.to, message);
  return [...newest.values()].map(({ to, body }) => renderPerson(to, body, to === current));
}
