import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';
import express, { type Express, type RequestHandler } from 'express';
import session from 'express-session';
import { Passport, type PassportStatic } from 'passport';
import { TwilioVerifyStrategy, type TwilioVerifyStrategyOptions } from 'passport-twilio-verify';
import { startVerifyEmulator, type VerifyEmulator } from 'passport-twilio-verify/emulator';
import { Client } from '../../../support/client.js';
import { answerErrors } from '../../../support/second-step.js';
import type { TestOptions, TestStrategy, TestUser } from '../../../support/test-app.js';

const running: (() => Promise<unknown> | unknown)[] = [];

after(async () => {
  await Promise.all(running.map((stop) => stop()));
});

/** The parts of an application, correct or with a mistake. */
export interface Parts {
  readonly app: Express;
  readonly passport: PassportStatic;
  readonly twoFactor: TestStrategy;
  /** Options that every strategy of the app needs. */
  readonly needed: TwilioVerifyStrategyOptions<TestUser>;
  /** express-session, `passport.session()` and `twoFactor.session()`: all that the order asks for. */
  readonly sessions: readonly RequestHandler[];
  readonly expressSession: RequestHandler;
  /** A route that ends the primary step: `POST /login/:id`. */
  readonly addLogin: (...after: RequestHandler[]) => void;
  /** Protects `GET /account` and `POST /account` with the strategy. */
  readonly addAccount: () => void;
  /** The listener that the server calls instead of `app`. */
  readonly serve: (listener: http.RequestListener) => void;
}

/** The running application. */
export interface RunningApp {
  readonly client: () => Client;
  /** A client that has posted to the login route. */
  readonly signedIn: (id?: string) => Promise<Client>;
  readonly users: Map<string, TestUser>;
  readonly emulator: VerifyEmulator;
}

/** Starts an application as `build` makes it; errors are answered with their code and message. */
export async function startAppWith(build: (parts: Parts) => void, options: TestOptions = {}): Promise<RunningApp> {
  const emulator = await startVerifyEmulator();
  running.push(() => emulator.stop());
  const users = new Map<string, TestUser>([
    ['ann', { id: 'ann', phone: '+12025550123' }],
    ['ben', { id: 'ben' }],
  ]);
  const passport = new Passport() as unknown as PassportStatic;
  passport.serializeUser((user, done) => done(null, (user as TestUser).id));
  passport.deserializeUser((id: string, done) => done(null, users.get(id) ?? false));
  const { accountSid, authToken, serviceSid, url: baseUrl } = emulator;
  const needed: TwilioVerifyStrategyOptions<TestUser> = {
    ...{ accountSid, authToken, serviceSid, baseUrl },
    phoneNumber: ({ user }) => user.phone,
    storePhoneNumber: () => undefined,
  };
  const twoFactor = new TwilioVerifyStrategy<TestUser>({ ...needed, ...options });
  passport.use(twoFactor);

  const app = express();
  let listener: http.RequestListener = app;
  const expressSession = session({ secret: 'test', resave: false, saveUninitialized: false });
  build({
    app,
    passport,
    twoFactor,
    needed,
    expressSession,
    sessions: [expressSession, passport.session(), twoFactor.session()],
    addLogin: (...next) => {
      const logIn: RequestHandler = (req, _res, next) => req.logIn(users.get(String(req.params.id)) as TestUser, next);
      // For the functions that Passport adds to a request, where `passport.session()` does not.
      app.post('/login/:id', passport.initialize(), logIn, ...next, (_req, res) => void res.send('in'));
    },
    addAccount: () => {
      app.all('/account', passport.authenticate('twilio-2fa'), (_req, res) => void res.send('the account'));
    },
    serve: (other) => {
      listener = other;
    },
  });
  app.use(answerErrors);
  const server = http.createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  running.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const client = () => new Client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const signedIn = async (id = 'ann') => {
    const browser = client();
    await browser.post(`/login/${id}`);
    return browser;
  };
  return { client, signedIn, users, emulator };
}
