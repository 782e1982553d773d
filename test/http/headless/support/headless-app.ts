import express, { type Request, type Response } from 'express';
import type { Refused } from 'passport-twilio-verify';
import type { Client } from '../../../support/client.js';
import { lastCode } from '../../../support/steps.js';
import { startTestApp, type TestApp, type TestAppOptions, type TestStrategy } from '../../../support/test-app.js';

/** An answer of the application's own routes. */
export interface CoreAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

type Result = { readonly type: string } | Refused;
type Headers = Readonly<Record<string, string>>;

/** An application without our pages: its own JSON routes call the core. */
export function startCoreApp(options: TestAppOptions = {}): Promise<TestApp> {
  return startTestApp({
    ...options,
    router: false,
    routes: (app, passport, strategy) => {
      addApiRoutes(app, strategy);
      options.routes?.(app, passport, strategy);
    },
  });
}

/** Asks a route of the application for JSON. */
export async function ask(browser: Client, path: string, headers: Headers = {}): Promise<CoreAnswer> {
  return read(await browser.get(`/api${path}`, { accept: 'application/json', ...headers }));
}

/** Calls a step of the core by a route of the application. */
export async function call(browser: Client, step: string, body: unknown = {}, headers: Headers = {}) {
  return read(await browser.postJson(`/api/${step}`, body, { accept: 'application/json', ...headers }));
}

/** A browser of a user with a verified session. */
export async function verified(app: TestApp, id: string): Promise<Client> {
  const browser = await app.signedIn(id);
  await call(browser, 'start', { method: 'sms' });
  await call(browser, 'check', { code: lastCode(app) });
  return browser;
}

function read({ status, text }: { status: number; text: string }): CoreAnswer {
  return { status, body: text.startsWith('{') ? JSON.parse(text) : { text } };
}

/** Adds JSON routes that call the headless API, at `/api`. */
export function addApiRoutes(app: express.Express, twoFactor: TestStrategy): void {
  const api = express.Router();
  const step = (name: string, run: (req: Request) => Promise<Result>) =>
    api.post(`/${name}`, (req, res, next) => {
      run(req).then((result) => tell(res, result), next);
    });

  api.use(express.json());
  api.get('/methods', (req, res, next) => {
    twoFactor.methods(req).then((methods) => res.json({ methods }), next);
  });
  api.get('/status', (req, res, next) => {
    twoFactor.status(req).then((status) => res.json(status), next);
  });
  step('start', (req) => twoFactor.start(req, req.body.method));
  step('resend', (req) => twoFactor.resend(req));
  step('check', (req) => twoFactor.check(req, req.body.code));
  step('recovery', (req) => twoFactor.checkRecoveryCode(req, req.body.code));
  step('recovery-codes', (req) => twoFactor.createRecoveryCodes(req));
  step('recovery-codes/confirm', (req) => twoFactor.confirmRecoveryCodes(req, req.body.code));
  step('cancel', (req) => twoFactor.cancel(req));
  step('register', (req) => twoFactor.register(req, req.body));
  step('change', (req) => twoFactor.change(req, req.body));
  step('skip', async (req) => twoFactor.skip(req));
  app.use('/api', api);
}

function tell(res: Response, result: Result): void {
  if ('status' in result) res.status(result.status);
  res.json(result);
}
