/**
 * A server and a proxy in a network with a private CA. Its files were made with OpenSSL, the key of the CA was thrown
 * away, and the server's certificate is one for `verify.twilio.com`, `lookups.twilio.com`, `localhost`, and
 * `127.0.0.1`.
 */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { after } from 'node:test';
import tls from 'node:tls';

const FOLDER = path.join(__dirname, 'private-ca');

/** The certificate of the CA. */
export const CA_FILE = path.join(FOLDER, 'ca.pem');

const open = new Set<Socket>();
const servers = new Set<Server>();

// Of the whole file: what a test starts ends with it.
after(() => {
  for (const socket of open) socket.destroy();
  for (const server of servers) server.close();
});

/** Passes bytes on to a port of this machine. */
function connectTo(port: number, socket: Socket, onConnect?: () => void): void {
  const onward = net.connect(port, '127.0.0.1', onConnect);
  for (const [from, to] of [
    [socket, onward],
    [onward, socket],
  ] as const) {
    open.add(from);
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    from.pipe(to);
  }
}

async function listen(server: Server): Promise<number> {
  servers.add(server.listen(0, '127.0.0.1'));
  await new Promise((resolve) => server.once('listening', resolve));
  return (server.address() as AddressInfo).port;
}

/** Starts a server that ends TLS and passes everything on to a server of plain HTTP. Returns its port. */
export function startTlsServer(target: string): Promise<number> {
  const cert = readFileSync(path.join(FOLDER, 'server.pem'));
  const key = readFileSync(path.join(FOLDER, 'server.key'));
  return listen(tls.createServer({ cert, key }, (socket) => connectTo(Number(new URL(target).port), socket)));
}

/** A proxy, and the requests that it got. */
export interface TestProxy {
  readonly port: number;
  /** Hosts and ports of the tunnels, in order. */
  readonly tunnels: string[];
  /** The header `Proxy-Authorization` of each. */
  readonly credentials: (string | undefined)[];
}

/** Starts a proxy that knows `CONNECT` only. All its tunnels lead to one port, or are refused with `status`. */
export async function startProxy(target: { readonly port: number } | { readonly status: number }): Promise<TestProxy> {
  const tunnels: string[] = [];
  const credentials: (string | undefined)[] = [];
  const server = http.createServer((_request, response) => void response.writeHead(405).end());
  server.on('connect', ({ url = '', headers }, socket: Socket) => {
    tunnels.push(url);
    credentials.push(headers['proxy-authorization']);
    if ('status' in target) socket.end(`HTTP/1.1 ${target.status} Refused\r\nContent-Length: 0\r\n\r\n`);
    else connectTo(target.port, socket, () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
  });
  return { port: await listen(server), tunnels, credentials };
}

const VARIABLES = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'TWILIO_CA_BUNDLE',
];

/** Runs `use` with these variables of the network in the environment, and no others. */
export async function withNetwork(
  variables: Readonly<Record<string, string>>,
  use: () => Promise<void>,
): Promise<void> {
  const before = VARIABLES.map((name) => [name, process.env[name]] as const);
  for (const name of VARIABLES) delete process.env[name];
  Object.assign(process.env, variables);
  try {
    await use();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
