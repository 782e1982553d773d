import type { AddressInfo } from 'node:net';
import { RedisStore } from 'connect-redis';
import express, { type Express } from 'express';
import session, { MemoryStore, type Store } from 'express-session';
import { Passport } from 'passport';
import { createClient } from 'redis';

/** A user of the measured applications. */
export interface User {
  readonly id: string;
  readonly phoneNumber: string;
}

/** The common part of all applications: Express, sessions, Passport, and a login route. */
export interface BaseApp {
  readonly app: Express;
  readonly passport: InstanceType<typeof Passport>;
  readonly store: Store;
  /** Calls to the session store so far. */
  readonly storeCalls: () => number;
  readonly redis: Awaited<ReturnType<typeof connectToRedis>>;
  /** Returns the URL. */
  listen(): Promise<string>;
}

/** Creates an application without any two-factor authentication. */
export async function createBaseApp(): Promise<BaseApp> {
  const redis = await connectToRedis();
  const store = redis ? new RedisStore({ client: redis }) : new MemoryStore();
  let storeCalls = 0;
  for (const call of ['get', 'set', 'touch', 'destroy'] as const) {
    const original = store[call] as (...args: unknown[]) => unknown;
    store[call] = (...args: unknown[]) => {
      storeCalls += 1;
      return original.apply(store, args);
    };
  }
  const passport = new Passport();
  passport.serializeUser((user, done) => done(null, (user as User).id));
  passport.deserializeUser((id: string, done) => done(null, userOf(id)));

  const app = express();
  app.use(session({ secret: 'bench', resave: false, saveUninitialized: false, store }), passport.session());
  app.post('/login', express.urlencoded({ extended: false }), (req, res, next) => {
    req.logIn(userOf(String(req.body.username)), (error) => (error ? next(error) : res.redirect(303, '/2fa')));
  });
  const listen = () =>
    new Promise<string>((resolve) => {
      // A thousand users can connect at once.
      const server = app.listen(0, '127.0.0.1', 4_096, () =>
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
      );
    });
  return { app, passport, store, storeCalls: () => storeCalls, redis, listen };
}

async function connectToRedis() {
  const { REDIS_URL } = process.env;
  if (!REDIS_URL) return undefined;
  // As in docs/scaling.md.
  return createClient({ url: REDIS_URL, disableOfflineQueue: true, commandOptions: { timeout: 0 } }).connect();
}

/** Returns a user with a unique phone number: `u7` has `+12022000007`. */
function userOf(id: string): User {
  return { id, phoneNumber: `+1202${2_000_000 + Number(id.slice(1))}` };
}
