import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { urlencoded } from 'express';
import type { AuditRecord, EventName, TwilioVerifyEvents } from 'passport-twilio-verify';
import { TwilioApiError } from 'passport-twilio-verify';
import { lastCode, withCode, wrongCode } from '../support/steps.js';
import { startTestApp, type TestApp, type TestOptions, type TestStrategy, type TestUser } from '../support/test-app.js';

const NAMES = [
  'verificationSent',
  'verificationApproved',
  'verificationRejected',
  'verificationCanceled',
  'phoneNumberRegistered',
  'phoneNumberChanged',
  'rateLimited',
  'twilioError',
] as const satisfies readonly EventName[];

before(() => mock.timers.enable({ apis: ['Date'], now: Date.now() }));
after(() => mock.timers.reset());

interface Heard {
  readonly app: TestApp;
  /** Names of the events, without `audit`, in their order. */
  readonly names: string[];
  readonly audits: AuditRecord[];
  /** The payloads of one event. */
  of<E extends EventName>(name: E): TwilioVerifyEvents<TestUser>[E][];
}

/** An application, and what its strategy says from now on. */
async function listen(twoFactor: TestOptions = {}): Promise<Heard> {
  const app = await startTestApp({ twoFactor: { retryTimeSeconds: 0, ...twoFactor } });
  const heard: { readonly name: EventName; readonly event: unknown }[] = [];
  const names: string[] = [];
  const audits: AuditRecord[] = [];
  for (const name of NAMES) {
    app.strategy.on(name, (event: unknown) => {
      heard.push({ name, event });
      names.push(name);
    });
  }
  app.strategy.on('audit', (record) => audits.push(record));
  const of = <E extends EventName>(name: E) =>
    heard.filter((item) => item.name === name).map(({ event }) => event as TwilioVerifyEvents<TestUser>[E]);
  return { app, names, audits, of };
}

/** A payload without what every event has, which is checked here. */
function details({ app }: Heard, id: string, event: object): Record<string, unknown> {
  const { user, req, timestamp, ...rest } = event as Record<string, unknown>;
  assert.equal(user, app.users.get(id));
  assert.equal(typeof (req as { url?: unknown }).url, 'string');
  assert.ok(timestamp instanceof Date);
  assert.equal(timestamp.getTime(), Date.now());
  return rest;
}

const lastSid = ({ emulator }: TestApp) => emulator.messages().at(-1)?.verificationSid;

describe('event "verificationSent"', () => {
  it('verificationSent reports a send and each resend with user, recipient, method, and time', async () => {
    const heard = await listen();
    const { app } = heard;
    const browser = await withCode(app, 'ann', 'call');
    const verificationSid = lastSid(app);
    const expected = { verificationSid, method: 'call', purpose: 'signIn', phoneNumber: '+12025550123' };
    assert.deepEqual(details(heard, 'ann', heard.of('verificationSent')[0] ?? {}), expected);
    mock.timers.tick(5_000);
    await browser.post('/2fa/resend');
    assert.deepEqual(heard.names, ['verificationSent', 'verificationSent']);
    assert.deepEqual(details(heard, 'ann', heard.of('verificationSent')[1] ?? {}), expected);
  });

  it('verificationSent names the email address if the code went by email', async () => {
    const heard = await listen({ allowedMethods: ['email'] });
    await withCode(heard.app, 'eve', 'email');
    assert.deepEqual(details(heard, 'eve', heard.of('verificationSent')[0] ?? {}), {
      verificationSid: lastSid(heard.app),
      method: 'email',
      purpose: 'signIn',
      email: 'eve@example.com',
    });
  });

  it('verificationSent is not emitted if nothing was sent', async () => {
    const heard = await listen();
    const browser = await heard.app.signedIn('ann');
    await browser.get('/2fa');
    await browser.post('/2fa', { method: 'pigeon' });
    assert.deepEqual(heard.names, []);
    assert.deepEqual(heard.audits, []);
  });
});

