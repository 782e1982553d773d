import { RedisStore } from 'connect-redis';
import express, { type Express } from 'express';
import session, { type Store } from 'express-session';
import passport from 'passport';
import { createClient } from 'redis';

/** A user of the applications that are measured. */
export interface User {
  readonly id: string;
  readonly phoneNumber: string;
}

type Redis = ReturnType<typeof createClient>;

/** What both applications have in common: Express, sessions, Passport, a primary step. */
export interface BaseApp {
  readonly app: Express;
  readonly store: Store;
  readonly redis: Redis | undefined;
}

/** Makes an application up to where the two differ. */
export async function createBaseApp(): Promise<BaseApp> {
  const { REDIS_URL } = process.env;
  const redis = REDIS_URL ? createClient({ url: REDIS_URL, disableOfflineQueue: true }) : undefined;
  await redis?.connect();
  const store = redis ? new RedisStore({ client: redis }) : new session.MemoryStore();

  passport.serializeUser((user, done) => done(null, (user as User).id));
  passport.deserializeUser((id: string, done) => done(null, userOf(id)));
  const app = express();
  app.use(session({ secret: 'bench', resave: false, saveUninitialized: false, store }), passport.session());
  app.post('/login', express.urlencoded({ extended: false }), (req, res, next) => {
    req.logIn(userOf(String(req.body.username)), (error) => (error ? next(error) : res.redirect(303, '/2fa')));
  });
  return { app, store, redis };
}

/** Each user has a number of his own: `u7` has `+12022000007`. */
function userOf(id: string): User {
  return { id, phoneNumber: `+1202${2_000_000 + Number(id.slice(1))}` };
}
