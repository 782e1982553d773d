import { randomBytes } from 'node:crypto';
import path from 'node:path';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import session from 'express-session';
import { Passport } from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { MemoryFactorStore, TwilioVerifyStrategy, type TwilioVerifyStrategyOptions } from 'passport-twilio-verify';
import { adminRoutes } from './admin.js';
import { endOtherSessions } from './other-sessions.js';
import { accountPage, errorPage, loginPage, transferPage } from './pages.js';
import { singlePage } from './single-page.js';
import { type PhoneNumbers, type User, Users } from './users.js';

/** The application, and the strategy for those who want to listen to its events. */
export interface Example {
  readonly app: Express;
  readonly twoFactor: TwilioVerifyStrategy<User>;
  readonly users: Users;
}

/** Settings that can differ from one start to the next. */
export interface ExampleOptions {
  readonly alicePhoneNumber?: string | undefined;
  /** The emulated phone, which the pages link to. @default no link */
  readonly inboxUrl?: string | undefined;
  /** Store of the sessions, and the secret that signs their cookies. @default in memory, a random secret */
  readonly store?: session.Store;
  readonly secret?: string;
  readonly phoneNumbers?: PhoneNumbers;
  /** More options for the strategy. */
  readonly twoFactor?: Partial<Omit<TwilioVerifyStrategyOptions<User>, 'passReqToCallback'>>;
}

/** Browsers ask for the `.ico` on pages that name no icon. */
const FAVICONS = ['/favicon.ico', '/favicon.svg'];

/** Maximum age, in seconds, of the verification of a user who transfers money. */
const TRANSFER_MAX_AGE_SECONDS = 300;

/** Shows the page for an unknown address. Add it after all routes. */
export const showNotFound: RequestHandler = (_req, res) => {
  res.status(404).send(errorPage(404));
};

/** Makes the example: a password first, and then the second step. */
export function createExample(options: ExampleOptions = {}): Example {
  const users = new Users(options.phoneNumbers, options.alicePhoneNumber, options.secret);
  const store = options.store ?? new session.MemoryStore();
  const passport = new Passport();

  passport.use(
    new LocalStrategy((username, password, done) => done(null, users.byPassword(username, password) ?? false)),
  );
  passport.serializeUser((user, done) => done(null, (user as User).id));
  passport.deserializeUser((id: string, done) => done(null, users.byId(id) ?? false));

  const twoFactor = new TwilioVerifyStrategy<User>({
    phoneNumber: ({ user }) => users.phoneNumberOf(user),
    storePhoneNumber: ({ user, phoneNumber }) => users.setPhoneNumber(user, phoneNumber),
    store: new MemoryFactorStore(),
    recoveryCodes: true,
    rememberDevice: { days: 30 },
    allowedCountries: ['US', 'CA', 'GB', 'DE', 'FR', 'JP', 'EG', 'BR', 'IN'],
    loginUrl: '/login',
    logoutUrl: '/logout',
    verifySuccessUrl: '/account',
    maxAgeSeconds: 43_200,
    securityStamp: ({ user }) => users.securityStampOf(user),
    endOtherSessions: ({ user, req }) => endOtherSessions(store, user.id, req.sessionID),
    ...options.twoFactor,
  });
  passport.use(twoFactor);

  const { inboxUrl } = options;
  const app = express();
  app.disable('x-powered-by');
  app.get(FAVICONS, (_req, res) => res.sendFile(path.join(__dirname, 'public', 'favicon.svg')));
  app.use(
    session({
      secret: options.secret ?? randomBytes(32).toString('hex'),
      resave: false,
      saveUninitialized: false,
      cookie: { sameSite: 'lax' },
      store,
    }),
    passport.session(),
    twoFactor.session(),
  );

  app.get('/', (_req, res) => res.redirect('/account'));
  app.get('/login', (req, res) => void res.send(loginPage({ hasFailed: req.query.failed !== undefined, inboxUrl })));
  app.post(
    '/login',
    express.urlencoded({ extended: false }),
    passport.authenticate('local', { failureRedirect: '/login?failed', successReturnToOrRedirect: '/account' }),
  );
  app.post('/logout', (req, res, next) => req.logout((error) => (error ? next(error) : res.redirect(303, '/login'))));

  app.use('/2fa', twoFactor.router());
  app.get('/account', passport.authenticate('twilio-2fa'), async (req, res) => {
    const user = req.user as User;
    res.send(accountPage({ username: user.username, phoneNumber: await users.phoneNumberOf(user), inboxUrl }));
  });
  app.post(
    '/transfer',
    passport.authenticate('twilio-2fa', { maxAgeSeconds: TRANSFER_MAX_AGE_SECONDS }),
    (_req, res) => {
      res.send(transferPage());
    },
  );
  app.use(adminRoutes(twoFactor, users));
  app.use(singlePage(passport, users));

  const showError: ErrorRequestHandler = (error, _req, res, _next) => {
    const status = typeof error.status === 'number' ? error.status : 500;
    res.status(status).send(errorPage(status));
  };
  app.use(showError);
  return { app, twoFactor, users };
}
