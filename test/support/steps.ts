import type { Answer, Client } from './client.js';
import type { TestApp } from './test-app.js';

/** Signs a user in and has a code sent; a browser that waits on the code page. */
export async function withCode(app: TestApp, id: string, method = 'sms'): Promise<Client> {
  const browser = await app.signedIn(id);
  const { status, location } = await browser.post('/2fa', { method });
  if (location !== '/2fa/verify') throw new Error(`no code was sent: ${status} ${location}`);
  return browser;
}

/** Types a code on the code page, and follows the redirect back to that page if the code is refused. */
export async function enterCode(browser: Client, code: string): Promise<Answer> {
  const answer = await browser.post('/2fa/verify', { code });
  return answer.location === '/2fa/verify' ? browser.get('/2fa/verify') : answer;
}

/** The code that was sent last, to anyone. */
export function lastCode({ emulator }: TestApp): string {
  const code = emulator.messages().at(-1)?.code;
  if (code === undefined) throw new Error('no code was sent');
  return code;
}

/** A code of the same length that is not the one that was sent last. */
export function wrongCode(app: TestApp): string {
  return lastCode(app).replace(/\d$/, (digit) => String((Number(digit) + 1) % 10));
}
