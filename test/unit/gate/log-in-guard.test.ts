import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Request } from 'express';
import type { Context } from '../../../src/core/step/context.js';
import { LogInGuard } from '../../../src/gate/log-in-guard.js';
import { SessionState } from '../../../src/session/session-state.js';

interface User {
  readonly id: string;
}

interface FakeRequest {
  user?: unknown;
  account?: unknown;
  _userProperty?: string;
  sessionID: string;
  session: Record<string, unknown>;
  headers: { readonly cookie?: string };
  sessionStore?: { get(id: string, done: (error: unknown, session?: unknown) => void): void };
  logIn?: ((...args: unknown[]) => unknown) | undefined;
  login?: (...args: unknown[]) => unknown;
}

type UserId = (context: { user: User }) => string | Promise<string>;

const NAME = 'twilio-2fa';
const ANN: User = { id: 'ann' };
const BEN: User = { id: 'ben' };

/** A verified request whose original `logIn` records its arguments and changes the session ID. */
async function start(details: Partial<FakeRequest> = {}, userId: UserId = ({ user }) => user.id) {
  const calls: unknown[][] = [];
  const req: FakeRequest = {
    user: ANN,
    sessionID: 'first',
    headers: {},
    session: { [NAME]: undefined },
    logIn: (...args) => {
      calls.push(args);
      req.sessionID = `${req.sessionID}+`;
      req.session = { ...req.session };
      const done = args.find((value) => typeof value === 'function') as ((error?: unknown) => void) | undefined;
      return done ? done() : Promise.resolve();
    },
    ...details,
  };
  const request = req as unknown as Request;
  Object.defineProperty(req.session, 'regenerate', {
    value: (done: () => void) => {
      req.sessionID = 'verified';
      req.session = {};
      done();
    },
  });
  const session = SessionState.open(request, NAME, 'ann');
  await session.complete({ by: 'sms', at: 5 });
  const context = { req: request, user: ANN, userId: 'ann', session } as unknown as Context<User>;
  const guard = new LogInGuard({ name: NAME, userId: userId as never }, context, ANN, session.verification);
  const isVerified = () => SessionState.open(request, NAME, 'ann').verification?.at === 5;
  return { req, calls, isVerified, run: (success: () => void) => guard.run(success) };
}

/** Calls `logIn` the way Passport does, and resolves with the error that its callback gets. */
const logIn = (req: FakeRequest, ...args: unknown[]) =>
  new Promise<unknown>((resolve) => req.logIn?.(...args, (error?: unknown) => resolve(error)));

/** Runs `success` with one `logIn` in it. */
const logInDuring = async (run: (success: () => void) => void, req: FakeRequest, ...args: unknown[]) => {
  let result: Promise<unknown> | undefined;
  run(() => {
    result = logIn(req, ...args);
  });
  return result;
};

describe('logIn after success', () => {
  for (const isEnded of [false, true]) {
    it(`a verification ${isEnded ? 'does not follow' : 'follows'} into the next session if its own ${isEnded ? 'ended' : 'lives'}`, async () => {
      const { req, run, isVerified } = await start({
        headers: { cookie: 'sid=s%3Averified.signature' },
        sessionStore: { get: (_id, done) => done(undefined, isEnded ? undefined : { ...req.session }) },
      });
      run(() => {});
      await logIn(req, { ...ANN });
      assert.equal(isVerified(), !isEnded);
    });
  }
});

