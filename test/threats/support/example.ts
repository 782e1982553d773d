import assert from 'node:assert/strict';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import session from 'express-session';
import { Passport } from 'passport';
import type { AuditRecord, GateOptions, LockedUntil } from 'passport-twilio-verify';
import { startVerifyEmulator, type VerifyEmulator, type VerifyEmulatorOptions } from 'passport-twilio-verify/emulator';
import { createExample, type Example, type ExampleOptions } from '../../../example/app.js';
import { Client } from '../../support/client.js';

/** The number that `alice` has from the start. */
export const ALICE = '+12025550123';

/** One that `bob` holds, and can register. */
export const BOB = '+12025550177';

/** One that only the attacker holds. */
export const MALLORY = '+12025550199';

/** The settings of the example that a test can change. */
export interface StartOptions extends ExampleOptions {
  readonly emulator?: VerifyEmulatorOptions;
  /** Middleware in front of the application, such as helmet. */
  readonly before?: (req: IncomingMessage, res: ServerResponse, next: () => void) => void;
  /** Express's `trust proxy`. */
  readonly trustProxy?: boolean | number;
}

/** The example's application on a port of this machine, with an emulator behind it. */
export interface RunningExample extends Example {
  readonly url: string;
  readonly emulator: VerifyEmulator;
  readonly store: session.MemoryStore;
  /** Every audit record so far. */
  readonly audit: readonly AuditRecord[];
  client(): Client;
  /** A browser in which the password has been right: all that an attacker who stole it has. */
  signedIn(username?: string): Promise<Client>;
  /** A browser that waits for its code. */
  waiting(username?: string, method?: string): Promise<Client>;
  /** A browser that has passed both steps. */
  verified(username?: string): Promise<Client>;
  /** As an administrator asks it. */
  lockedUntil(userId: string): Promise<LockedUntil>;
  /** As an administrator does it. */
  unlock(userId: string): Promise<void>;
}

const running: (() => Promise<void>)[] = [];

/** Stops every example and emulator that this process has started. */
export async function stopExamples(): Promise<void> {
  await Promise.all(running.splice(0).map((stop) => stop()));
}

// Of the whole file: an `after` within a test would run at the end of that test.
if (process.env.NODE_TEST_CONTEXT !== undefined) after(stopExamples);

/** Starts the example and an emulator; both end with the test file. */
export async function startExample(options: StartOptions = {}): Promise<RunningExample> {
  const { emulator: emulatorOptions, before, trustProxy, ...rest } = options;
  const emulator = await startVerifyEmulator({ now: () => Date.now(), ...emulatorOptions });
  running.push(() => emulator.stop());
  const store = new session.MemoryStore();
  const { accountSid, authToken, serviceSid, url: baseUrl } = emulator;
  const twoFactor = { accountSid, authToken, serviceSid, baseUrl, ...rest.twoFactor };
  const example = createExample({ store, ...rest, twoFactor });
  if (trustProxy !== undefined) example.app.set('trust proxy', trustProxy);
  const audit: AuditRecord[] = [];
  example.twoFactor.on('audit', (record) => audit.push(record));

  const server = http.createServer((req, res) => {
    if (before) before(req, res, () => example.app(req, res));
    else example.app(req, res);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  running.push(async () => {
    server.closeAllConnections();
    server.close();
  });

  const client = () => new Client(url);
  const signedIn = async (username = 'alice') => {
    const browser = client();
    const { location } = await browser.post('/login', { username, password: username });
    if (location !== '/account') assert.fail(`the password step went to ${location}`);
    return browser;
  };
  const waiting = async (username = 'alice', method = 'sms') => {
    const browser = await signedIn(username);
    await send(browser, method);
    return browser;
  };
  const verified = async (username = 'alice') => {
    const browser = await waiting(username);
    const code = emulator.messages().at(-1)?.code ?? '';
    const { location } = await browser.post('/2fa/verify', { code });
    if (location !== '/account') assert.fail(`the second step went to ${location}`);
    return browser;
  };
  const userOf = (userId: string) => example.users.byId(userId) ?? assert.fail(`no user ${userId}`);
  const lockedUntil = (userId: string) => example.twoFactor.admin.lockedUntil(userOf(userId));
  const unlock = (userId: string) =>
    example.twoFactor.admin.unlock(userOf(userId), { actor: 'test', reason: 'next row' });
  return { ...example, lockedUntil, unlock, url, emulator, store, audit, client, signedIn, waiting, verified };
}

/** Has a code sent. */
export async function send(browser: Client, method = 'sms'): Promise<void> {
  const { status, location } = await browser.post('/2fa', { method });
  if (location !== '/2fa/verify') assert.fail(`no code was sent: ${status} ${location}`);
}

/** Whether a browser reaches the protected page. */
export async function isIn(browser: Client): Promise<boolean> {
  const { status, text } = await browser.get('/account');
  return status === 200 && text.includes('Your account');
}

/** Adds a route of the application's own with the strategy, and parsers before it. */
export function addGate({ app, twoFactor }: Example, path: string, options: GateOptions = {}): void {
  // The strategy is passed as an instance: the example keeps its Passport to itself.
  const gate = new Passport().authenticate(twoFactor as never, options as never) as RequestHandler;
  const answer: RequestHandler = (req, res) => void res.send(`in as ${(req.user as { username: string }).username}`);
  // As in production: a body that a parser refuses is not an error of the server, and the client gets no stack trace.
  const refuseBody: ErrorRequestHandler = (error, _req, res, next) => {
    if ('type' in error || error.status < 500) res.sendStatus(error.status);
    else next(error);
  };
  app.all(path, express.urlencoded({ extended: false }), express.json(), refuseBody, gate, answer);
}
