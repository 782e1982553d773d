import http from 'node:http';
import { assertDescribed } from './openapi.js';

/** The response to a request. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly location: string | null;
  readonly text: string;
}

type Values = Readonly<Record<string, string>>;

/** The settings that describe the application under test. */
export interface ClientOptions {
  /** `false` where the pages are the application's own: its answers are not those of `docs/openapi.yaml`. */
  readonly isDescribed?: boolean;
}

/**
 * A browser without a window: keeps cookies, asks for pages, follows nothing by itself. Every answer of the router is
 * checked against `docs/openapi.yaml`.
 */
export class Client {
  readonly cookies = new Map<string, string>();

  constructor(
    readonly origin: string,
    private readonly options: ClientOptions = {},
  ) {}

  get(path: string, headers: Values = {}): Promise<Answer> {
    return this.send('GET', path, undefined, headers);
  }

  /** Posts a form; arrays give a field several times. */
  post(
    path: string,
    form: Readonly<Record<string, string | readonly string[]>> = {},
    headers: Values = {},
  ): Promise<Answer> {
    const body = new URLSearchParams();
    for (const [name, values] of Object.entries(form)) for (const value of [values].flat()) body.append(name, value);
    return this.send('POST', path, body, headers);
  }

  postJson(path: string, value: unknown, headers: Values = {}): Promise<Answer> {
    return this.send('POST', path, JSON.stringify(value), { 'content-type': 'application/json', ...headers });
  }

  // Not with `fetch`, which marks every request as a script's: a browser requests pages by navigation.
  send(
    method: string,
    path: string,
    body: string | URLSearchParams | Uint8Array | undefined,
    headers: Values,
  ): Promise<Answer> {
    const { request, payload, answer } = this.start(method, path, body, headers);
    request.end(payload);
    return answer;
  }

  /**
   * Starts to post a form, and holds the body back until `finish` is called. The server handles the request meanwhile:
   * requests that start later find that it has read the session.
   */
  async hold(path: string, form: Values = {}, headers: Values = {}): Promise<{ finish(): Promise<Answer> }> {
    const body = new URLSearchParams({ ...form, padding: 'x' });
    const { request, payload, answer } = this.start('POST', path, body, { expect: '100-continue', ...headers });
    request.flushHeaders();
    await new Promise<void>((resolve) => request.once('continue', () => resolve()));
    return {
      finish: () => {
        request.end(payload);
        return answer;
      },
    };
  }

  private start(
    method: string,
    path: string,
    body: string | URLSearchParams | Uint8Array | undefined,
    headers: Values,
  ): { readonly request: http.ClientRequest; readonly payload: Buffer; readonly answer: Promise<Answer> } {
    const payload =
      body === undefined ? Buffer.alloc(0) : Buffer.from(body instanceof Uint8Array ? body : body.toString());
    const isForm = body instanceof URLSearchParams;
    const request = http.request(new URL(path, this.origin), {
      method,
      headers: {
        accept: 'text/html',
        'content-length': payload.length,
        ...(isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
        ...(this.cookies.size > 0 ? { cookie: this.cookieHeader } : {}),
        ...headers,
      },
    });
    const answer = new Promise<Answer>((resolve, reject) => {
      request.once('error', reject);
      request.once('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          for (const cookie of response.headers['set-cookie'] ?? []) this.keep(cookie);
          const { statusCode: status = 0, headers: received } = response;
          const text = Buffer.concat(chunks).toString('utf8');
          try {
            if (this.options.isDescribed ?? true) assertDescribed({ method, path, status, headers: received, text });
            resolve({ status, headers: received, location: received.location ?? null, text });
          } catch (error) {
            reject(error);
          }
        });
      });
    });
    return { request, payload, answer };
  }

  /** Another tab, or a thief with a copy of the cookies. */
  fork(): Client {
    const copy = new Client(this.origin, this.options);
    for (const [name, value] of this.cookies) copy.cookies.set(name, value);
    return copy;
  }

  private get cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  private keep(cookie: string): void {
    const [pair = '', ...attributes] = cookie.split(';');
    const name = pair.slice(0, pair.indexOf('='));
    const isOver = attributes.some(
      (attribute) =>
        /^\s*max-age=0$/i.test(attribute) ||
        (/^\s*expires=/i.test(attribute) && Date.parse(attribute.split('=')[1] ?? '') < Date.now()),
    );
    if (isOver) this.cookies.delete(name);
    else this.cookies.set(name, pair.slice(name.length + 1));
  }
}
