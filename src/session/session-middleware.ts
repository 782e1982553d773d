import type { Request } from 'express';
import { isSecureSession, removeEntry, type Session, sessionIdOf, sessionIfAny, setBridge } from './session-access.js';

type Done = (error?: unknown) => void;

/**
 * Middleware that is the same for Express and for Fastify: `app.use(…)` takes it, and `app.addHook('preValidation', …)`
 * does. It never answers, and never fails.
 */
export type SessionMiddleware = (req: object, res: object, next: () => void) => void;

/** What the log-in or log-out that is going on wants: shared by what stands in for the session's own functions. */
interface Bridge {
  keepsInfo: boolean;
}

/**
 * Does for sessions without an id what a new id does for the others: ends a verification when somebody logs in or out.
 * It also gives them the two functions that Passport 0.7 calls on every session, and that cookie-session does not have.
 */
export function sessionMiddleware(name: string): SessionMiddleware {
  return (request, _res, next) => {
    const req = request as Request;
    const session = sessionIfAny(req);
    if (session && sessionIdOf(session, req) === undefined) {
      const bridge: Bridge = { keepsInfo: false };
      if (!isSecureSession(session)) standInForBoth(session, bridge);
      if (forgetAt(req, 'logIn', name, bridge) && forgetAt(req, 'logOut', name, bridge)) setBridge(req);
    }
    next();
  };
}

function standInForBoth(session: Session, bridge: Bridge): void {
  standIn(session, 'regenerate', (done) => {
    // In place: cookie-session would not send a new object that is empty, and the old cookie would go on.
    if (!bridge.keepsInfo) for (const key of Object.keys(session)) delete session[key];
    done();
  });
  standIn(session, 'save', (done) => done());
}

function standIn(session: Session, step: 'regenerate' | 'save', run: (done: Done) => void): void {
  if (session[step]) return;
  // Not enumerable: it must not end up in the cookie.
  Object.defineProperty(session, step, { value: run, enumerable: false, configurable: true });
}

function forgetAt(req: Request, step: 'logIn' | 'logOut', name: string, bridge: Bridge): boolean {
  const target = req as unknown as Record<string, unknown>;
  const original = target[step];
  // Passport puts it there in `passport.session()`; without that, nobody would be told of a log-in.
  if (typeof original !== 'function') return false;
  const forgetting = (...args: unknown[]) => {
    const session = sessionIfAny(req);
    if (session) removeEntry(session, name);
    bridge.keepsInfo = args.some((arg) => (arg as { keepSessionInfo?: unknown } | null)?.keepSessionInfo === true);
    return original.apply(req, args);
  };
  target[step] = forgetting;
  target[step.toLowerCase()] = forgetting;
  return true;
}
