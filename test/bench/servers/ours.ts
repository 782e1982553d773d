/**
 * The application with `passport-twilio-verify` as in its README, limits included. `npm run bench -- --base` also loads
 * this file from another revision, so keep the name `ours` and the environment variables.
 */
import type { RequestHandler } from 'express';
import type { MemoryStore } from 'express-session';
import { type CreateLimiter, TwilioVerifyStrategy } from 'passport-twilio-verify';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import { type BaseApp, createBaseApp, type User } from './base-app.js';
import { collectLateTimers } from './late-timers.js';
import type { Application } from './talk.js';

/** Protects the account with `passport.authenticate('twilio-2fa')`. */
export function ours(): Promise<Application> {
  return applicationWith((_twoFactor, passport) => passport.authenticate('twilio-2fa'));
}

/** Protects the account with `twoFactor.required()`. */
export function required(): Promise<Application> {
  return applicationWith((twoFactor) => twoFactor.required());
}

type Protect = (twoFactor: TwilioVerifyStrategy<User>, passport: BaseApp['passport']) => RequestHandler;

async function applicationWith(protect: Protect): Promise<Application> {
  const expire = process.env.EXPIRE_ON_DEMAND ? collectLateTimers() : undefined;
  const { app, passport, store, storeCalls, redis, listen } = await createBaseApp();
  let limiterCalls = 0;
  const createLimiter: CreateLimiter = (options) => {
    const limiter = redis
      ? new RateLimiterRedis({ storeClient: redis, useRedisPackage: true, ...options })
      : new RateLimiterMemory(options);
    if (!process.env.COUNT_LIMITER_CALLS) return limiter;
    return new Proxy(limiter, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        limiterCalls += 1;
        return value.bind(target);
      },
    });
  };
  const twoFactor = new TwilioVerifyStrategy<User>({
    phoneNumber: ({ user }) => user.phoneNumber,
    storePhoneNumber: () => undefined,
    ...(redis || process.env.COUNT_LIMITER_CALLS ? { createLimiter } : {}),
  });
  passport.use(twoFactor);
  app.use(twoFactor.session());
  app.use('/2fa', twoFactor.router());
  app.get('/account', protect(twoFactor, passport), (_req, res) => void res.send('verified'));

  const { sessions } = store as MemoryStore & { sessions: Record<string, string> };
  return {
    url: await listen(),
    answers: {
      ...(expire ? { expire } : {}),
      touched: () => ({ store: storeCalls(), limiter: limiterCalls }),
      forgetSessions: () => void (store as MemoryStore).clear(),
      // Bytes of the package's record in the newest session.
      record: () => JSON.stringify(JSON.parse(Object.values(sessions).at(-1) ?? '{}')[twoFactor.name]).length,
    },
  };
}
