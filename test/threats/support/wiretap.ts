import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';

/** Listens on the line between the application and the emulator. */
export interface Wiretap {
  /** The URL that the application uses as Twilio's. */
  readonly url: string;
  /** The posted parameters of every create, oldest first. */
  readonly creates: URLSearchParams[];
  /** The posted parameters of every check, oldest first. */
  readonly checks: URLSearchParams[];
  /** Sets the URL that calls are forwarded to. */
  connect(url: string): void;
}

/** Starts one; it ends with the test file. */
export async function startWiretap(): Promise<Wiretap> {
  const creates: URLSearchParams[] = [];
  const checks: URLSearchParams[] = [];
  let target = '';
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      const body = Buffer.concat(chunks);
      if (request.url?.endsWith('/Verifications')) creates.push(new URLSearchParams(body.toString()));
      if (request.url?.endsWith('/VerificationCheck')) checks.push(new URLSearchParams(body.toString()));
      const { method, headers } = request;
      const onward = http.request(new URL(request.url ?? '/', target), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.once('error', () => response.destroy());
      onward.end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    creates,
    checks,
    connect: (url) => {
      target = url;
    },
  };
}
