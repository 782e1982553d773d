/** The application with this package: `passport-twilio-verify` as its README puts it in, limits included. */
import type { AddressInfo } from 'node:net';
import passport from 'passport';
import { TwilioVerifyStrategy } from 'passport-twilio-verify';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { createBaseApp, type User } from './base-app.js';
import { talk } from './talk.js';

async function start(): Promise<void> {
  const { app, redis } = await createBaseApp();
  const twoFactor = new TwilioVerifyStrategy<User>({
    phoneNumber: ({ user }) => user.phoneNumber,
    storePhoneNumber: () => undefined,
    ...(redis && {
      createLimiter: (options) => new RateLimiterRedis({ storeClient: redis, useRedisPackage: true, ...options }),
    }),
  });
  passport.use(twoFactor);
  app.use(twoFactor.session());
  app.use('/2fa', twoFactor.router());
  app.get('/account', passport.authenticate('twilio-2fa'), (_req, res) => void res.send('verified'));
  const server = app.listen(0, '127.0.0.1', () =>
    talk({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }, {}),
  );
}

void start();
