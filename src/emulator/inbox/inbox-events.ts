import type { ServerResponse } from 'node:http';
import { createSid } from '../rules/sids.js';
import type { EmulatorMessage, Inbox } from './inbox.js';
import { renderDivider, renderMessage, renderPerson } from './inbox-message.js';

/** Pages that can follow the inbox at once. */
const MAX_FOLLOWERS = 100;

/** How often a quiet stream sends a comment, in milliseconds. Proxies end a silent stream after a minute. */
const HEARTBEAT_MS = 25_000;

/** Bytes that wait for a page that does not read. Past that, the page is cut off, and reconnects at its position. */
const MAX_WAITING_BYTES = 2 ** 20;

/** The stream of events that keeps the page up to date. */
export interface InboxEvents {
  /** Returns the position after the newest message. */
  position(): string;
  /** Follows the inbox on this response, from `after` on. */
  follow(response: ServerResponse, after: string | undefined): void;
}

/** Makes the stream over an inbox. */
export function createInboxEvents(inbox: Inbox): InboxEvents {
  // A page from before a restart or a missed reset has the position of an earlier run, so it reloads.
  let run = newRun();
  let followers = 0;
  inbox.subscribe(({ kind }) => {
    if (kind === 'cleared') run = newRun();
  });

  return {
    position: () => `${run}-${inbox.list().at(-1)?.id ?? 0}`,
    follow(response, after) {
      if (followers >= MAX_FOLLOWERS) {
        response.writeHead(503, { 'Content-Type': 'text/plain' }).end('Too many pages follow the inbox.\n');
        return;
      }
      followers += 1;
      response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
      const clear = () => response.write('event: cleared\ndata: {}\n\n');
      const send = (message: EmulatorMessage) => {
        response.write(eventOf(message, run));
        if (response.writableLength > MAX_WAITING_BYTES) response.destroy();
      };
      const [ofRun, id] = (after ?? '').split('-');
      response.write(': the inbox\n\n');
      if (after !== undefined && ofRun !== run) clear();
      else for (const message of inbox.list()) if (message.id > Number(id ?? 0)) send(message);
      const heartbeat = setInterval(() => response.write(':\n\n'), HEARTBEAT_MS);
      heartbeat.unref();
      const end = inbox.subscribe((event) => (event.kind === 'cleared' ? clear() : send(event.message)));
      response.on('close', () => {
        clearInterval(heartbeat);
        end();
        followers -= 1;
      });
    },
  };
}

function newRun(): string {
  return createSid('RQ').slice(2, 14);
}

function eventOf(message: EmulatorMessage, run: string): string {
  const { to, body, id } = message;
  const data = {
    to,
    divider: renderDivider(to).markup,
    message: renderMessage(message).markup,
    person: renderPerson(to, body, false).markup,
  };
  return `id: ${run}-${id}\ndata: ${JSON.stringify(data)}\n\n`;
}
