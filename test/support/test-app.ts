import type { AddressInfo } from 'node:net';
import { after } from 'node:test';
import express, { type Express, type RequestHandler } from 'express';
import session from 'express-session';
import { Passport, type PassportStatic } from 'passport';
import { TwilioVerifyStrategy, type TwilioVerifyStrategyOptions, type VerifyCallback } from 'passport-twilio-verify';
import { startVerifyEmulator, type VerifyEmulator, type VerifyEmulatorOptions } from 'passport-twilio-verify/emulator';
import { Client } from './client.js';

const running: (() => Promise<void>)[] = [];

// Of the whole file: an `after` within a `before` would run at the end of that hook.
after(async () => {
  await Promise.all(running.map((stop) => stop()));
});

/** A user of the test application. */
export interface TestUser {
  readonly id: string;
  phone?: string | undefined;
  email?: string | undefined;
}

export type TestStrategy = TwilioVerifyStrategy<TestUser>;
export type TestOptions = Partial<Omit<TwilioVerifyStrategyOptions<TestUser>, 'passReqToCallback'>>;

/** The settings of the application that a test can change. */
export interface TestAppOptions {
  readonly twoFactor?: TestOptions;
  readonly verify?: VerifyCallback<TestUser>;
  readonly emulator?: VerifyEmulatorOptions;
  /** Before everything else. */
  readonly before?: (app: Express) => void;
  /** After the router and the protected routes. */
  readonly routes?: (app: Express, passport: PassportStatic, strategy: TestStrategy) => void;
  /** Replaces express-session in memory; `null` for no session. */
  readonly session?: RequestHandler | null;
  /** `false` for an application that calls the core itself. @default true */
  readonly router?: boolean;
  /** After the login route's primary strategy. */
  readonly afterLogin?: (strategy: TestStrategy) => RequestHandler;
}

/** An application with a password-less primary step, the second step at `/2fa`, and a gate before `/account`. */
export interface TestApp {
  readonly url: string;
  readonly app: Express;
  readonly passport: PassportStatic;
  readonly strategy: TestStrategy;
  readonly emulator: VerifyEmulator;
  readonly store: session.MemoryStore;
  /** `ann` has a number, `ben` has none, `eve` has a number and an e-mail address. */
  readonly users: Map<string, TestUser>;
  client(): Client;
  /** A client that has passed the primary step. */
  signedIn(id: string): Promise<Client>;
  /** A client that has passed both steps. */
  verified(id: string): Promise<Client>;
  /** The entry of a client's session under the strategy's name. */
  record(client: Client): Promise<Record<string, unknown> | undefined>;
}

/** The option `email`, where `allowedMethods` has the method: without it, the strategy refuses the option. */
function emailOption({ allowedMethods }: TestOptions): TestOptions {
  const isUsed = typeof allowedMethods === 'function' || allowedMethods?.includes('email');
  return isUsed ? { email: ({ user }) => user.email } : {};
}

/** Starts the application and an emulator on free ports of this machine; both end with the test file. */
export async function startTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const emulator = await startVerifyEmulator({ now: () => Date.now(), ...options.emulator });
  // Before anything else can throw: a test that is red must not hang because an emulator keeps running.
  running.push(() => emulator.stop());
  const users = new Map<string, TestUser>([
    ['ann', { id: 'ann', phone: '+12025550123' }],
    ['ben', { id: 'ben' }],
    ['eve', { id: 'eve', phone: '+12025550199', email: 'eve@example.com' }],
  ]);
  const passport = new Passport() as unknown as PassportStatic;
  passport.serializeUser((user, done) => done(null, (user as TestUser).id));
  passport.deserializeUser((id: string, done) => done(null, users.get(id) ?? false));

  const strategy: TestStrategy = new TwilioVerifyStrategy<TestUser>(
    {
      accountSid: emulator.accountSid,
      authToken: emulator.authToken,
      serviceSid: emulator.serviceSid,
      baseUrl: emulator.url,
      phoneNumber: ({ user }) => user.phone,
      storePhoneNumber: ({ user, phoneNumber }) => {
        user.phone = phoneNumber;
      },
      endOtherSessions: () => undefined,
      ...emailOption(options.twoFactor ?? {}),
      ...options.twoFactor,
    },
    options.verify,
  );
  passport.use(strategy);

  const app = express();
  options.before?.(app);
  const store = new session.MemoryStore();
  const defaultSession = () => session({ secret: 'test', resave: false, saveUninitialized: false, store });
  if (options.session !== null) app.use(options.session ?? defaultSession(), passport.session(), strategy.session());
  app.post('/login/:id', (req, res, next) => {
    const user = users.get(req.params.id);
    if (!user) {
      res.sendStatus(404);
      return;
    }
    req.logIn(user, (error) => {
      if (error) return next(error);
      const goOn = (problem?: unknown) => (problem ? next(problem) : res.send('in'));
      return options.afterLogin ? options.afterLogin(strategy)(req, res, goOn) : goOn();
    });
  });
  app.post('/logout', (req, res, next) => req.logout((error) => (error ? next(error) : res.send('out'))));
  if (options.router ?? true) app.use('/2fa', strategy.router());
  app.get(
    '/account',
    passport.authenticate('twilio-2fa'),
    (req, res) => void res.send(`account of ${(req.user as TestUser).id}`),
  );
  options.routes?.(app, passport, strategy);
  app.use(((error, _req, res, _next) => {
    res
      .status(error.status ?? 500)
      .type('text')
      .send(`${error.code ?? error.name}: ${error.message}`);
  }) as express.ErrorRequestHandler);

  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  running.push(async () => {
    server.closeAllConnections();
    server.close();
  });

  const client = () => new Client(url, { isDescribed: options.twoFactor?.render === undefined });
  const signedIn = async (id: string) => {
    const browser = client();
    await browser.post(`/login/${id}`);
    return browser;
  };
  const verified = async (id: string) => {
    const browser = await signedIn(id);
    await browser.post('/2fa', { method: 'sms' });
    await browser.post('/2fa/verify', { code: await emulator.codeFor(users.get(id)?.phone ?? '') });
    return browser;
  };
  const record = (browser: Client) =>
    new Promise<Record<string, unknown> | undefined>((resolve, reject) => {
      const id =
        decodeURIComponent(browser.cookies.get('connect.sid') ?? '')
          .replace(/^s:/, '')
          .split('.')[0] ?? '';
      store.get(id, (error, data) =>
        error
          ? reject(error)
          : resolve(
              (data as Record<string, unknown> | undefined | null)?.[strategy.name] as
                | Record<string, unknown>
                | undefined,
            ),
      );
    });
  return { url, app, passport, strategy, emulator, store, users, client, signedIn, verified, record };
}
