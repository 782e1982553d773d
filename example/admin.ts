import express, { type RequestHandler, type Router } from 'express';
import type { TwilioVerifyStrategy } from 'passport-twilio-verify';
import type { User, Users } from './users.js';

const LOOPBACK = /^(?:::ffff:)?127\.|^::1$/;
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/;

/** Lets support staff reset a user who lost the phone. An app puts this behind its own sign-in for administrators. */
export function adminRoutes(twoFactor: TwilioVerifyStrategy<User>, users: Users): Router {
  const router = express.Router();
  const form = express.urlencoded({ extended: false });
  router.post('/admin/reset', thisMachineOnly, form, async (req, res, next) => {
    try {
      const user = users.byUsername(String(req.body?.username));
      if (!user) return void res.status(404).type('text').send('There is no such user.\n');
      await twoFactor.admin.reset(user, { actor: 'operator', reason: 'asked on this machine', req });
      res.type('text').send(`Two-factor authentication of ${user.username} is reset.\n`);
    } catch (error) {
      next(error);
    }
  });
  return router;
}

/** Rejects requests from other machines, and from pages of other sites in a browser on this machine. */
const thisMachineOnly: RequestHandler = (req, res, next) => {
  const { host = '', origin, 'sec-fetch-site': site } = req.headers;
  const isFromHere = LOOPBACK.test(req.socket.remoteAddress ?? '') && LOOPBACK_HOST.test(host);
  const isOwnPage = site === undefined ? origin === undefined || origin.endsWith(`//${host}`) : site === 'same-origin';
  if (isFromHere && (isOwnPage || site === 'none')) return next();
  res.status(403).type('text').send('Only from this machine.\n');
};
