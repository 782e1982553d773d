import { Client } from '../../support/client.js';

/** A user of a browser without a window, who fills in each form that appears until none is left. */
export class Visitor {
  private client: Client | undefined;
  /** The addresses of the pages seen, without their origin. */
  readonly seen: string[] = [];

  constructor(
    private readonly user: string,
    /** Reads the newest code off the phone. */
    public readCode: () => Promise<string>,
  ) {}

  /** Opens a URL, follows redirects, and returns the last page. @throws Error that names the URL of a redirect loop */
  async open(url: string): Promise<string> {
    const { origin, pathname, search } = new URL(url);
    const client = this.at(origin);
    let path = pathname + search;
    for (let steps = 0; steps < 20; steps += 1) {
      this.seen.push(path);
      const page = await client.get(path);
      if (page.location !== null) path = this.pathOf(page.location, origin);
      else {
        if (page.status !== 200) throw new Error(`${path} answers ${page.status}: ${page.text}`);
        const form = formIn(page.text);
        if (!form) return page.text;
        const answer = await client.post(form.action || path, await this.fillIn(form));
        if (answer.location === null) throw new Error(`${path} was answered with ${answer.status}: ${answer.text}`);
        path = this.pathOf(answer.location, origin);
      }
    }
    throw new Error(`There is no end: ${this.seen.join(', ')}`);
  }

  /** Opens an address and leaves the form there alone. */
  async look(url: string): Promise<string> {
    const { origin, pathname } = new URL(url);
    return (await this.at(origin).get(pathname)).text;
  }

  /** Cookies know no ports. */
  private at(origin: string): Client {
    if (this.client?.origin === origin) return this.client;
    const client = new Client(origin);
    for (const [name, value] of this.client?.cookies ?? []) client.cookies.set(name, value);
    this.client = client;
    return client;
  }

  private pathOf(location: string, origin: string): string {
    const url = new URL(location, origin);
    if (url.origin !== origin) throw new Error(`It leads away, to ${location}`);
    return url.pathname + url.search;
  }

  private async fillIn({ fields }: Form): Promise<Record<string, string>> {
    const filled: Record<string, string> = {};
    if (fields.includes('password')) Object.assign(filled, { username: this.user, password: this.user });
    if (fields.includes('phoneNumber')) Object.assign(filled, { country: 'US', phoneNumber: '(202) 555-0124' });
    if (fields.includes('method')) filled.method = 'sms';
    if (fields.includes('code')) filled.code = await this.readCode();
    if (Object.keys(filled).length === 0) throw new Error(`A form asks for ${fields.join(', ')}`);
    return filled;
  }
}

interface Form {
  readonly action: string;
  readonly fields: readonly string[];
}

/** The first form of a page that asks for something. */
function formIn(html: string): Form | undefined {
  const [found] = html.match(/<form\b.*?<\/form>/gs) ?? [];
  if (found === undefined) return undefined;
  const fields = [...found.matchAll(/<(?:input|select|button)\b[^>]*\bname="(\w+)"/g)].map(([, name]) => name ?? '');
  return { action: /<form\b[^>]*\baction="([^"]*)"/.exec(found)?.[1] ?? '', fields };
}
