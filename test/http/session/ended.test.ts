import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CreateLimiter } from 'passport-twilio-verify';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Client } from '../../support/client.js';
import { addUser, newNumber, sessionIdOf, waitForCode } from '../../support/second-step.js';
import { startTestApp, type TestApp, type TestAppOptions } from '../../support/test-app.js';

/** Ways in which a session ends while a request of it is running. */
const ENDINGS: readonly { readonly name: string; readonly end: (app: TestApp, browser: Client) => Promise<unknown> }[] =
  [
    { name: 'the user signs out', end: (_app, browser) => browser.fork().post('/logout') },
    {
      name: 'an administrator destroys the session',
      end: (app, browser) => new Promise((done) => app.store.destroy(sessionIdOf(browser), done)),
    },
    {
      name: 'the sign-in is removed from the session',
      end: (app, browser) => editSession(app, browser, (session) => void delete session.passport),
    },
    {
      name: 'another user signs in to the session',
      end: (app, browser) =>
        editSession(app, browser, (session) => Object.assign(session, { passport: { user: 'eve' } })),
    },
  ];

function editSession(
  app: TestApp,
  browser: Client,
  edit: (session: Record<string, unknown>) => unknown,
): Promise<void> {
  const id = sessionIdOf(browser);
  return new Promise((resolve, reject) => {
    app.store.get(id, (error, session) => {
      if (error || !session) return reject(error ?? new Error('no session'));
      edit(session as unknown as Record<string, unknown>);
      app.store.set(id, session, (failed) => (failed ? reject(failed) : resolve()));
    });
  });
}

/** Whether any session in the store is verified, or has skipped registration. */
async function hasPassed(app: TestApp): Promise<boolean> {
  const sessions = await new Promise<object>((resolve, reject) => {
    app.store.all((error, all) => (error ? reject(error) : resolve(all ?? {})));
  });
  return Object.values(sessions).some((session) => {
    const record = (session as Record<string, { verified?: object; skipped?: string } | undefined>)['twilio-2fa'];
    return record?.verified !== undefined || record?.skipped !== undefined;
  });
}

/** Options that count guesses, and that report the next one: from then on, the check waits for Twilio. */
function reportGuesses() {
  let report: () => void = () => {};
  const createLimiter: CreateLimiter = (options) => {
    const limiter = new RateLimiterMemory(options);
    if (!options.keyPrefix.endsWith(':guess')) return limiter;
    const consume = limiter.consume.bind(limiter);
    return Object.assign(limiter, {
      consume: (...args: Parameters<typeof consume>) => {
        report();
        return consume(...args);
      },
    });
  };
  const next = () =>
    new Promise<void>((resolve) => {
      report = resolve;
    });
  return { createLimiter, next };
}

/** Starts a check that waits for Twilio. */
async function startCheck(app: TestApp, guesses: ReturnType<typeof reportGuesses>) {
  const { user, browser, code } = await waitForCode(app);
  app.emulator.fail({ call: 'check', delayMs: 300 });
  const guessed = guesses.next();
  const answer = browser.fork().post('/2fa/verify', { code });
  await guessed;
  return { user, browser, finish: () => answer };
}

const guesses = reportGuesses();

interface Step {
  readonly name: string;
  readonly options?: TestAppOptions['twoFactor'];
  /** Starts a request that passes the user if nothing intervenes. */
  readonly start: (app: TestApp) => Promise<{ browser: Client; finish(): Promise<unknown> }>;
}

async function unregistered(app: TestApp): Promise<Client> {
  const user = addUser(app, { phone: undefined });
  return app.signedIn(user.id);
}

const STEPS: readonly Step[] = [
  {
    name: 'a held POST /skip',
    options: { registerOptional: true },
    start: async (app) => {
      const browser = await unregistered(app);
      return { browser, ...(await browser.hold('/2fa/skip')) };
    },
  },
  {
    name: 'a held POST /verify',
    start: async (app) => {
      const { browser, code } = await waitForCode(app);
      return { browser, ...(await browser.hold('/2fa/verify', { code })) };
    },
  },
  {
    name: 'a check that waits for Twilio',
    options: { createLimiter: guesses.createLimiter },
    start: (app) => startCheck(app, guesses),
  },
];

