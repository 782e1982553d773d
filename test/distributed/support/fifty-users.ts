/**
 * An application like the example, but with fifty users who have a number each, and a login without passwords. Its
 * processes share their state through `sharedInRedis` of the example.
 */
import express from 'express';
import session from 'express-session';
import { Passport } from 'passport';
import { TwilioVerifyStrategy } from 'passport-twilio-verify';
import { sharedInRedis } from '../../../example/redis.js';
import { postgresFactorStore } from '../../sessions/support/documented-factor-stores.js';
import { openPool } from '../../sessions/support/pool.js';

interface User {
  readonly id: string;
  readonly phoneNumber: string;
}

const USERS: readonly User[] = Array.from({ length: 50 }, (_, index) => ({
  id: String(index),
  phoneNumber: `+120255501${String(index).padStart(2, '0')}`,
}));

async function main(): Promise<void> {
  const { PORT, REDIS_URL = '', SENDS_PER_USER, FACTOR_DATABASE_URL } = process.env;
  const shared = await sharedInRedis(REDIS_URL);
  const { store, secret = '', twoFactor } = shared.options;
  const factorStore = FACTOR_DATABASE_URL ? postgresFactorStore(openPool(FACTOR_DATABASE_URL)) : twoFactor?.store;
  const sends = SENDS_PER_USER === undefined ? [] : [{ points: Number(SENDS_PER_USER), durationSeconds: 600 }];

  const passport = new Passport();
  passport.serializeUser((user, done) => done(null, (user as User).id));
  passport.deserializeUser((id: string, done) => done(null, USERS.find((user) => user.id === id) ?? false));
  const strategy = new TwilioVerifyStrategy<User>({
    ...(twoFactor?.createLimiter ? { createLimiter: twoFactor.createLimiter } : {}),
    ...(sends.length > 0 ? { limits: { sendsPerUser: sends, sendsPerAddress: sends }, retryTimeSeconds: 0 } : {}),
    ...(factorStore ? { store: factorStore, recoveryCodes: true, rememberDevice: { days: 30 } } : {}),
    phoneNumber: ({ user }) => user.phoneNumber,
    allowRegister: false,
    allowChange: false,
  });
  passport.use(strategy);

  const app = express();
  app.use(
    session({ secret, resave: false, saveUninitialized: false, ...(store ? { store } : {}) }),
    passport.session(),
    strategy.session(),
  );
  app.post('/login/:id', (req, res, next) => {
    const user = USERS.find(({ id }) => id === req.params.id);
    if (!user) return void res.sendStatus(404);
    req.logIn(user, (error) => (error ? next(error) : res.redirect(303, '/account')));
  });
  app.use('/2fa', strategy.router());
  app.get('/account', passport.authenticate('twilio-2fa'), (req, res) => {
    res.send(`account of ${(req.user as User).id}`);
  });

  const OWN_FORMS = {
    '/code': { failureRedirect: '/störung?a=%20', failureMessage: true },
    '/api/code': { failWithError: true, failureMessage: true },
  };
  for (const [path, options] of Object.entries(OWN_FORMS)) {
    app.use(path, express.urlencoded({ extended: false }), passport.authenticate('twilio-2fa', options));
    app.post(path, (_req, res) => res.redirect(303, '/account'));
  }

  const server = app.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${PORT}/`));
  // As the example does it.
  process.once('SIGTERM', () => {
    server.close(() => {
      shared.close();
      process.exit(0);
    });
    server.closeIdleConnections();
  });
}

void main();
