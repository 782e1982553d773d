import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Control } from '../server/control.js';
import type { CredentialCheck } from '../server/credentials.js';
import type { HostCheck } from '../server/host-check.js';
import { isCrossSite, isLinkToPage } from '../server/origin-check.js';
import { readBody } from '../server/read-body.js';
import type { RequestLog } from '../server/request-log.js';
import type { Inbox } from './inbox.js';
import { createInboxEvents } from './inbox-events.js';
import { FAVICON } from './inbox-icons.js';
import { renderInboxPage } from './inbox-page.js';
import { INBOX_SCRIPT } from './inbox-script.js';
import { INBOX_STYLE } from './inbox-style.js';

/** The parts of the emulator that the inbox's server uses. */
export interface InboxServerParts {
  readonly inbox: Inbox;
  readonly log: RequestLog;
  readonly serviceSid: string;
  readonly isOwnHost: HostCheck;
  readonly hasCredentials: CredentialCheck;
  readonly control: Control;
}

/** Answers one request that is not to the API. */
export type InboxServer = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

// Everything comes from the emulator itself, nothing may frame it, and no other site may read or post.
const HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
};

/** Makes the server of the inbox and of the controls. */
export function createInboxServer(parts: InboxServerParts): InboxServer {
  const { inbox, log, serviceSid, isOwnHost, hasCredentials, control } = parts;
  const events = createInboxEvents(inbox);

  return async (request, response, url) => {
    const { method = 'GET', headers } = request;
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const end = (status: number, contentType: string, body: string) => {
      response.writeHead(status, { 'Content-Type': `${contentType}; charset=utf-8` });
      response.end(method === 'HEAD' ? '' : body);
    };
    const endJson = (status: number, body: object) => end(status, 'application/json', JSON.stringify(body));

    if (!isOwnHost(headers.host)) return end(403, 'text/plain', 'This host name is not answered here.\n');
    if (isCrossSite(headers, url.host) && !isLinkToPage(method, url.pathname, headers)) {
      return end(403, 'text/plain', 'The emulator refuses requests from pages of other sites.\n');
    }
    if (method === 'POST') {
      const body = await readBody(request);
      if (body === null) return;
      if (body === undefined) return end(413, 'text/plain', 'The body is too large.\n');
      if (!hasCredentials(headers.authorization)) return endJson(401, { error: 'Send the account SID and auth token' });
      const answer = control(url.pathname, body);
      return answer === undefined
        ? endJson(404, { error: 'There is no such control' })
        : endJson(answer.status, answer.body);
    }
    request.resume();
    if (method !== 'GET' && method !== 'HEAD') return end(405, 'text/plain', 'Only GET and POST.\n');

    const query = readQuery(url);
    const to = query.get('to') ?? undefined;
    switch (url.pathname) {
      case '/': {
        const position = events.position();
        return end(
          200,
          'text/html',
          renderInboxPage({ messages: inbox.list(), to, baseUrl: url.origin, serviceSid, position }),
        );
      }
      case '/emulator/messages':
        return endJson(200, inbox.list(to));
      case '/emulator/requests':
        return endJson(200, log.list());
      case '/emulator/events':
        return events.follow(response, headers['last-event-id']?.toString() ?? query.get('after') ?? undefined);
      case '/emulator/inbox.css':
        return end(200, 'text/css', INBOX_STYLE);
      case '/emulator/inbox.js':
        return end(200, 'text/javascript', INBOX_SCRIPT);
      case '/emulator/inbox.svg':
        return end(200, 'image/svg+xml', FAVICON);
      default:
        return end(404, 'text/plain', 'There is nothing here. The messages are at /\n');
    }
  };
}

/** Reads a query in which a plus is a plus. In a form it is a space, and `?to=+12025550123` would find nothing. */
function readQuery({ search }: URL): URLSearchParams {
  return new URLSearchParams(search.replaceAll('+', '%2B'));
}
