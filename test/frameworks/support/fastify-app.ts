import { after } from 'node:test';
import fastifyCookie from '@fastify/cookie';
import { Authenticator } from '@fastify/passport';
import fastifySecureSession from '@fastify/secure-session';
import fastifySession, { MemoryStore, type SessionStore } from '@fastify/session';
import Fastify, { type FastifyInstance } from 'fastify';
import { type GateOptions, TwilioVerifyStrategy } from 'passport-twilio-verify';
import { startVerifyEmulator, type VerifyEmulator } from 'passport-twilio-verify/emulator';
import { Client } from '../../support/client.js';
import type { TestOptions, TestStrategy, TestUser } from '../../support/test-app.js';
import { addJsonRoutes } from './fastify-json-routes.js';

const running: (() => Promise<void>)[] = [];

after(async () => {
  await Promise.all(running.map((stop) => stop()));
});

/** The kind of session in Fastify: behind an ID, or whole in an encrypted cookie. */
export type SessionKind = '@fastify/session' | '@fastify/secure-session';

/** The settings of the application that a test can change. */
export interface FastifyAppOptions {
  readonly kind: SessionKind;
  readonly twoFactor?: TestOptions;
  /** Options of `@fastify/passport`. */
  readonly passport?: ConstructorParameters<typeof Authenticator>[0];
  /** Without `strategy.session()`. */
  readonly isUnwatched?: boolean;
  readonly trustProxy?: boolean;
  /** The store of `@fastify/session`, instead of its default in memory. */
  readonly store?: SessionStore;
  readonly routes?: (
    app: FastifyInstance,
    passport: InstanceType<typeof Authenticator>,
    strategy: TestStrategy,
    emulator: VerifyEmulator,
  ) => void;
}

/** A Fastify application with a password-less primary step, a gate before `/account`, and the second step as JSON. */
export interface FastifyApp {
  readonly url: string;
  readonly app: FastifyInstance;
  readonly strategy: TestStrategy;
  readonly emulator: VerifyEmulator;
  readonly users: Map<string, TestUser>;
  client(): Client;
  /** A client that has passed the primary step. */
  signedIn(id: string): Promise<Client>;
  /** A client that has passed both steps. */
  verified(id: string): Promise<Client>;
}

/** Step-up, as a route names it. */
const YOUNG: GateOptions = { maxAgeSeconds: 300 };

/** Starts the application and an emulator on free ports of this machine; both end with the test file. */
export async function startFastifyApp(options: FastifyAppOptions): Promise<FastifyApp> {
  const emulator = await startVerifyEmulator({ now: () => Date.now() });
  running.push(() => emulator.stop());
  const users = new Map<string, TestUser>();
  const stamps = new Map<string, string>();
  const endedSessionsOf: string[] = [];
  const strategy: TestStrategy = new TwilioVerifyStrategy<TestUser>({
    accountSid: emulator.accountSid,
    authToken: emulator.authToken,
    serviceSid: emulator.serviceSid,
    baseUrl: emulator.url,
    // A page of the application's own: ours are Express's.
    mountPath: '/code',
    phoneNumber: ({ user }) => user.phone,
    storePhoneNumber: ({ user, phoneNumber }) => {
      user.phone = phoneNumber;
      stamps.set(user.id, phoneNumber);
    },
    securityStamp: ({ user }) => stamps.get(user.id),
    endOtherSessions: ({ user }) => void endedSessionsOf.push(user.id),
    ...options.twoFactor,
  });

  const app = Fastify({ trustProxy: options.trustProxy ?? false, forceCloseConnections: true });
  running.push(() => app.close());
  if (options.kind === '@fastify/session') {
    await app.register(fastifyCookie);
    const secret = 'a secret of the test, of 32 characters';
    const store = options.store ?? new MemoryStore();
    await app.register(fastifySession, { secret, store, cookie: { secure: false }, saveUninitialized: false });
  } else {
    await app.register(fastifySecureSession, { key: Buffer.alloc(32, 'a key of the test'), cookie: { path: '/' } });
  }

  const passport = new Authenticator(options.passport);
  passport.registerUserSerializer(async (user: TestUser) => user.id);
  passport.registerUserDeserializer(async (id: string) => users.get(id) ?? null);
  passport.use('twilio-2fa', strategy);
  await app.register(passport.initialize());
  await app.register(passport.secureSession());
  if (!options.isUnwatched) app.addHook('preValidation', strategy.session());

  app.post<{ Params: { id: string }; Querystring: { keep?: string } }>('/login/:id', async (request, reply) => {
    const user = users.get(request.params.id);
    if (!user) return reply.code(404).send();
    await request.logIn(user, { keepSessionInfo: request.query.keep !== undefined });
    return 'in';
  });
  app.post('/logout', async (request) => {
    await request.logOut();
    return 'out';
  });
  const gate = { preValidation: passport.authenticate('twilio-2fa') };
  const userOf = (request: object) => (request as Record<string, TestUser>)[passport.userProperty];
  app.get('/account', gate, async (request) => `account of ${userOf(request)?.id}`);
  app.post('/enter', gate, async (request) => `entered as ${userOf(request)?.id}`);
  const stepUp = { preValidation: passport.authenticate('twilio-2fa', YOUNG) };
  app.post('/transfer', stepUp, async () => 'transferred');
  const sessionOf = (request: object) => (request as { session: Record<string, unknown> }).session;
  app.post('/remember', async (request) => {
    sessionOf(request).cart = ['book'];
    return 'remembered';
  });
  app.get('/cart', async (request) => sessionOf(request).cart ?? []);
  addJsonRoutes(app, strategy);
  options.routes?.(app, passport, strategy, emulator);

  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const client = () => new Client(url);
  const signedIn = async (id: string) => {
    const browser = client();
    await browser.postJson(`/login/${id}`, {});
    return browser;
  };
  const verified = async (id: string) => {
    const browser = await signedIn(id);
    await browser.postJson('/second-step/start', { method: 'sms' });
    await browser.postJson('/second-step/check', { code: await emulator.codeFor(users.get(id)?.phone ?? '') });
    return browser;
  };
  return { url, app, strategy, emulator, users, client, signedIn, verified };
}
