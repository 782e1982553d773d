import { randomBytes } from 'node:crypto';
import express, { type Express } from 'express';
import session from 'express-session';
import { Passport } from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { TwilioVerifyStrategy, type TwilioVerifyStrategyOptions } from 'passport-twilio-verify';
import { accountPage, loginPage } from './pages.js';
import { type User, Users } from './users.js';

/** The application, and the strategy for those who want to listen to its events. */
export interface Example {
  readonly app: Express;
  readonly twoFactor: TwilioVerifyStrategy<User>;
  readonly users: Users;
}

/** What may differ from one start to the next. */
export interface ExampleOptions {
  readonly alicePhoneNumber?: string | undefined;
  /** More options for the strategy. */
  readonly twoFactor?: Partial<Omit<TwilioVerifyStrategyOptions<User>, 'passReqToCallback'>>;
}

/** Makes the example: a password first, and then the second step. */
export function createExample(options: ExampleOptions = {}): Example {
  const users = new Users(options.alicePhoneNumber);
  const passport = new Passport();

  passport.use(
    new LocalStrategy((username, password, done) => done(null, users.byPassword(username, password) ?? false)),
  );
  passport.serializeUser((user, done) => done(null, (user as User).id));
  passport.deserializeUser((id: string, done) => done(null, users.byId(id) ?? false));

  const twoFactor = new TwilioVerifyStrategy<User>({
    phoneNumber: ({ user }) => user.phoneNumber,
    storePhoneNumber: ({ user, phoneNumber }) => users.setPhoneNumber(user.id, phoneNumber),
    allowedCountries: ['US', 'CA', 'GB', 'DE', 'FR', 'JP', 'EG', 'BR', 'IN'],
    loginUrl: '/login',
    logoutUrl: '/logout',
    verifySuccessUrl: '/account',
    ...options.twoFactor,
  });
  passport.use(twoFactor);

  const app = express();
  app.disable('x-powered-by');
  app.use(
    session({
      secret: randomBytes(32).toString('hex'),
      resave: false,
      saveUninitialized: false,
      cookie: { sameSite: 'lax' },
    }),
    passport.session(),
    twoFactor.session(),
  );

  app.get('/', (_req, res) => res.redirect('/account'));
  app.get('/login', (req, res) => void res.send(loginPage(req.query.failed !== undefined)));
  app.post(
    '/login',
    express.urlencoded({ extended: false }),
    passport.authenticate('local', { failureRedirect: '/login?failed' }),
    (_req, res) => res.redirect(303, '/account'),
  );
  app.post('/logout', (req, res, next) => req.logout((error) => (error ? next(error) : res.redirect(303, '/login'))));

  app.use('/2fa', twoFactor.router());
  app.get('/account', passport.authenticate('twilio-2fa'), (req, res) => void res.send(accountPage(req.user as User)));

  return { app, twoFactor, users };
}