for (const { name: step, options, start } of STEPS) {
  describe(`${step} in a session that ends meanwhile`, () => {
    for (const { name, end } of ENDINGS) {
      it(`neither passes the user nor brings the session back if ${name}`, async () => {
        const app = await startTestApp(options ? { twoFactor: options } : {});
        const { browser, finish } = await start(app);
        const before = sessionIdOf(browser);
        await end(app, browser);
        await finish();
        assert.equal(await hasPassed(app), false);
        assert.notEqual((await browser.get('/account')).status, 200);
        const stored = await new Promise((resolve) => app.store.get(before, (_error, session) => resolve(session)));
        assert.equal(stored, undefined, 'the session came back');
      });
    }

    it('passes the user if nothing ends', async () => {
      const app = await startTestApp(options ? { twoFactor: options } : {});
      await (await start(app)).finish();
      assert.equal(await hasPassed(app), true);
    });
  });
}

describe('a change of number that is running', () => {
  async function changing(options: TestAppOptions = {}) {
    const app = await startTestApp(options);
    const user = addUser(app);
    const browser = await app.verified(user.id);
    const phoneNumber = newNumber();
    await browser.post('/2fa/change', { phoneNumber, country: 'US', method: 'sms' });
    return { app, user, browser, phoneNumber, before: user.phone, code: await app.emulator.codeFor(phoneNumber) };
  }

  for (const { name, end } of ENDINGS) {
    it(`stores nothing if ${name}`, async () => {
      const { app, user, browser, before, code } = await changing();
      const { finish } = await browser.hold('/2fa/verify', { code });
      await end(app, browser);
      await finish();
      assert.equal(user.phone, before);
    });
  }

  it('stores nothing if the user signs out while Twilio checks the code', async () => {
    const { app, user, browser, before, code } = await changing({
      twoFactor: { createLimiter: guesses.createLimiter },
    });
    app.emulator.fail({ call: 'check', delayMs: 300 });
    const guessed = guesses.next();
    const answer = browser.fork().post('/2fa/verify', { code });
    await guessed;
    await browser.post('/logout');
    await answer;
    assert.equal(user.phone, before);
  });

  it('stores nothing once `allowChange` is withdrawn', async () => {
    let isAllowed = true;
    const { user, browser, before, code } = await changing({ twoFactor: { allowChange: () => isAllowed } });
    isAllowed = false;
    await browser.post('/2fa/verify', { code });
    assert.equal(user.phone, before);
  });

  it('a change of number stores nothing 15 minutes after the number was typed, even if the code is recent', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const { app, user, browser, before, phoneNumber } = await changing();
    t.mock.timers.tick(11 * 60_000);
    await browser.post('/2fa', { method: 'sms' });
    const code = await app.emulator.codeFor(phoneNumber);
    t.mock.timers.tick(4 * 60_000);
    await browser.post('/2fa/verify', { code });
    assert.equal(user.phone, before);
  });

  it('a changed number is stored within the 15 minutes', async () => {
    const { user, browser, phoneNumber, code } = await changing();
    await browser.post('/2fa/verify', { code });
    assert.equal(user.phone, phoneNumber);
  });
});

describe('a code whose recipient changes while it is checked', () => {
  it('verifies nothing', async () => {
    const app = await startTestApp({ twoFactor: { createLimiter: guesses.createLimiter } });
    const { user, finish } = await startCheck(app, guesses);
    Object.assign(user, { phone: newNumber() });
    await finish();
    assert.equal(await hasPassed(app), false);
  });
});

describe('skipping registration', () => {
  it('no longer counts once the user must register', async () => {
    let isOptional = true;
    const app = await startTestApp({ twoFactor: { registerOptional: () => isOptional } });
    const browser = await unregistered(app);
    await browser.post('/2fa/skip');
    assert.equal((await browser.get('/account')).status, 200);
    isOptional = false;
    assert.equal((await browser.get('/account')).location, '/2fa');
  });
});

describe('a form to skip registration that is submitted twice', () => {
  it('passes both, in one session', async () => {
    const app = await startTestApp({ twoFactor: { registerOptional: true } });
    const browser = await unregistered(app);
    const tabs = [browser.fork(), browser.fork()];
    const held = await Promise.all(tabs.map((tab) => tab.hold('/2fa/skip')));
    await app.client().get('/2fa');
    for (const { finish } of held) await finish();
    assert.equal(new Set(tabs.map(sessionIdOf)).size, 1);
    for (const tab of tabs) assert.equal((await tab.get('/account')).status, 200);
  });
});

