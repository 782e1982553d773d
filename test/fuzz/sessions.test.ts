// These changes make it fail within a hundred runs: writing without reading the session store again, and accepting a
// stored session without checking who is signed in.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Answer, Client } from '../support/client.js';
import { newNumber, sessionIdOf } from '../support/second-step.js';
import { startTestApp, type TestApp, type TestUser } from '../support/test-app.js';
import { report, seeds } from './support/seeds.js';

const RUNS = 100;
const STEPS = 30;
const MANY = [{ points: 1_000_000, durationSeconds: 60 }];

const OPERATIONS = [
  'sign in',
  'sign out',
  'destroy',
  'open the account',
  'send',
  'verify',
  'skip',
  'register',
  'change',
  'hold verify',
  'hold skip',
  'hold change',
  'finish',
] as const;
type Operation = (typeof OPERATIONS)[number];

/** A request whose body is still missing. */
interface Held {
  /** The sign-in that it belongs to. */
  readonly signIn: number;
  readonly canPass: boolean;
  readonly tab: Client;
  readonly cookiesBefore: ReadonlyMap<string, string>;
  finish(): Promise<Answer>;
}

/** One user with one browser, who does what an attacker with a script could do. */
class Walk {
  private readonly held: Held[] = [];
  private signIns = 0;
  private isSignedIn = false;
  /** Whether a request of this sign-in has arrived that could have passed the user. */
  private mayHavePassed = false;

  constructor(
    private readonly app: TestApp,
    private readonly user: TestUser,
    private readonly browser: Client,
  ) {}

  async do(operation: Operation): Promise<void> {
    const { browser } = this;
    switch (operation) {
      case 'sign in':
        await browser.post(`/login/${this.user.id}`);
        this.begin(true);
        break;
      case 'sign out':
        await browser.post('/logout');
        this.begin(false);
        break;
      case 'destroy':
        await new Promise((done) => this.app.store.destroy(sessionIdOf(browser), done));
        this.begin(false);
        break;
      case 'open the account':
        await browser.get('/account');
        break;
      case 'send':
        await browser.post('/2fa', { method: 'sms' });
        break;
      case 'register':
      case 'change':
        await browser.post(`/2fa/${operation}`, { phoneNumber: newNumber(), country: 'US', method: 'sms' });
        break;
      case 'verify':
        await browser.post('/2fa/verify', { code: this.code() });
        this.mayHavePassed ||= this.isSignedIn;
        break;
      case 'skip':
        await browser.post('/2fa/skip');
        this.mayHavePassed ||= this.isSignedIn;
        break;
      case 'hold verify':
        return this.hold('/2fa/verify', { code: this.code() }, true);
      case 'hold skip':
        return this.hold('/2fa/skip', {}, true);
      case 'hold change':
        return this.hold('/2fa/change', { phoneNumber: newNumber(), country: 'US', method: 'sms' }, false);
      case 'finish':
        await this.finish();
        break;
    }
    await this.check(operation);
  }

  /** Ends what is left, so that nothing of this walk meets the next one. */
  async end(): Promise<void> {
    try {
      while (this.held.length > 0) await this.finish();
      await this.check('the end');
    } finally {
      await new Promise<void>((done) => this.app.store.clear(() => done()));
    }
  }

  private begin(isSignedIn: boolean): void {
    this.signIns += 1;
    this.isSignedIn = isSignedIn;
    this.mayHavePassed = false;
  }

  private async hold(path: string, form: Readonly<Record<string, string>>, canPass: boolean): Promise<void> {
    const tab = this.browser.fork();
    const cookiesBefore = new Map(tab.cookies);
    const { finish } = await tab.hold(path, form);
    // The server has read the session once another request is through.
    await this.app.client().get('/2fa');
    this.held.push({ signIn: this.signIns, canPass, tab, cookiesBefore, finish });
  }

  private async finish(): Promise<void> {
    const held = this.held.shift();
    if (!held) return;
    const { status } = await held.finish();
    // Answered as to a stranger: the cookie of the empty session would take the browser's own.
    if (held.signIn !== this.signIns || status === 401) return;
    if (held.canPass) this.mayHavePassed ||= this.isSignedIn;
    // A tab shares the cookies of its browser, and the answer sets some of them.
    for (const [name, value] of held.tab.cookies) {
      if (value !== held.cookiesBefore.get(name)) this.browser.cookies.set(name, value);
    }
  }

  private code(): string {
    return this.app.emulator.messages().at(-1)?.code ?? '000000';
  }

  private async check(after: string): Promise<void> {
    const sessions = await new Promise<object>((resolve, reject) => {
      this.app.store.all((error, all) => (error ? reject(error) : resolve(all ?? {})));
    });
    for (const session of Object.values(sessions) as Record<string, unknown>[]) {
      const record = session['twilio-2fa'] as { verified?: object; skipped?: string } | undefined;
      const hasPassed = record?.verified !== undefined || record?.skipped !== undefined;
      if (!hasPassed) continue;
      assert.ok(session.passport, `a session without a sign-in has passed after "${after}"`);
      assert.ok(this.mayHavePassed, `a session of an earlier sign-in has passed after "${after}"`);
    }
  }
}

describe('random sign-ins, sign-outs, and requests that arrive late', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp({
      emulator: { maxSends: 1_000, maxChecks: 1_000 },
      twoFactor: {
        registerOptional: true,
        retryTimeSeconds: 0,
        limits: {
          sendsPerUser: MANY,
          sendsPerAddress: MANY,
          sendsPerIp: MANY,
          wrongCodesPerLock: 1_000_000,
          wrongCodesInAll: 1_000_000,
        },
      },
    });
  });

  for (const { name, seed } of seeds()) {
    for (const hasNumber of [true, false]) {
      it(`leave no verification behind for a user ${hasNumber ? 'with' : 'without'} a number, with ${name}`, async () => {
        const operations = fc.array(fc.constantFrom(...OPERATIONS), { maxLength: STEPS, size: 'max' });
        const property = fc.asyncProperty(operations, async (walk) => {
          const user = { id: newNumber(), phone: hasNumber ? newNumber() : undefined };
          app.users.set(user.id, user);
          const running = new Walk(app, user, app.client());
          try {
            await running.do('sign in');
            for (const operation of walk) await running.do(operation);
          } finally {
            await running.end();
          }
        });
        await fc.assert(property, {
          seed,
          numRuns: RUNS / seeds().length / 2,
          asyncReporter: async (done) => report(done, true),
        });
      });
    }
  }
});
