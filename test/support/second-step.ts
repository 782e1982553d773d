import type { ErrorRequestHandler } from 'express';
import type { SessionRecord } from '../../src/session/session-record.js';
import type { Client } from './client.js';
import type { TestApp, TestUser } from './test-app.js';

/** A user of one test's own. */
export interface OwnUser extends TestUser {
  readonly phone: string;
}

let numbers = 0;

/** A number that no test has used. */
export function newNumber(): string {
  numbers += 1;
  return `+1202556${String(numbers).padStart(4, '0')}`;
}

/** Adds a user with a separate number, so that no test reaches the limits of another. */
export function addUser(app: TestApp, details: Partial<TestUser> = {}): OwnUser {
  const phone = newNumber();
  const user = { id: `user-${numbers}`, phone, ...details } as OwnUser;
  app.users.set(user.id, user);
  return user;
}

/** A session that waits for a code. */
export interface WaitingForCode {
  readonly user: OwnUser;
  readonly browser: Client;
  readonly code: string;
  /** One that Twilio will not take. */
  readonly wrong: string;
}

/** Passes the primary step and has a code sent. */
export async function waitForCode(app: TestApp, user = addUser(app), method = 'sms'): Promise<WaitingForCode> {
  const browser = await app.signedIn(user.id);
  await browser.post('/2fa', { method });
  const code = await app.emulator.codeFor(user.phone);
  return { user, browser, code, wrong: wrongCode(code) };
}

/** Another code of the same length. */
export function wrongCode(code: string): string {
  return code.replace(/.$/, (digit) => String((Number(digit) + 1) % 10));
}

/** The session id of a client, as the store knows it. */
export function sessionIdOf(browser: Client): string {
  const [id = ''] = decodeURIComponent(browser.cookies.get('connect.sid') ?? '')
    .replace(/^s:/, '')
    .split('.');
  return id;
}

/** The stored session of a client, as the store holds it. */
export function storedSession(app: TestApp, browser: Client): Promise<Record<string, unknown> | undefined> {
  return new Promise((resolve, reject) => {
    app.store.get(sessionIdOf(browser), (error, data) =>
      error ? reject(error) : resolve((data ?? undefined) as Record<string, unknown> | undefined),
    );
  });
}

/** The strategy's record in a client's session; empty if there is none. */
export async function recordOf(app: TestApp, browser: Client, name = app.strategy.name): Promise<SessionRecord> {
  return ((await storedSession(app, browser))?.[name] ?? {}) as SessionRecord;
}

/** How many calls of one kind the emulated API has got. */
export function callsOf(app: TestApp, kind: 'create' | 'check' | 'update'): number {
  const paths = { create: /\/Verifications$/, check: /\/VerificationCheck$/, update: /\/Verifications\/VE\w+$/ };
  return app.emulator.requests().filter(({ method, path }) => method === 'POST' && paths[kind].test(path)).length;
}

/** Answers errors of routes that a test adds later as those of the application are answered. */
export const answerErrors: ErrorRequestHandler = (error, _req, res, _next) => {
  res
    .status(error.status ?? 500)
    .type('text')
    .send(`${error.code ?? error.name}: ${error.message}`);
};