describe('two registrations of one user at the same time', () => {
  it('store the number of the first, and refuse the second', async () => {
    const stored: string[] = [];
    let entered = 0;
    let release: () => void = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const app = await startTestApp({
      twoFactor: {
        storePhoneNumber: async ({ user, phoneNumber }) => {
          entered += 1;
          if (entered === 2) release();
          await released;
          stored.push(phoneNumber);
          user.phone = phoneNumber;
        },
      },
    });
    const user = addUser(app, { phone: undefined });
    const browsers = [await app.signedIn(user.id), await app.signedIn(user.id)];
    const numbers = browsers.map(() => newNumber());
    const codes: string[] = [];
    for (const [index, browser] of browsers.entries()) {
      const phoneNumber = numbers[index] ?? '';
      await browser.post('/2fa/register', { phoneNumber, country: 'US', method: 'sms' });
      codes.push(await app.emulator.codeFor(phoneNumber));
    }
    const answers = browsers.map((browser, index) => browser.post('/2fa/verify', { code: codes[index] ?? '' }));
    // The one whose turn it isn't is answered first.
    await Promise.race([...answers, released]);
    release();
    await Promise.all(answers);
    assert.equal(stored.length, 1);
    const statuses = await Promise.all(browsers.map(async (browser) => (await browser.get('/account')).status));
    assert.deepEqual(statuses.sort(), [200, 302]);
  });
});

describe('one code', () => {
  it('a code that is submitted three times at once verifies one session, which all three get', async () => {
    const app = await startTestApp();
    const { browser, code } = await waitForCode(app);
    app.emulator.fail({ call: 'check', delayMs: 100 });
    const tabs = [browser.fork(), browser.fork(), browser.fork()];
    await Promise.all(tabs.map((tab) => tab.post('/2fa/verify', { code })));
    assert.equal(new Set(tabs.map(sessionIdOf)).size, 1);
    for (const tab of tabs) assert.equal((await tab.get('/account')).status, 200);
  });

  it('a code that verified a session verifies nothing after its sign-out', async () => {
    const app = await startTestApp();
    const { browser, code } = await waitForCode(app);
    const held = await browser.fork().hold('/2fa/verify', { code });
    const first = browser.fork();
    await first.post('/2fa/verify', { code });
    assert.equal((await first.get('/account')).status, 200);
    await first.post('/logout');
    await held.finish();
    assert.equal(await hasPassed(app), false);
  });

  it('a code that two devices submit at once verifies one of them', async () => {
    const app = await startTestApp({ twoFactor: { retryTimeSeconds: 0 } });
    const user = addUser(app);
    const { code, browser: phone } = await waitForCode(app, user);
    const { browser: laptop } = await waitForCode(app, user);
    const devices = [phone, laptop];
    await Promise.all(devices.map((device) => device.post('/2fa/verify', { code })));
    const statuses = await Promise.all(devices.map(async (device) => (await device.get('/account')).status));
    assert.deepEqual(statuses.sort(), [200, 302]);
  });
});

describe('a GET that writes to a session that ended', () => {
  it('does not remember the page, and leads to the sign-in', async () => {
    let hold: Promise<void> | undefined;
    const app = await startTestApp({
      twoFactor: {
        loginUrl: '/login',
        isRequired: async () => {
          await hold;
          return true;
        },
      },
    });
    const { browser } = await waitForCode(app);
    await browser.post('/2fa/cancel');
    let release: () => void = () => {};
    hold = new Promise((resolve) => {
      release = resolve;
    });
    const before = sessionIdOf(browser);
    const answer = browser.fork().get('/account');
    await new Promise((done) => app.store.destroy(before, done));
    // The protected route has read the session by now, or finds none: both lead to the sign-in.
    release();
    assert.equal((await answer).location, '/login');
    const stored = await new Promise((resolve) => app.store.get(before, (_error, session) => resolve(session)));
    assert.equal(stored, undefined);
  });
});

describe('a session store that fails when the session is read again', () => {
  it('answers 503, and verifies nothing', async () => {
    const app = await startTestApp();
    const { browser, code } = await waitForCode(app);
    const held = await browser.hold('/2fa/verify', { code });
    await app.client().get('/2fa');
    const { get } = app.store;
    app.store.get = (_id, found) => found(new Error('down'));
    try {
      assert.equal(((await held.finish()) as { status: number }).status, 503);
    } finally {
      app.store.get = get;
    }
    assert.equal(await hasPassed(app), false);
  });
});
