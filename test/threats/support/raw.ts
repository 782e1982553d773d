import http from 'node:http';
import type { Answer, Client } from '../../support/client.js';

/** Sends a request target as it is: a URL parser would tidy up what an attacker writes on purpose. */
export function getRaw(browser: Client, target: string, headers: http.OutgoingHttpHeaders = {}): Promise<Answer> {
  const { hostname, port } = new URL(browser.origin);
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return new Promise((resolve, reject) => {
    const request = http.request({
      hostname,
      port,
      path: target,
      headers: { accept: 'text/html', cookie, ...headers },
    });
    request.once('error', reject);
    request.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('end', () => {
        const { statusCode = 0, headers: received } = response;
        resolve({ status: statusCode, headers: received, location: received.location ?? null, text });
      });
    });
    request.end();
  });
}
