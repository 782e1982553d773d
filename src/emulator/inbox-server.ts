import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HostCheck } from './host-check';
import type { Inbox } from './inbox';
import { renderInboxPage } from './inbox-page';
import type { RequestLog } from './request-log';

/** What the inbox's side of the server works on. */
export interface InboxServerParts {
  readonly inbox: Inbox;
  readonly log: RequestLog;
  readonly isOwnHost: HostCheck;
}

/** Answers one request that is not to the API. */
export type InboxServer = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Makes the side of the server that shows what was sent. */
export function createInboxServer({ inbox, log, isOwnHost }: InboxServerParts): InboxServer {
  return (request, response, url) => {
    request.resume();
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Content-Security-Policy', POLICY);
    const end = (status: number, contentType: string, body: string) => {
      response.writeHead(status, { 'Content-Type': `${contentType}; charset=utf-8` });
      response.end(body);
    };
    if (!isOwnHost(request.headers.host)) return end(403, 'text/plain', 'This host name is not answered here.\n');
    const to = url.searchParams.get('to') ?? undefined;
    switch (url.pathname) {
      case '/':
        return end(200, 'text/html', renderInboxPage(inbox.list(to)));
      case '/emulator/messages':
        return end(200, 'application/json', JSON.stringify(inbox.list(to)));
      case '/emulator/requests':
        return end(200, 'application/json', JSON.stringify(log.list()));
      default:
        return end(404, 'text/plain', 'There is nothing here. The messages are at /\n');
    }
  };
}
