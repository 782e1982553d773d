import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-local';
import { TwilioVerifyStrategy, type VerificationInfo } from 'passport-twilio-verify';
import type { VerifyEmulator } from 'passport-twilio-verify/emulator';
import type { TestUser } from '../../support/test-app.js';

export const EMULATOR = Symbol('emulator');
export const VERIFY = Symbol('verify');

/** The users of the application. */
@Injectable()
export class Users extends Map<string, TestUser> {
  // Without it, Nest would inject the parameters of the constructor of Map.
  // biome-ignore lint/complexity/noUselessConstructor: see above
  constructor() {
    super();
  }
}

/** The first step: who knows their own name is in. */
@Injectable()
export class First extends PassportStrategy(Strategy, 'local') {
  constructor(@Inject(Users) private readonly users: Users) {
    super();
  }

  validate(username: string, password: string): TestUser | null {
    return (username === password && this.users.get(username)) || null;
  }
}

/** The second step, as an application of Nest writes it. */
@Injectable()
export class Second extends PassportStrategy(TwilioVerifyStrategy<TestUser>, 'twilio-2fa') {
  readonly validated: VerificationInfo[] = [];

  constructor(
    @Inject(EMULATOR) emulator: VerifyEmulator,
    @Inject(VERIFY) private readonly verify: (user: TestUser) => unknown,
  ) {
    super({
      accountSid: emulator.accountSid,
      authToken: emulator.authToken,
      serviceSid: emulator.serviceSid,
      baseUrl: emulator.url,
      phoneNumber: ({ user }) => user.phone,
      storePhoneNumber: ({ user, phoneNumber }) => {
        user.phone = phoneNumber;
      },
      clock: () => Date.now(),
    });
  }

  async validate(user: TestUser, info: VerificationInfo): Promise<unknown> {
    this.validated.push(info);
    return this.verify(user);
  }
}
