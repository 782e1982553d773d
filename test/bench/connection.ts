import { connect, type Socket } from 'node:net';

/** The parts of a response that the benchmark reads. */
export interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly cookie: string | undefined;
  readonly length: number;
}

const HEADERS = [
  'Host: 127.0.0.1',
  'Accept: text/html,application/xhtml+xml',
  'Accept-Language: en-US,en;q=0.9',
  'Sec-Fetch-Mode: navigate',
  'Sec-Fetch-Site: same-origin',
  'Connection: keep-alive',
].join('\r\n');

const TIMEOUT_MS = 30_000;

/** A browser's kept-alive connection. It writes and reads HTTP by hand, so the load needs far less than one core. */
export class Connection {
  private received: Buffer = Buffer.alloc(0);
  private waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true).setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('No answer in time.')));
    socket.on('data', (chunk) => this.read(chunk));
    socket.on('error', (error) => this.waiting?.reject(error));
    socket.on('close', () => this.waiting?.reject(new Error('The connection was closed.')));
  }

  static open(url: string): Promise<Connection> {
    const { port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.once('error', reject);
      socket.once('connect', () => resolve(new Connection(socket)));
    });
  }

  get(path: string, cookie?: string): Promise<Answer> {
    return this.send(`GET ${path} HTTP/1.1\r\n${HEADERS}${cookieLine(cookie)}\r\n\r\n`);
  }

  post(path: string, form: string, cookie?: string): Promise<Answer> {
    const type = `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}`;
    return this.send(`POST ${path} HTTP/1.1\r\n${HEADERS}\r\n${type}${cookieLine(cookie)}\r\n\r\n${form}`);
  }

  close(): void {
    this.socket.destroy();
  }

  private send(request: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) return reject(new Error('The connection was closed.'));
      this.waiting = { resolve, reject };
      this.socket.write(request);
    });
  }

  private read(chunk: Buffer): void {
    this.received = this.received.length > 0 ? Buffer.concat([this.received, chunk]) : chunk;
    const end = this.received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.received.toString('latin1', 0, end);
    const length = Number(/\r\nContent-Length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.received.length < end + 4 + length) return;
    this.received = Buffer.alloc(0);
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.resolve({
      status: Number(head.slice(9, 12)),
      location: /\r\nLocation: ([^\r]*)/i.exec(head)?.[1],
      cookie: /\r\nSet-Cookie: ([^;\r]*)/i.exec(head)?.[1],
      length,
    });
  }
}

function cookieLine(cookie: string | undefined): string {
  return cookie === undefined ? '' : `\r\nCookie: ${cookie}`;
}
