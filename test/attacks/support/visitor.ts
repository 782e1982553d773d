import { Client } from '../../support/client.js';

type Headers = Readonly<Record<string, string>>;

/** An answer as a script reads it. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

let visitors = 0;

/** A browser with an IP address of its own, so that no attack meets the limits of another. */
export class Visitor {
  private readonly client: Client;
  private readonly ip: string;

  /** @param api - Path of the app's routes that call the headless API. */
  constructor(
    origin: string,
    private readonly api: string,
  ) {
    this.client = new Client(origin);
    visitors += 1;
    this.ip = `198.51.${Math.trunc(visitors / 250)}.${visitors % 250}`;
  }

  async get(path: string, headers: Headers = {}): Promise<Reply> {
    return read(await this.client.get(path, this.with(headers)));
  }

  async post(path: string, body: object = {}, headers: Headers = {}): Promise<Reply> {
    return read(await this.client.postJson(path, body, this.with(headers)));
  }

  /** Calls a step of the headless API by a route of the app. */
  step(name: string, body: object = {}, headers: Headers = {}): Promise<Reply> {
    return this.post(`${this.api}/${name}`, body, headers);
  }

  /** Whether the protected route lets this browser pass. */
  async isIn(headers: Headers = {}): Promise<boolean> {
    const { status, text } = await this.get('/account', headers);
    return status === 200 && text.startsWith('account of ');
  }

  private with(headers: Headers): Headers {
    return { accept: 'application/json', 'x-forwarded-for': this.ip, ...headers };
  }
}

function read({ status, headers, text }: Omit<Reply, 'body'>): Reply {
  return { status, headers, text, body: text.startsWith('{') ? JSON.parse(text) : {} };
}
