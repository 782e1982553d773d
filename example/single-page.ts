import { STATUS_CODES } from 'node:http';
import path from 'node:path';
import express, { type ErrorRequestHandler, type RequestHandler, type Response, type Router } from 'express';
import type { PassportStatic } from 'passport';
import type { FailureInfo } from 'passport-twilio-verify';
import type { User, Users } from './users.js';

type Passport = Pick<PassportStatic, 'authenticate'>;

const PUBLIC = path.join(__dirname, 'public');
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; " +
  "frame-ancestors 'none'; require-trusted-types-for 'script'";

/**
 * A page of plain browser JavaScript, at `/app`, and the routes that it needs in addition to the JSON of the
 * verification: to sign in with a password, read the protected account, and sign out.
 */
export function singlePage(passport: Passport, users: Users): Router {
  const router = express.Router();
  router.get('/app', (_req, res) => {
    res.set('Content-Security-Policy', POLICY).sendFile(path.join(PUBLIC, 'app.html'));
  });
  router.get('/app.js', (_req, res) => res.sendFile(path.join(PUBLIC, 'app.js')));

  // JSON only: another site's form can send none.
  router.post('/api/login', express.json(), passport.authenticate('local', { failWithError: true }), (_req, res) => {
    res.sendStatus(204);
  });
  router.post('/api/logout', (req, res, next) => req.logout((error) => (error ? next(error) : res.sendStatus(204))));
  router.get('/api/account', gate(passport), async (req, res) => {
    const user = req.user as User;
    res.json({ username: user.username, phoneNumber: await users.phoneNumberOf(user) });
  });
  router.use('/api', explain);
  return router;
}

/** Route protection with a callback that gets the reason: a script can do something with the `code`. */
function gate(passport: Passport): RequestHandler {
  return (req, res, next) => {
    const decide = (error: unknown, user: unknown, info: FailureInfo, status: number) => {
      if (error || user) next(error);
      else tell(res, status, info.message, info.code);
    };
    passport.authenticate('twilio-2fa', decide)(req, res, next);
  };
}

const explain: ErrorRequestHandler = (error, _req, res, _next) => {
  const { status = 500 } = error as { status?: number };
  if (status === 401) tell(res, status, 'The name or the password is not correct.', 'password_wrong', 'username');
  else tell(res, status, 'Something is out of order. Try again in a few minutes.', 'fault');
};

/** Problem details (RFC 9457), as the second step gives them. */
function tell(res: Response, status: number, detail: string, code: string, field?: string): void {
  const problem = { type: 'about:blank', title: STATUS_CODES[status], status, detail, code, field };
  res.status(status).type('application/problem+json').send(JSON.stringify(problem));
}
