import { type Answer, Client } from '../../support/client.js';

/** Each process can restart while a request is on its way, so one attempt per process isn't enough. */
const ATTEMPTS = 10;

/** Sends the requests of an application to the process that listens. */
export class Balancer {
  /** Requests that found a process down, and were sent to the other. */
  movedOn = 0;
  private next = 0;
  private readonly inFlight = new Map<string, number>();

  constructor(private readonly urls: readonly [string, string]) {}

  /** Requests that a process has not answered yet. */
  waitingAt(url: string): number {
    return this.inFlight.get(url) ?? 0;
  }

  /** Sends a request to each process in turn, until one takes it. */
  async send(browser: Client, ask: (client: Client) => Promise<Answer>): Promise<Answer> {
    this.next += 1;
    const turn = this.next;
    for (let attempt = 1; ; attempt += 1) {
      const url = this.urls[(turn + attempt) % 2 === 0 ? 0 : 1];
      try {
        return await this.ask(url, browser, ask);
      } catch (error) {
        // Refused; or reset without an answer, as the kernel does with connections that the process had not taken yet
        // when it stopped to listen. A request that was taken and then dropped would show as a second message.
        const { code } = error as NodeJS.ErrnoException;
        if ((code !== 'ECONNREFUSED' && code !== 'ECONNRESET') || attempt === ATTEMPTS) throw error;
        this.movedOn += 1;
      }
    }
  }

  private async ask(url: string, browser: Client, ask: (client: Client) => Promise<Answer>): Promise<Answer> {
    const client = new Client(url);
    for (const [name, value] of browser.cookies) client.cookies.set(name, value);
    this.inFlight.set(url, this.waitingAt(url) + 1);
    try {
      const answer = await ask(client);
      browser.cookies.clear();
      for (const [name, value] of client.cookies) browser.cookies.set(name, value);
      return answer;
    } finally {
      this.inFlight.set(url, this.waitingAt(url) - 1);
    }
  }
}