describe('event "verificationApproved"', () => {
  it('verificationApproved reports a right code', async () => {
    const heard = await listen();
    await heard.app.verified('ann');
    assert.deepEqual(heard.names, ['verificationSent', 'verificationApproved']);
    assert.deepEqual(details(heard, 'ann', heard.of('verificationApproved')[0] ?? {}), {
      by: 'sms',
      verificationSid: lastSid(heard.app),
      method: 'sms',
      purpose: 'signIn',
      phoneNumber: '+12025550123',
    });
  });

  it('verificationApproved is emitted once for a form that is posted twice', async () => {
    const heard = await listen();
    const browser = await withCode(heard.app, 'ann');
    const code = lastCode(heard.app);
    await Promise.all([browser.fork().post('/2fa/verify', { code }), browser.fork().post('/2fa/verify', { code })]);
    assert.deepEqual(heard.names, ['verificationSent', 'verificationApproved']);
    assert.equal(heard.audits.length, 2);
  });

  it('verificationApproved is the same when a route of the application takes the code', async () => {
    const app = await startTestApp({
      routes: (express, passport) => {
        const gate = passport.authenticate('twilio-2fa');
        express.post('/check', urlencoded({ extended: false }), gate, (_req, res) => void res.send('in'));
      },
    });
    const approved: unknown[] = [];
    app.strategy.on('verificationApproved', ({ user, phoneNumber, method }) =>
      approved.push([user.id, phoneNumber, method]),
    );
    const browser = await withCode(app, 'ann');
    assert.equal((await browser.post('/check', { code: lastCode(app) })).text, 'in');
    assert.deepEqual(approved, [['ann', '+12025550123', 'sms']]);
  });
});

describe('event "verificationRejected"', () => {
  it('verificationRejected reports a wrong code and the number of attempts left', async () => {
    const heard = await listen();
    const browser = await withCode(heard.app, 'ann');
    const verificationSid = lastSid(heard.app);
    await browser.post('/2fa/verify', { code: wrongCode(heard.app) });
    assert.deepEqual(details(heard, 'ann', heard.of('verificationRejected')[0] ?? {}), {
      verificationSid,
      method: 'sms',
      purpose: 'signIn',
      reason: 'code_wrong',
      attemptsLeft: 4,
    });
    await browser.post('/2fa/verify', { code: wrongCode(heard.app) });
    assert.deepEqual(heard.names, ['verificationSent', 'verificationRejected', 'verificationRejected']);
  });

  it('verificationRejected is not emitted for a malformed code', async () => {
    const heard = await listen();
    const browser = await withCode(heard.app, 'ann');
    await browser.post('/2fa/verify', { code: '12' });
    assert.deepEqual(heard.names, ['verificationSent']);
  });
});

describe('event "verificationCanceled"', () => {
  it('verificationCanceled reports that a code was canceled', async () => {
    const heard = await listen();
    const browser = await withCode(heard.app, 'ann');
    await browser.post('/2fa/cancel');
    assert.deepEqual(heard.names, ['verificationSent', 'verificationCanceled']);
    assert.deepEqual(details(heard, 'ann', heard.of('verificationCanceled')[0] ?? {}), {
      verificationSid: lastSid(heard.app),
      method: 'sms',
      purpose: 'signIn',
    });
  });

  it('verificationCanceled reports that a code was used up', async () => {
    const heard = await listen();
    const browser = await withCode(heard.app, 'ann');
    for (let count = 0; count < 5; count += 1) await browser.post('/2fa/verify', { code: wrongCode(heard.app) });
    const rejected = Array.from({ length: 5 }, () => 'verificationRejected');
    assert.deepEqual(heard.names, ['verificationSent', ...rejected, 'verificationCanceled']);
    assert.deepEqual(
      heard.of('verificationRejected').map(({ attemptsLeft }) => attemptsLeft),
      [4, 3, 2, 1, 0],
    );
  });
});

