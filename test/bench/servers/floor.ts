/**
 * The floor: the same steps by hand with the official SDK and nothing else. No limits, no checks, no new session id after
 * the code; pages are constants of the same length as ours.
 */
import express from 'express';
import twilio from 'twilio';
import { createBaseApp, type User } from './base-app.js';
import type { Application } from './talk.js';

declare module 'express-session' {
  interface SessionData {
    sid: string;
    ok: boolean;
  }
}

const {
  TWILIO_ACCOUNT_SID,
  TWILIO_AUTH_TOKEN,
  TWILIO_VERIFY_SERVICE_SID = '',
  TWILIO_VERIFY_BASE_URL = '',
} = process.env;
const START_PAGE = page(Number(process.env.START_PAGE_LENGTH));
const CODE_PAGE = page(Number(process.env.CODE_PAGE_LENGTH));

function page(length: number): string {
  return `<!doctype html><title>Page</title>${'<p>text</p>'.repeat(length / 11 + 1)}`.slice(0, length);
}

/** The SDK knows Twilio's own address only. */
class Redirected extends twilio.RequestClient {
  override request: typeof twilio.RequestClient.prototype.request = (options) =>
    super.request({ ...options, uri: options.uri.replace('https://verify.twilio.com', TWILIO_VERIFY_BASE_URL) });
}

export async function floor(): Promise<Application> {
  const { app, storeCalls, listen } = await createBaseApp();
  const client = twilio(TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, { httpClient: new Redirected() });
  const service = client.verify.v2.services(TWILIO_VERIFY_SERVICE_SID);
  const parse = express.urlencoded({ extended: false });

  app.get('/2fa', (_req, res) => void res.send(START_PAGE));
  app.post('/2fa', parse, async (req, res) => {
    const { phoneNumber: to } = req.user as User;
    const { sid } = await service.verifications.create({ to, channel: req.body.method });
    req.session.sid = sid;
    res.redirect(303, '/2fa/verify');
  });
  app.get('/2fa/verify', (_req, res) => void res.send(CODE_PAGE));
  app.post('/2fa/verify', parse, async (req, res) => {
    const { sid = '' } = req.session;
    const { status } = await service.verificationChecks.create({ verificationSid: sid, code: req.body.code });
    req.session.ok = status === 'approved';
    res.redirect(303, '/2fa/success');
  });
  app.get('/account', (req, res) => {
    if (req.isAuthenticated() && req.session.ok) res.send('verified');
    else res.sendStatus(401);
  });
  return { url: await listen(), answers: { touched: () => ({ store: storeCalls(), limiter: 0 }) } };
}
