/**
 * T30. Attacker: a thief of a password, or a user of another tenant. Goal: ten guesses from each strategy, or a lockout
 * for someone else with the same user ID. Defense: strategies with the same `limits.scope` share their counters, and
 * nothing else does. Tenants need user IDs of their own, and keys in a store need a secret.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CreateLimiter, type LimitOptions, TwilioVerifyStrategy } from 'passport-twilio-verify';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Client } from '../support/client.js';
import { wrongCode } from '../support/steps.js';
import { startTestApp, type TestApp, type TestOptions, type TestUser } from '../support/test-app.js';

let scopes = 0;
const newScope = () => {
  scopes += 1;
  return `scope-${scopes}`;
};

/** A store that several strategies use, as they would use one Redis. */
function store(): { readonly createLimiter: CreateLimiter; readonly keys: () => string[] } {
  const limiters = new Map<string, RateLimiterMemory>();
  const keys = new Set<string>();
  return {
    createLimiter: (options) => {
      const limiter = limiters.get(options.keyPrefix) ?? new RateLimiterMemory(options);
      limiters.set(options.keyPrefix, limiter);
      const consume = limiter.consume.bind(limiter);
      limiter.consume = (key, ...rest) => {
        keys.add(limiter.getKey(key));
        return consume(key, ...rest);
      };
      return limiter;
    },
    keys: () => [...keys],
  };
}

/** An app with two strategies for the same users: `/2fa` and `/second`. */
async function startTwo(
  first: TestOptions,
  second: TestOptions,
): Promise<TestApp & { second: TwilioVerifyStrategy<TestUser> }> {
  const app = await startTestApp({ twoFactor: { retryTimeSeconds: 0, ...first } });
  const { accountSid, authToken, serviceSid, url: baseUrl } = app.emulator;
  const other = new TwilioVerifyStrategy<TestUser>({
    ...{ accountSid, authToken, serviceSid, baseUrl },
    name: 'second',
    mountPath: '/second',
    phoneNumber: ({ user }) => user.phone,
    allowRegister: false,
    allowChange: false,
    retryTimeSeconds: 0,
    ...second,
  });
  app.passport.use(other);
  app.app.use('/second', other.router());
  return { ...app, second: other };
}

/** Posts wrong codes to the pages at `path`, with a new code after five. */
async function guess(app: TestApp, browser: Client, path: string, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) {
    if (count % 5 === 0) await browser.post(path, { method: 'sms' });
    await browser.post(`${path}/verify`, { code: wrongCode(app) });
  }
}

const isLocked = async (strategy: TwilioVerifyStrategy<TestUser>) =>
  (await strategy.admin.lockedUntil({ id: 'ann' })) !== null;

describe('T30: guesses at two strategies with the same users', () => {
  const rows: readonly { name: string; options: () => readonly [TestOptions, TestOptions]; isShared: boolean }[] = [
    {
      name: 'share ten guesses in one scope in memory',
      options: () => {
        const limits = { scope: newScope() };
        return [{ limits }, { limits }];
      },
      isShared: true,
    },
    {
      name: 'share ten guesses in one scope of a store',
      options: () => {
        const [{ createLimiter }, limits] = [store(), { scope: newScope() }];
        return [
          { createLimiter, limits },
          { createLimiter, limits },
        ];
      },
      isShared: true,
    },
    { name: 'are separate in memory by default', options: () => [{}, {}], isShared: false },
    {
      name: 'are separate in memory even with one name',
      options: () => [{}, { name: 'twilio-2fa' }],
      isShared: false,
    },
    {
      name: 'are separate in two scopes',
      options: () => [{ limits: { scope: newScope() } }, { limits: { scope: newScope() } }],
      isShared: false,
    },
    {
      name: 'are separate in a store by name',
      options: () => {
        const { createLimiter } = store();
        return [{ createLimiter }, { createLimiter }];
      },
      isShared: false,
    },
  ];
  for (const { name, options, isShared } of rows) {
    it(`guesses ${name}`, async () => {
      const app = await startTwo(...options());
      await guess(app, await app.signedIn('ann'), '/2fa', 6);
      assert.deepEqual([await isLocked(app.strategy), await isLocked(app.second)], [false, false]);
      if (app.second.name === 'second') await guess(app, await app.signedIn('ann'), '/second', 4);
      assert.deepEqual([await isLocked(app.strategy), await isLocked(app.second)], [isShared, isShared]);
      await app.second.admin.unlock({ id: 'ann' }, { actor: 'test', reason: 'next row' });
      assert.equal(await isLocked(app.strategy), false);
    });
  }

  it('keys contain neither purpose nor service', async () => {
    const { createLimiter, keys } = store();
    const scope = newScope();
    const app = await startTwo({ createLimiter, limits: { scope } }, { createLimiter, limits: { scope } });
    const [ann, eve] = [await app.signedIn('ann'), await app.signedIn('eve')];
    for (const browser of [ann, eve]) await guess(app, browser, '/2fa', 1);
    const before = keys();
    assert.ok(before.every((key) => key.startsWith(`${scope}:`)));
    assert.doesNotMatch(before.join(), /ann|eve|twilio-2fa|\+1202|VA[0-9a-f]{32}/);
    await guess(app, ann, '/second', 1);
    assert.deepEqual(keys(), before);
  });
});

describe('T30: strategies that cannot share a scope', () => {
  const callbacks = { phoneNumber: () => undefined, allowRegister: false, allowChange: false } as const;
  const make = (options: TestOptions) => new TwilioVerifyStrategy<TestUser>({ ...callbacks, ...options });
  const createLimiter: CreateLimiter = (options) => new RateLimiterMemory(options);

  const rows: readonly {
    name: string;
    first: TestOptions;
    second: TestOptions;
    limits?: LimitOptions;
    says: RegExp;
  }[] = [
    {
      name: 'other numbers',
      first: {},
      second: {},
      limits: { wrongCodesPerLock: 20 },
      says: /same numbers in "limits"/,
    },
    { name: 'other secrets', first: { hashSecret: 'a' }, second: { hashSecret: 'b' }, says: /same "hashSecret"/ },
    {
      name: 'other credentials with a store',
      first: { createLimiter, authToken: 'a' },
      second: { createLimiter, authToken: 'b' },
      says: /same "hashSecret", or credentials/,
    },
    {
      name: 'memory and a store',
      first: { hashSecret: 'a' },
      second: { hashSecret: 'a', createLimiter },
      says: /"createLimiter" in all or in none/,
    },
  ];
  for (const { name, first, second, limits, says } of rows) {
    it(`${name} throw a TypeError`, () => {
      const scope = newScope();
      make({ ...first, limits: { scope } });
      const conflict = () => make({ ...second, limits: { scope, ...limits } });
      assert.throws(conflict, (error) => error instanceof TypeError && says.test(error.message));
      make({ ...first, name: 'again', limits: { scope } });
    });
  }
});

describe('T30: tenants', () => {
  const tenant = { serviceSid: () => undefined };

  it('strategies for several tenants need the option userId', async () => {
    await assert.rejects(
      startTestApp({ twoFactor: tenant }),
      /TypeError: .*"userId" is required, because "serviceSid"/,
    );
  });

  it('keys in a store need a secret', async () => {
    const twoFactor = {
      authToken: () => undefined,
      userId: ({ user }: { user: TestUser }) => user.id,
      createLimiter: store().createLimiter,
    };
    await assert.rejects(startTestApp({ twoFactor }), /TypeError: .*"hashSecret" is required/);
    await startTestApp({ twoFactor: { ...twoFactor, hashSecret: 'secret' } });
  });
});