describe('logIn during success', () => {
  for (const { name, userId } of [
    { name: 'a synchronous userId', userId: ({ user }) => user.id },
    { name: 'an async userId', userId: async ({ user }) => user.id },
  ] satisfies { name: string; userId: UserId }[]) {
    it(`logIn of the same user only sets the user (${name})`, async () => {
      const { req, calls, run, isVerified } = await start({}, userId);
      const other = { ...ANN };
      assert.equal(await logInDuring(run, req, other, {}), undefined);
      assert.equal(req.user, other);
      assert.deepEqual(calls, []);
      assert.ok(isVerified());
    });

    it(`logIn of another user runs the original and removes the verification (${name})`, async () => {
      const { req, calls, run, isVerified } = await start({}, userId);
      await logInDuring(run, req, BEN, { keepSessionInfo: true });
      assert.deepEqual(calls[0]?.slice(0, 2), [BEN, { keepSessionInfo: true }]);
      assert.equal(isVerified(), false);
      assert.equal(req.session[NAME], undefined);
    });
  }

  for (const { name, userId } of [
    {
      name: 'throws',
      userId: () => {
        throw new Error('no id');
      },
    },
    { name: 'rejects', userId: () => Promise.reject(new Error('no id')) },
  ] satisfies { name: string; userId: UserId }[]) {
    it(`logIn gives its callback the error if userId ${name}`, async () => {
      const { req, calls, run } = await start({}, userId);
      assert.match(String(await logInDuring(run, req, { ...ANN })), /no id/);
      assert.match(String(await logIn(req, BEN)), /no id/);
      assert.deepEqual(calls, []);
    });
  }

  it('logIn without a callback returns a promise, as with Fastify', async () => {
    const { req, calls, run } = await start();
    let result: unknown;
    run(() => {
      result = req.logIn?.(ANN, { session: false });
    });
    assert.ok(result instanceof Promise);
    await result;
    assert.deepEqual(calls, []);
  });

  it('logIn sets the property that the app chose in Passport', async () => {
    const { req, run } = await start({ _userProperty: 'account' });
    const other = { ...ANN };
    await logInDuring(run, req, other);
    assert.equal(req.account, other);
  });

  it('logIn restores a user that the app replaced in the meantime', async () => {
    const { req, run } = await start();
    req.user = BEN;
    await logInDuring(run, req, ANN);
    assert.equal(req.user, ANN);
  });

  it('a second logIn during success runs the original and keeps the verification', async () => {
    const { req, calls, run, isVerified } = await start();
    const results: Promise<unknown>[] = [];
    run(() => {
      results.push(logIn(req, ANN), logIn(req, ANN));
    });
    await Promise.all(results);
    assert.equal(calls.length, 1);
    assert.ok(isVerified());
  });

  it('login is an alias of logIn', async () => {
    const { req, calls, run } = await start();
    await new Promise((resolve) => run(() => req.login?.(ANN, resolve)));
    assert.deepEqual(calls, []);
  });
});

describe('logIn after success', () => {
  it('logIn of the same user runs the original and keeps the verification before it calls back', async () => {
    const { req, calls, run, isVerified } = await start();
    run(() => {});
    await logIn(req, ANN, { a: 1 });
    assert.ok(isVerified());
    assert.deepEqual(calls[0]?.slice(0, 2), [ANN, { a: 1 }]);
  });

  it('logIn of another user removes the verification before it calls back', async () => {
    const { req, run, isVerified } = await start();
    run(() => {});
    await logIn(req, BEN);
    assert.equal(isVerified(), false);
  });

  it('logIn without a callback keeps or removes the verification', async () => {
    const { req, run, isVerified } = await start();
    run(() => {});
    await req.logIn?.(ANN);
    assert.ok(isVerified());
    await req.logIn?.(BEN);
    assert.equal(isVerified(), false);
  });

  it('logIn that fails passes its error on and changes nothing', async () => {
    const failure = new Error('store is down');
    const { req, run, isVerified } = await start({
      logIn: (...args) => (args.at(-1) as (error: unknown) => void)(failure),
    });
    run(() => {});
    assert.equal(await logIn(req, ANN), failure);
    assert.ok(isVerified());
  });

  it('logIn after a success that threw runs the original', async () => {
    const { req, calls, run } = await start();
    const boom = () => {
      throw new Error('boom');
    };
    assert.throws(() => run(boom), /boom/);
    await logIn(req, ANN);
    assert.equal(calls.length, 1);
  });
});

describe('a request without logIn', () => {
  it('a request without logIn passes', async () => {
    const { req, run } = await start({ logIn: undefined });
    let hasRun = false;
    run(() => {
      hasRun = true;
    });
    assert.ok(hasRun);
    assert.equal(req.logIn, undefined);
  });
});
