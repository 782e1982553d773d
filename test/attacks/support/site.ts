import { TwilioVerifyStrategy } from 'passport-twilio-verify';
import type { VerifyEmulator } from 'passport-twilio-verify/emulator';
import { newNumber } from '../../support/second-step.js';
import type { TestOptions, TestStrategy, TestUser } from '../../support/test-app.js';
import type { LimiterOptions } from './stores.js';
import { Visitor } from './visitor.js';

/** A user of whom only the password is right. Its record in the app can be anything. */
export interface SiteUser extends TestUser {
  /** Methods that the app allows this user. @default text message and email */
  readonly methods?: readonly ('sms' | 'email')[];
}

/** An app with the strategy, to attack: what frameworks and session stores have in common. */
export class Site {
  /** How often the handler of the protected route `/guarded` has run. */
  guardedRuns = 0;
  private users = 0;

  /** @param accounts - The app's users. @param api - Path of its routes that call the headless API. */
  constructor(
    readonly strategy: TestStrategy,
    readonly emulator: VerifyEmulator,
    private readonly url: string,
    private readonly accounts: Map<string, TestUser>,
    private readonly api: string,
  ) {}

  visitor(): Visitor {
    return new Visitor(this.url, this.api);
  }

  /** The number that the app has stored for a user. */
  phoneOf({ id }: TestUser): string | undefined {
    return this.accounts.get(id)?.phone;
  }

  /** Adds a user with a new number, or with the given stored values. */
  addUser(stored: Partial<SiteUser> = {}): SiteUser & { readonly phone: string } {
    this.users += 1;
    const user = { id: `user-${this.users}`, phone: newNumber(), ...stored } as SiteUser & { readonly phone: string };
    this.accounts.set(user.id, user);
    return user;
  }

  /** Has passed the primary step. */
  async signedIn(user: TestUser): Promise<Visitor> {
    const visitor = this.visitor();
    await visitor.post(`/login/${user.id}`);
    return visitor;
  }

  /** Waits for a code. */
  async waiting(user: SiteUser & { readonly phone: string }) {
    const visitor = await this.signedIn(user);
    const { status, body } = await visitor.step('start', { method: 'sms' });
    if (status !== 200) throw new Error(`no code was sent: ${status} ${JSON.stringify(body)}`);
    const code = await this.emulator.codeFor(user.phone);
    return { visitor, code, wrong: code.replace(/.$/, (digit) => String((Number(digit) + 1) % 10)) };
  }

  /** Has passed both steps. */
  async verified(user: SiteUser & { readonly phone: string }): Promise<Visitor> {
    const { visitor, code } = await this.waiting(user);
    await visitor.step('check', { code });
    if (!(await visitor.isIn())) throw new Error('the right code let no one in');
    return visitor;
  }

  /** Calls of one kind that the emulated API has got. */
  calls(kind: 'Verifications' | 'VerificationCheck' | 'update'): number {
    const pattern = kind === 'update' ? /\/Verifications\/VE\w+$/ : new RegExp(`/${kind}$`);
    return this.emulator.requests().filter(({ method, path }) => method === 'POST' && pattern.test(path)).length;
  }
}

let scopes = 0;

/** Options that the strategies of one site share. Small numbers, so that the attacks need few requests. */
export function optionsOf(limiters: LimiterOptions): TestOptions {
  scopes += 1;
  return {
    ...limiters,
    limits: {
      scope: `attacks-${process.pid}-${scopes}`,
      wrongCodesPerLock: 3,
      sendsPerIp: [{ points: 2, durationSeconds: 3_600 }],
    },
    retryTimeSeconds: 0,
    timeoutSeconds: 5,
    registerOptional: true,
    allowedMethods: ({ user }) => (user as SiteUser).methods ?? ['sms', 'email'],
    email: ({ user }) => user.email,
    userId: ({ user }) => {
      if (user.id === BROKEN.id) throw new Error('no ID');
      return user.id;
    },
  };
}

/** A user whose ID the option `userId` can't read. */
export const BROKEN: TestUser = { id: 'broken' };

/** The user that an app sets on requests without a sign-in if they have the header `x-guest`. */
export const GUEST = { isGuest: true };

/** Makes a strategy for the same users, in the same scope. */
export function secondStrategy(emulator: VerifyEmulator, shared: TestOptions): TestStrategy {
  const { accountSid, authToken, serviceSid, url: baseUrl } = emulator;
  return new TwilioVerifyStrategy<TestUser>({
    ...{ accountSid, authToken, serviceSid, baseUrl },
    ...shared,
    name: 'second',
    phoneNumber: ({ user }) => user.phone,
    allowChange: false,
    allowRegister: false,
    registerOptional: false,
  });
}
