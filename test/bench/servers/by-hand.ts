import express, { type RequestHandler } from 'express';
import twilio from 'twilio';
import type { BaseApp, User } from './base-app.js';
import type { Application } from './talk.js';

declare module 'express-session' {
  interface SessionData {
    sid: string;
    sentAt: number;
    ok: boolean;
  }
}

/** The handlers in which applications without the package differ. */
export interface ByHand {
  readonly codePage: RequestHandler;
  readonly account: readonly RequestHandler[];
}

const {
  TWILIO_ACCOUNT_SID,
  TWILIO_AUTH_TOKEN,
  TWILIO_VERIFY_SERVICE_SID = '',
  TWILIO_VERIFY_BASE_URL = '',
} = process.env;
const START_PAGE = pageOf(Number(process.env.START_PAGE_LENGTH));

/** Returns a page of this length. */
export function pageOf(length: number): string {
  return `<!doctype html><title>Page</title>${'<p>text</p>'.repeat(length / 11 + 1)}`.slice(0, length);
}

/** The SDK has no option for another base URL. */
class Redirected extends twilio.RequestClient {
  override request: typeof twilio.RequestClient.prototype.request = (options) =>
    super.request({ ...options, uri: options.uri.replace('https://verify.twilio.com', TWILIO_VERIFY_BASE_URL) });
}

/**
 * Creates an application that does the package's steps with the SDK alone. It has no limits and no checks, and keeps
 * the session ID after the code.
 */
export async function byHand(base: BaseApp, { codePage, account }: ByHand): Promise<Application> {
  const { app, storeCalls, listen } = base;
  const client = twilio(TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, { httpClient: new Redirected() });
  const service = client.verify.v2.services(TWILIO_VERIFY_SERVICE_SID);
  const parse = express.urlencoded({ extended: false });

  app.get('/2fa', (_req, res) => void res.send(START_PAGE));
  app.post('/2fa', parse, async (req, res) => {
    const { phoneNumber: to } = req.user as User;
    const { sid } = await service.verifications.create({ to, channel: req.body.method });
    req.session.sid = sid;
    req.session.sentAt = Date.now();
    res.redirect(303, '/2fa/verify');
  });
  app.get('/2fa/verify', codePage);
  app.post('/2fa/verify', parse, async (req, res) => {
    const { sid = '' } = req.session;
    const { status } = await service.verificationChecks.create({ verificationSid: sid, code: req.body.code });
    req.session.ok = status === 'approved';
    res.redirect(303, '/2fa/success');
  });
  app.get('/account', ...account);
  return { url: await listen(), answers: { touched: () => ({ store: storeCalls(), limiter: 0 }) } };
}
