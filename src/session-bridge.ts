import type { Request, RequestHandler } from 'express';
import { type Session, sessionIdOf, sessionIfAny, setBridge } from './session-store.js';

/**
 * Does for sessions without an id what a new id does for the others: ends a verification when somebody logs in or out.
 * It also gives them the two functions that Passport 0.7 calls on every session, and that cookie-session does not have.
 */
export function sessionBridge(name: string): RequestHandler {
  return (req, _res, next) => {
    const session = sessionIfAny(req);
    if (session && sessionIdOf(session, req) === undefined) {
      standIn(session, 'regenerate', (done) => {
        for (const key of Object.keys(session)) delete session[key];
        done();
      });
      standIn(session, 'save', (done) => done());
      if (forgetAt(req, 'logIn', name) && forgetAt(req, 'logOut', name)) setBridge(req);
    }
    next();
  };
}

type Done = (error?: unknown) => void;

function standIn(session: Session, step: 'regenerate' | 'save', run: (done: Done) => void): void {
  if (session[step]) return;
  // Not enumerable: it must not end up in the cookie.
  Object.defineProperty(session, step, { value: run, enumerable: false, configurable: true });
}

function forgetAt(req: Request, step: 'logIn' | 'logOut', name: string): boolean {
  const target = req as unknown as Record<string, unknown>;
  const original = target[step];
  // Passport puts it there in `passport.session()`; without that, nobody would be told of a log-in.
  if (typeof original !== 'function') return false;
  const forgetting = (...args: unknown[]) => {
    const session = sessionIfAny(req);
    if (session) delete session[name];
    return original.apply(req, args);
  };
  target[step] = forgetting;
  target[step.toLowerCase()] = forgetting;
  return true;
}
