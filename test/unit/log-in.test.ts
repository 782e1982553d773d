import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Request } from 'express';
import { type LogInHooks, withQuietLogIn } from '../../src/log-in.js';

interface FakeRequest {
  user?: unknown;
  account?: unknown;
  _userProperty?: string;
  logIn?: (...args: unknown[]) => unknown;
  login?: (...args: unknown[]) => unknown;
}

const ANN = { id: 'ann' };
const BEN = { id: 'ben' };

/** A request with a log-in that records what it is called with, and the hooks. */
function start(details: Partial<FakeRequest> = {}, isAsync = false) {
  const calls: unknown[][] = [];
  const told: string[] = [];
  const req: FakeRequest = {
    user: ANN,
    logIn: (...args) => {
      calls.push(args);
      const done = args.find((value) => typeof value === 'function') as ((error?: unknown) => void) | undefined;
      return done ? done() : Promise.resolve();
    },
    ...details,
  };
  const hooks: LogInHooks = {
    isSameUser: (user) => {
      const isSame = (user as { id: string }).id === 'ann';
      return isAsync ? Promise.resolve(isSame) : isSame;
    },
    keep: () => void told.push('keep'),
    drop: () => void told.push('drop'),
  };
  const run = (success: () => void) => withQuietLogIn(req as unknown as Request, hooks, success);
  return { req, calls, told, run };
}

const logIn = (req: FakeRequest, ...args: unknown[]) => req.logIn?.(...args);

describe('a log-in within success', () => {
  for (const isAsync of [false, true]) {
    it(`of the same user only sets the user (${isAsync ? 'asynchronous' : 'synchronous'} userId)`, async () => {
      const { req, calls, told, run } = start({}, isAsync);
      const other = { ...ANN };
      await new Promise<void>((resolve) => run(() => logIn(req, other, {}, resolve)));
      assert.equal(req.user, other);
      assert.deepEqual(calls, []);
      assert.deepEqual(told, []);
    });

    it(`of another user runs the original and drops the mark (${isAsync ? 'async' : 'sync'} userId)`, async () => {
      const { req, calls, told, run } = start({}, isAsync);
      await new Promise<void>((resolve) => run(() => logIn(req, BEN, { keepSessionInfo: true }, resolve)));
      assert.deepEqual(calls[0]?.slice(0, 2), [BEN, { keepSessionInfo: true }]);
      assert.deepEqual(told, ['drop']);
    });
  }

  it('is synchronous where userId is: the gate costs nothing', () => {
    const { req, run } = start();
    const order: string[] = [];
    run(() => logIn(req, ANN, () => order.push('logged in')));
    order.push('after');
    assert.deepEqual(order, ['logged in', 'after']);
  });

  it('may give a promise, as Fastify has it', async () => {
    const { req, calls, run } = start();
    let result: unknown;
    run(() => {
      result = logIn(req, ANN, { session: false });
    });
    assert.ok(result instanceof Promise);
    await result;
    assert.deepEqual(calls, []);
  });

  it('sets the property that Passport was told to use', () => {
    const { req, run } = start({ _userProperty: 'account' });
    const other = { ...ANN };
    run(() => logIn(req, other, () => {}));
    assert.equal(req.account, other);
  });

  it('puts the user back whom the application has replaced on the request meanwhile', () => {
    const { req, run } = start();
    req.user = BEN;
    run(() => logIn(req, ANN, () => {}));
    assert.equal(req.user, ANN);
  });

  it('is quiet once: the second one is the application’s', () => {
    const { req, calls, told, run } = start();
    run(() => {
      logIn(req, ANN, () => {});
      logIn(req, ANN, () => {});
    });
    assert.equal(calls.length, 1);
    assert.deepEqual(told, ['keep']);
  });

  it('works by its other name', () => {
    const { req, calls, run } = start();
    run(() => req.login?.(ANN, () => {}));
    assert.deepEqual(calls, []);
  });
});

describe('a log-in after success', () => {
  it('of the same user runs the original and keeps the mark, before it calls back', () => {
    const { req, calls, told, run } = start();
    run(() => {});
    logIn(req, ANN, { a: 1 }, () => told.push('called back'));
    assert.deepEqual(calls[0]?.slice(0, 2), [ANN, { a: 1 }]);
    assert.deepEqual(told, ['keep', 'called back']);
  });

  it('of another user drops the mark', () => {
    const { req, told, run } = start();
    run(() => {});
    logIn(req, BEN, () => told.push('called back'));
    assert.deepEqual(told, ['drop', 'called back']);
  });

  it('keeps or drops the mark in its promise form, too', async () => {
    const { req, told, run } = start();
    run(() => {});
    await logIn(req, ANN);
    await logIn(req, BEN);
    assert.deepEqual(told, ['keep', 'drop']);
  });

  it('that fails says so, and moves nothing', () => {
    const failure = new Error('store is down');
    const { req, told, run } = start({
      logIn: (...args) => (args.at(-1) as (error: unknown) => void)(failure),
    });
    run(() => {});
    let given: unknown;
    logIn(req, ANN, (error: unknown) => {
      given = error;
    });
    assert.equal(given, failure);
    assert.deepEqual(told, []);
  });

  it('is the application’s, too, where success has thrown', () => {
    const { req, calls, run } = start();
    assert.throws(
      () =>
        run(() => {
          throw new Error('boom');
        }),
      /boom/,
    );
    logIn(req, ANN, () => {});
    assert.equal(calls.length, 1);
  });
});

describe('a request without logIn', () => {
  it('is let through all the same', () => {
    const req: FakeRequest = {};
    let isRun = false;
    const hooks = { isSameUser: () => true, keep: () => {}, drop: () => {} };
    withQuietLogIn(req as unknown as Request, hooks, () => {
      isRun = true;
    });
    assert.equal(isRun, true);
    assert.equal(req.logIn, undefined);
  });
});
