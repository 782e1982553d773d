/**
 * An application that uses the package, as `app.cjs` of a project: for Node itself and for other people's test runners.
 */
export const APP = `
const express = require('express');
const session = require('express-session');
const { Passport } = require('passport');
const { TwilioVerifyStrategy } = require('passport-twilio-verify');

exports.createApp = ({ accountSid, authToken, serviceSid, url }, options = {}) => {
  const user = { id: '1', phoneNumber: '+12025550123' };
  const passport = new Passport();
  const twoFactor = new TwilioVerifyStrategy({
    accountSid, authToken, serviceSid, baseUrl: url,
    phoneNumber: ({ user }) => user.phoneNumber,
    storePhoneNumber: () => {},
    ...options,
  });
  passport.use(twoFactor);
  passport.serializeUser((user, done) => done(null, user.id));
  passport.deserializeUser((id, done) => done(null, user));
  const app = express();
  app.use(session({ secret: 's', resave: false, saveUninitialized: false }));
  app.use(passport.session(), twoFactor.session());
  app.post('/login', (req, res, next) => req.logIn(user, (error) => (error ? next(error) : res.send('in'))));
  app.use('/2fa', twoFactor.router());
  app.get('/account', passport.authenticate('twilio-2fa'), (req, res) => res.send('account of ' + req.user.id));
  return app;
};
`;

/** The source of a test of that application, for any runner that has `test` and `expect`. */
export const SIGN_IN_TEST = `
test('a user signs in with the code from the SMS', async () => {
  const emulator = await startVerifyEmulator();
  const browser = request.agent(createApp(emulator));
  await browser.post('/login').expect(200);
  await browser.get('/account').expect(401);
  await browser.post('/2fa').type('form').send({ method: 'sms' }).expect(303);
  await browser.post('/2fa/verify').type('form').send({ code: await emulator.codeFor('+12025550123') }).expect(303);
  expect((await browser.get('/account').expect(200)).text).toBe('account of 1');
  await emulator.stop();
});
`;
