import { STATUS_CODES } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import { rejectUnknown } from '../common/similar-name.js';
import { maxAgeIn } from '../core/step/max-age.js';
import { wantsJson } from '../request/wants-json.js';
import type { Decision } from './decision.js';
import type { Gate } from './gate.js';
import type { GateOptions } from './gate-options.js';

/** Options of `twoFactor.required()`. */
export type RequiredOptions = Pick<GateOptions, 'maxAgeSeconds' | 'redirect'>;

const NAMES: readonly string[] = ['maxAgeSeconds', 'redirect'] satisfies (keyof RequiredOptions)[];

/**
 * Returns middleware that decides like the strategy, without Passport's `authenticate`.
 *
 * @throws TypeError for an unknown option, such as one of Passport's: nothing here would read it
 */
export function required<TUser>(gate: Gate<TUser>, name: string, options: RequiredOptions): RequestHandler {
  checkOptions(options);
  return (req, res, next) => {
    gate
      .decide(req, options)
      .then((decision) => isPassed(decision, name, req, res))
      .then((passes) => {
        if (passes) next();
      }, next);
  };
}

function checkOptions(options: RequiredOptions): void {
  rejectUnknown('required', options, NAMES);
  maxAgeIn('required', options.maxAgeSeconds);
  if (options.redirect !== undefined && typeof options.redirect !== 'boolean') {
    throw new TypeError('required: option "redirect" must be true or false');
  }
}

/** Carries out a decision. Returns whether the request continues to its route. */
function isPassed<TUser>(decision: Decision<TUser>, name: string, req: Request, res: Response): boolean {
  switch (decision.action) {
    case 'success':
      // Also guards a later `req.logIn` of the app in this request.
      decision.guard.run(() => decision.guard.setUser(decision.user));
      return true;
    case 'redirect':
      res.redirect(decision.status, decision.location);
      return false;
    case 'fail':
      refuse(decision, name, req, res);
      return false;
  }
}

type Failure = Extract<Decision<unknown>, { action: 'fail' }>;

function refuse({ challenge, status, language }: Failure, name: string, req: Request, res: Response): void {
  const { message: detail, code, location, attemptsLeft, retryAfterSeconds } = challenge;
  const isForever = retryAfterSeconds !== undefined && !Number.isFinite(retryAfterSeconds);
  res.status(status).vary('Accept').set({ 'Cache-Control': 'no-store', 'Content-Language': language });
  // RFC 9110 requires it with 401. Browsers ignore a scheme that they don't know.
  if (status === 401) res.set('WWW-Authenticate', `TwoFactor realm="${name}"`);
  if (retryAfterSeconds !== undefined && !isForever) res.set('Retry-After', String(retryAfterSeconds));
  if (!wantsJson(req)) {
    res.type('text/plain').send(detail);
    return;
  }
  const title = STATUS_CODES[status];
  // Not the `info` of the app's `verify` callback: it can have members that aren't for the client.
  const problem = { type: 'about:blank', title, status, detail, code, location, attemptsLeft };
  const wait = isForever ? null : retryAfterSeconds;
  // JSON leaves undefined members out.
  res.type('application/problem+json').send(JSON.stringify({ ...problem, retryAfterSeconds: wait }));
}
