import express from 'express';
import type { EmulatorMessage } from 'passport-twilio-verify/emulator';
import type { Client } from '../../support/client.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

/** Observed effects of one step. */
export interface Seen {
  /** Codes that were sent. */
  readonly messages: readonly EmulatorMessage[];
  /** Calls that asked Twilio to send a code. */
  readonly sends: number;
  /** HTTP statuses of Twilio's answers to code checks. */
  readonly checks: readonly number[];
  /** Purpose of the code that the strategy reports as sent. */
  readonly sentFor: string | undefined;
  /** Whether a limit on sends has spoken. */
  readonly isHeld: boolean;
  /** Whether the strategy says that a user is verified. */
  readonly isApproved: boolean;
  /** Verifications that were called back. */
  readonly canceled: readonly string[];
}

/** One run: its own users and numbers, and a few browsers. */
export interface Run {
  readonly app: TestApp;
  readonly browsers: readonly Client[];
  /** Returns the effects since the last call. */
  look(): Seen;
}

const BROWSERS = 3;

/** Starts the application, with two more ways to become a user than most have. */
export async function startModelApp(): Promise<TestApp> {
  const app = await startTestApp({
    routes: (server, passport) => {
      const parser = express.urlencoded({ extended: false });
      server.post('/pay', parser, passport.authenticate('twilio-2fa'), (_req, res) => void res.send('paid'));
      server.post('/login-and-keep/:id', (req, res, next) => {
        const user = app.users.get(req.params.id);
        if (!user) return next();
        req.logIn(user, { keepSessionInfo: true, session: true }, (error) => (error ? next(error) : res.send('in')));
      });
      // Another user in the same session under the same id, as an administrator's "act as" may do it.
      server.post('/become/:id', (req, res) => {
        Object.assign(req.session, { passport: { user: req.params.id } });
        res.send('changed');
      });
    },
  });
  return app;
}

/** Begins a run on an application that knows nothing of the last one. */
export async function startRun(app: TestApp): Promise<{ run: Run; end: () => void }> {
  const { emulator, strategy, store } = app;
  emulator.reset();
  await new Promise((resolve) => store.clear(resolve));

  let sentFor: string | undefined;
  let isHeld = false;
  let isApproved = false;
  let canceled: string[] = [];
  const onSent = ({ purpose }: { purpose: string }) => {
    sentFor = purpose;
  };
  const onApproved = () => {
    isApproved = true;
  };
  const onLimited = ({ reason }: { reason: string }) => {
    isHeld ||= reason === 'retry_later' || reason === 'too_many_sends';
  };
  // Only a sign-in is canceled at Twilio: the number of a registration can be someone else's.
  const onCanceled = ({ verificationSid, purpose }: { verificationSid: string; purpose: string }) => {
    if (purpose === 'signIn') canceled.push(verificationSid);
  };
  strategy.on('verificationSent', onSent).on('verificationApproved', onApproved);
  strategy.on('rateLimited', onLimited).on('verificationCanceled', onCanceled);

  let calls = 0;
  let messages = 0;
  const look = (): Seen => {
    const requests = emulator.requests().slice(calls);
    const sent = emulator.messages().slice(messages);
    calls += requests.length;
    messages += sent.length;
    const seen = {
      messages: sent,
      sends: requests.filter(({ path }) => path.endsWith('/Verifications')).length,
      checks: requests.filter(({ path }) => path.endsWith('/VerificationCheck')).map(({ status }) => status),
      sentFor,
      isHeld,
      isApproved,
      canceled,
    };
    sentFor = undefined;
    isHeld = false;
    isApproved = false;
    canceled = [];
    return seen;
  };
  const end = () => {
    strategy.off('verificationSent', onSent).off('verificationApproved', onApproved);
    strategy.off('rateLimited', onLimited).off('verificationCanceled', onCanceled);
  };
  return { run: { app, browsers: Array.from({ length: BROWSERS }, () => app.client()), look }, end };
}
