/** The twenty lines that add the package to an application. */
export const APPLICATION = `
import express from 'express';
import session from 'express-session';
import passport from 'passport';
import { TwilioVerifyStrategy } from 'passport-twilio-verify';

interface User {
  id: string;
  phoneNumber?: string;
}
const users = new Map<string, User>([['1', { id: '1', phoneNumber: '+12025550123' }]]);

const twoFactor = new TwilioVerifyStrategy<User>({
  serviceSid: process.env.TWILIO_VERIFY_SERVICE_SID ?? 'VA',
  phoneNumber: ({ user }) => user.phoneNumber,
  storePhoneNumber: ({ user, phoneNumber }) => {
    user.phoneNumber = phoneNumber;
  },
});
passport.use(twoFactor);
passport.serializeUser((user, done) => done(null, (user as User).id));
passport.deserializeUser((id: string, done) => done(null, users.get(id) ?? false));

const app = express();
app.use(session({ secret: 'secret', resave: false, saveUninitialized: false }));
app.use(passport.session(), twoFactor.session());
app.post('/login', passport.authenticate('local'), twoFactor.sendOnLogin(), (_req, res) => res.redirect('/account'));
app.use('/2fa', twoFactor.router());
app.get('/account', passport.authenticate('twilio-2fa'), (req, res) => {
  res.send((req.user as User).id);
});
app.get('/young', passport.authenticate('twilio-2fa', { maxAgeSeconds: 300 }), (_req, res) => {
  res.send('young');
});
twoFactor.on('verificationSent', ({ verificationSid, user, method, timestamp }) => {
  console.log(verificationSid, user.phoneNumber, method, timestamp.toISOString());
});
`;

/** The code that the types must accept, and the code that they must reject. */
export const TYPES = `
import type { Request } from 'express';
import passport from 'passport';
import { Strategy, TwilioVerifyError, TwilioVerifyStrategy } from 'passport-twilio-verify';
import type { CreateLimiter, Method, RefusalCode, TwilioVerifyStrategyOptions, VerifyCallback } from 'passport-twilio-verify';
import { startVerifyEmulator, type VerifyEmulator } from 'passport-twilio-verify/emulator';

interface User {
  id: string;
}
const options = {
  phoneNumber: async () => undefined,
  storePhoneNumber: () => {},
} satisfies TwilioVerifyStrategyOptions<User>;
const verify: VerifyCallback<User> = (user, info, done) => done(null, info.method === 'sms' && user);

new Strategy<User>(options, verify);
new TwilioVerifyStrategy<User>({ ...options, passReqToCallback: true }, (req: Request, user, _info, done) => {
  done(null, req.ip ? user : false);
});
new TwilioVerifyStrategy<User>({ ...options, passReqToCallback: false }, (user, _info, done) => done(null, user));
const strategy = new TwilioVerifyStrategy<User>(options);
strategy.on('audit', (record) => JSON.stringify(record)).once('rateLimited', ({ reason }) => reason);
export async function withoutPages(req: Request): Promise<string | undefined> {
  const sent = await strategy.start(req, 'sms');
  if (sent.type === 'refused') return (sent.code satisfies RefusalCode) + sent.status;
  // A remembered device sent the request.
  if (sent.type === 'alreadyVerified') return sent.type;
  const checked = await strategy.check(req, String(sent.pending.attemptsLeft));
  return checked.type === 'approved' ? checked.info.verificationSid : undefined;
}
export const unlocked: Promise<void> = strategy.admin.unlock({ id: '1' } as User, { actor: 'ops', reason: 'case 7' });
export const emulator: Promise<VerifyEmulator> = startVerifyEmulator({ port: 0 });
export const method: Method = 'sms';
export const isOurs = (error: unknown) => error instanceof TwilioVerifyError && error.code.startsWith('ERR_');
export type Made = ReturnType<CreateLimiter>;

// @ts-expect-error phoneNumber has no default
new TwilioVerifyStrategy<User>({ storePhoneNumber: () => {} });
// @ts-expect-error there is no such option
new TwilioVerifyStrategy<User>({ ...options, fone: 1 });
// @ts-expect-error there is no such method
new TwilioVerifyStrategy<User>({ ...options, allowedMethods: ['pigeon'] });
// @ts-expect-error with passReqToCallback the request comes first
new TwilioVerifyStrategy<User>({ ...options, passReqToCallback: true }, (user: User, _info: object, done: () => void) => done());
// @ts-expect-error an age is a number of seconds
passport.authenticate('twilio-2fa', { maxAgeSeconds: 'young' });
// @ts-expect-error there is no such event
strategy.on('verified', () => {});
`;

/** Code that many applications have in a separate file. */
export const ANNOTATED = `
import { TwilioVerifyStrategy, type TwilioVerifyStrategyOptions } from 'passport-twilio-verify';

const options: TwilioVerifyStrategyOptions<{ id: string }> = { phoneNumber: () => '', storePhoneNumber: () => {} };
export const strategy = new TwilioVerifyStrategy(options);
`;