describe('event "phoneNumberRegistered"', () => {
  it('phoneNumberRegistered reports a first number after its code was right', async () => {
    const heard = await listen();
    const browser = await heard.app.signedIn('ben');
    await browser.post('/2fa/register', { phoneNumber: '+12025550177', method: 'sms' });
    assert.deepEqual(heard.names, ['verificationSent']);
    assert.equal(heard.of('verificationSent')[0]?.purpose, 'register');
    await browser.post('/2fa/verify', { code: lastCode(heard.app) });
    assert.deepEqual(heard.names, ['verificationSent', 'phoneNumberRegistered', 'verificationApproved']);
    assert.deepEqual(details(heard, 'ben', heard.of('phoneNumberRegistered')[0] ?? {}), {
      phoneNumber: '+12025550177',
    });
  });

  it('phoneNumberRegistered is not emitted if the application refused the number', async () => {
    const heard = await listen({ storePhoneNumber: () => ({ message: 'In use.' }) });
    const browser = await heard.app.signedIn('ben');
    await browser.post('/2fa/register', { phoneNumber: '+12025550177', method: 'sms' });
    await browser.post('/2fa/verify', { code: lastCode(heard.app) });
    assert.deepEqual(heard.names, ['verificationSent']);
  });
});

describe('event "phoneNumberChanged"', () => {
  it('phoneNumberChanged reports the new and the old number, so that the app can notify the user elsewhere', async () => {
    const heard = await listen();
    const browser = await heard.app.verified('ann');
    await browser.post('/2fa/change', { phoneNumber: '+12025550177', method: 'sms' });
    await browser.post('/2fa/verify', { code: lastCode(heard.app) });
    assert.deepEqual(heard.names.slice(2), ['verificationSent', 'phoneNumberChanged', 'verificationApproved']);
    assert.deepEqual(details(heard, 'ann', heard.of('phoneNumberChanged')[0] ?? {}), {
      phoneNumber: '+12025550177',
      previous: '+12025550123',
    });
  });
});

describe('event "rateLimited"', () => {
  const LIMITED: readonly {
    readonly name: string;
    readonly options: TestOptions;
    readonly step: (heard: Heard) => Promise<unknown>;
    readonly expected: object;
  }[] = [
    {
      name: 'a resend that comes too soon',
      options: { retryTimeSeconds: 60 },
      step: async ({ app }) => (await withCode(app, 'ann')).post('/2fa/resend'),
      expected: { reason: 'retry_later', retryAfterSeconds: 60 },
    },
    {
      name: 'too many sends',
      options: { limits: { sendsPerUser: [{ points: 1, durationSeconds: 90 }] } },
      step: async ({ app }) => (await withCode(app, 'ann')).post('/2fa/resend'),
      expected: { reason: 'too_many_sends', retryAfterSeconds: 90 },
    },
    {
      name: 'too many sends, as Twilio says',
      options: { phoneNumber: () => '+19075550203' },
      step: async ({ app }) => (await app.signedIn('ann')).post('/2fa', { method: 'sms' }),
      expected: { reason: 'too_many_sends', retryAfterSeconds: 600 },
    },
    {
      name: 'a lock',
      options: { limits: { wrongCodesPerLock: 1, lockSeconds: 30 } },
      step: async ({ app }) => (await withCode(app, 'ann')).post('/2fa/verify', { code: wrongCode(app) }),
      expected: { reason: 'locked', retryAfterSeconds: 30 },
    },
  ];
  for (const { name, options, step, expected } of LIMITED) {
    it(`rateLimited reports ${name}`, async () => {
      const heard = await listen(options);
      await step(heard);
      const events = heard.of('rateLimited');
      assert.equal(events.length, 1);
      assert.deepEqual(details(heard, 'ann', events[0] ?? {}), expected);
    });
  }
});

