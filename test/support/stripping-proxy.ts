import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';

const running: http.Server[] = [];

after(() => {
  for (const server of running) server.close().closeAllConnections();
});

/**
 * Starts a reverse proxy that serves an app below a path prefix and removes it, as nginx does with
 * `location /portal/ { proxy_pass http://app/; }`. Other paths are 404.
 *
 * @returns The URL of the proxy, without the prefix.
 */
export async function startStrippingProxy(appUrl: string, prefix: string): Promise<string> {
  const server = http.createServer((req, res) => {
    const target = req.url ?? '';
    if (!target.startsWith(`${prefix}/`)) {
      res.writeHead(404).end('not below the prefix');
      return;
    }
    const forwarded = http.request(new URL(appUrl), {
      method: req.method,
      path: target.slice(prefix.length),
      headers: { ...req.headers, 'x-forwarded-for': req.socket.remoteAddress },
    });
    forwarded.once('response', (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(res);
    });
    forwarded.once('error', () => res.destroy());
    req.pipe(forwarded);
  });
  running.push(server);
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
