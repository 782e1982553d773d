/**
 * A complete sign-in in a separate process: prints one line of JSON with the values that its trace must not contain.
 */
import express from 'express';
import { newNumber } from '../../../support/second-step.js';
import { startAppWith } from './app-with.js';

/** A user whose ID would add a line to the log. */
const FORGER = 'eve\nTWILIO-2FA 1: gate';

async function main(): Promise<void> {
  const app = await startAppWith(
    ({ app, passport, sessions, addLogin, addAccount, twoFactor }) => {
      app.use(...sessions);
      addLogin();
      app.use('/2fa', twoFactor.router());
      app.use('/account', express.urlencoded({ extended: false }));
      addAccount();
      app.get(
        '/young',
        passport.authenticate('twilio-2fa', { maxAgeSeconds: 300 }),
        (_req, res) => void res.send('in'),
      );
      app.get(
        '/broken',
        (req, _res, next) => Object.assign(req, { session: undefined }) && next(),
        passport.authenticate('twilio-2fa'),
      );
    },
    { registerOptional: true, isRequired: ({ user: { id, phone } }) => id !== 'zoe' && !(id === 'kim' && phone) },
  );
  const number = newNumber();
  app.users.set('ann', { id: 'ann', phone: number });
  app.users.set('zoe', { id: 'zoe' });
  app.users.set('kim', { id: 'kim' });
  app.users.set(FORGER, { id: FORGER, phone: '+12025550188' });
  const secrets: string[] = [app.emulator.authToken, number, number.slice(-10)];
  const stranger = app.client();
  await stranger.get('/account?token=query-secret');
  const browser = await app.signedIn('ann');
  const keep = () =>
    secrets.push(...[...browser.cookies.values()].flatMap((value) => [value, decodeURIComponent(value).slice(2, 34)]));
  keep();
  await browser.get('/account?token=query-secret');
  await browser.post('/2fa', { method: 'sms' });
  const code = await app.emulator.codeFor(number);
  const wrong = code.replace(/.$/, (digit) => String((Number(digit) + 1) % 10));
  secrets.push(code, wrong, 'query-secret');
  await browser.post('/2fa/resend');
  await browser.post('/account', { code: wrong });
  await browser.post('/2fa/verify', { code: wrong });
  await browser.post('/2fa/verify', { code });
  keep();
  await browser.get('/account');
  await browser.get('/young');
  await browser.post('/2fa/change', { phoneNumber: 'not a number', method: 'sms' });
  await (await app.signedIn('zoe')).get('/account');
  const skipping = await app.signedIn('kim');
  await skipping.post('/2fa/skip');
  await skipping.get('/account');
  app.users.set('kim', { id: 'kim', phone: newNumber() });
  await skipping.get('/account');
  await browser.get('/broken');
  app.emulator.fail({ call: 'create', status: 500 });
  await browser.post('/2fa/change', { phoneNumber: newNumber(), method: 'sms' });
  await browser.post('/2fa', { method: 'sms' }, { 'sec-fetch-site': 'cross-site' });
  await browser.post('/2fa/cancel');
  const forger = await app.signedIn(encodeURIComponent(FORGER));
  await forger.post('/2fa', { method: 'sms' });
  const right = await app.emulator.codeFor('+12025550188');
  await forger.post('/account', { code: right });
  secrets.push(right, '2025550188');
  await app.emulator.stop();
  await browser.post('/2fa/change', { phoneNumber: newNumber(), method: 'sms' });
  process.stdout.write(`${JSON.stringify({ secrets })}\n`, () => process.exit());
}

void main();