describe('event "twilioError"', () => {
  it('twilioError reports the refusal by Twilio with its code', async () => {
    const heard = await listen({ phoneNumber: () => '+19075550205' });
    await (await heard.app.signedIn('ann')).post('/2fa', { method: 'sms' });
    assert.deepEqual(heard.names, ['twilioError']);
    assert.deepEqual(details(heard, 'ann', heard.of('twilioError')[0] ?? {}), {
      call: 'create',
      twilioCode: 60205,
      reason: 'landline',
    });
  });

  for (const { name, call, step } of [
    {
      name: 'a send',
      call: 'create',
      step: async ({ app }: Heard) => {
        app.emulator.fail({ call: 'create', drop: true });
        await (await app.signedIn('ann')).post('/2fa', { method: 'sms' });
      },
    },
    {
      name: 'a check',
      call: 'check',
      step: async ({ app }: Heard) => {
        const browser = await withCode(app, 'ann');
        app.emulator.fail({ call: 'check', status: 500 });
        await browser.post('/2fa/verify', { code: lastCode(app) });
      },
    },
    {
      name: 'a cancellation',
      call: 'cancel',
      step: async ({ app }: Heard) => {
        const browser = await withCode(app, 'ann');
        app.emulator.fail({ call: 'update', status: 503 });
        await browser.post('/2fa/cancel');
      },
    },
  ] as const) {
    it(`twilioError describes the fix without secrets if ${name} fails`, async () => {
      const heard = await listen();
      await step(heard);
      const [event, ...more] = heard.of('twilioError');
      assert.ok(event);
      assert.deepEqual(more, []);
      assert.equal(event.call, call);
      assert.equal(event.reason, 'unavailable');
      assert.ok(event.error instanceof TwilioApiError);
      assert.equal(event.error.code, 'ERR_TWILIO_VERIFY_UNAVAILABLE');
      assertHoldsNoSecret(JSON.stringify([event.error, event.error.message, event.error.stack]), heard.app);
    });
  }

  it('twilioError names the wrong configuration', async () => {
    const heard = await listen({ authToken: 'not-it' });
    await (await heard.app.signedIn('ann')).post('/2fa', { method: 'sms' });
    const [event] = heard.of('twilioError');
    assert.equal(event?.twilioCode, 20003);
    assert.equal(event?.error?.code, 'ERR_TWILIO_VERIFY_CONFIGURATION');
    assert.match(event?.error?.message ?? '', /TWILIO_AUTH_TOKEN/);
  });
});

/** That a text holds no credentials, no code and no whole address. */
function assertHoldsNoSecret(text: string, app: TestApp): void {
  const { emulator, users } = app;
  const secrets = [
    emulator.authToken,
    Buffer.from(`${emulator.accountSid}:${emulator.authToken}`).toString('base64'),
    ...emulator.messages().flatMap(({ code, to }) => [code, to, to.slice(1)]),
    ...[...users.values()].flatMap(({ phone, email }) => [phone, email]),
  ];
  for (const secret of secrets) if (secret) assert.ok(!text.includes(secret), `${secret} is in ${text}`);
}

/** A walk that makes every event happen; what the browser got at each step. */
async function walk(app: TestApp): Promise<unknown[]> {
  const ann = await app.signedIn('ann');
  const ben = await app.signedIn('ben');
  const eve = await app.signedIn('eve');
  const number = { phoneNumber: '+12025550177', method: 'sms' };
  const change = { phoneNumber: '+12025550178', method: 'sms' };
  const answers = [
    await ann.post('/2fa', { method: 'sms' }),
    await ann.post('/2fa/resend'),
    await ann.post('/2fa/verify', { code: wrongCode(app) }),
    await ann.post('/2fa/verify', { code: lastCode(app) }),
    await ben.post('/2fa/register', number),
    await ben.post('/2fa/verify', { code: lastCode(app) }),
    await ben.post('/2fa/change', change),
    await ben.post('/2fa/verify', { code: lastCode(app) }),
    await eve.post('/2fa', { method: 'email' }),
    await eve.post('/2fa/cancel'),
  ];
  app.emulator.fail({ call: 'create', drop: true });
  answers.push(await eve.post('/2fa', { method: 'call' }), await ann.get('/account'), await ben.get('/account'));
  return answers.map(({ status, location, text }) => ({ status, location, length: text.length }));
}

const WALK_OPTIONS: TestOptions = { retryTimeSeconds: 60, allowedMethods: ['sms', 'call', 'email'] };

describe('event "audit"', () => {
  it('audit emits one flat record for each of the other events, in order', async () => {
    const heard = await listen(WALK_OPTIONS);
    await walk(heard.app);
    assert.deepEqual(new Set(heard.names), new Set(NAMES));
    assert.deepEqual(
      heard.audits.map(({ event }) => event),
      heard.names,
    );
    for (const record of heard.audits) {
      for (const [key, value] of Object.entries(record)) {
        assert.ok(['string', 'number'].includes(typeof value), `${record.event}.${key}: ${typeof value}`);
      }
      assert.equal(record.at, new Date().toISOString());
      assert.ok(['ann', 'ben', 'eve'].includes(record.userId));
      assert.match(record.ip ?? '', /127\.0\.0\.1$/);
    }
  });

  it('audit records contain no code, secret, or full recipient, but enough to reconstruct the events', async () => {
    const heard = await listen(WALK_OPTIONS);
    await walk(heard.app);
    assertHoldsNoSecret(JSON.stringify(heard.audits), heard.app);
    const sid = heard.app.emulator.messages()[0]?.verificationSid;
    const { at, ip, ...sent } = heard.audits[0] ?? {};
    assert.ok(at && ip);
    assert.deepEqual(sent, {
      event: 'verificationSent',
      userId: 'ann',
      verificationSid: sid,
      method: 'sms',
      purpose: 'signIn',
      to: '•••• 0123',
    });
    const changed = heard.audits.find(({ event }) => event === 'phoneNumberChanged');
    assert.deepEqual([changed?.to, changed?.previous], ['•••• 0178', '•••• 0177']);
    const mailed = heard.audits.find(({ method }) => method === 'email');
    assert.equal(mailed?.to, 'e•••@example.com');
  });
});

describe('a listener', () => {
  const BAD: readonly { readonly name: string; readonly listener: () => unknown }[] = [
    {
      name: 'throws',
      listener: () => {
        throw new Error('no');
      },
    },
    {
      name: 'throws something that is not an Error',
      listener: () => {
        throw undefined;
      },
    },
    { name: 'rejects', listener: () => Promise.reject(new Error('no')) },
    {
      name: 'rejects later',
      listener: async () => {
        await new Promise(setImmediate);
        throw new Error('no');
      },
    },
    { name: 'never ends', listener: () => new Promise(() => undefined) },
    {
      name: 'gives a thenable that throws',
      listener: () => ({
        // biome-ignore lint/suspicious/noThenProperty: what a listener may give
        then: () => {
          throw new Error('no');
        },
      }),
    },
  ];
  const addAll = (strategy: TestStrategy, listener: () => unknown) => {
    for (const name of [...NAMES, 'audit'] as const) strategy.on(name, listener);
  };

  for (const { name, listener } of BAD) {
    it(`a listener that ${name} changes nothing, and the process keeps running`, async () => {
      const rejections: unknown[] = [];
      const note = (reason: unknown) => rejections.push(reason);
      process.on('unhandledRejection', note);
      const expected = await walk((await listen(WALK_OPTIONS)).app);
      const app = await startTestApp({ twoFactor: WALK_OPTIONS });
      addAll(app.strategy, listener);
      const after: string[] = [];
      for (const event of NAMES) app.strategy.on(event, () => after.push(event));
      assert.deepEqual(await walk(app), expected);
      assert.deepEqual(new Set(after), new Set(NAMES));
      await new Promise(setImmediate);
      process.off('unhandledRejection', note);
      assert.deepEqual(rejections, []);
    });
  }

  it('a listener that throws causes a warning that names the event', async () => {
    const warnings: (Error & { code?: string })[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    const app = await startTestApp();
    app.strategy.on('verificationSent', () => Promise.reject(new Error('the mailer is away')));
    await withCode(app, 'ann');
    await new Promise(setImmediate);
    process.off('warning', note);
    const [warning] = warnings.filter(({ code }) => code === 'TWILIO_VERIFY_LISTENER');
    assert.match(warning?.message ?? '', /"verificationSent".*the mailer is away/);
  });

  it('a listener that changes its argument does not affect the rest of the request', async () => {
    const app = await startTestApp();
    app.strategy.on('verificationSent', (event) => {
      Object.assign(event, { phoneNumber: '+19002345678', method: 'call' });
    });
    const browser = await withCode(app, 'ann');
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
    assert.equal((await browser.get('/account')).status, 200);
  });

  it('a listener ends with off(), and after the first event with once()', async () => {
    const app = await startTestApp({ twoFactor: { retryTimeSeconds: 0 } });
    const calls: string[] = [];
    const taken = () => calls.push('taken off');
    app.strategy
      .on('verificationSent', taken)
      .off('verificationSent', taken)
      .once('verificationSent', () => calls.push('once'))
      .on('verificationSent', () => calls.push('always'));
    const browser = await withCode(app, 'ann');
    await browser.post('/2fa/resend');
    assert.deepEqual(calls, ['once', 'always', 'always']);
  });
});
