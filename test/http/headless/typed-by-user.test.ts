import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Request } from 'express';
import { TwilioVerifyStrategy } from 'passport-twilio-verify';

/** A user that is not the one of `Express.User`. */
interface AppUser {
  readonly key: bigint;
  readonly phones: readonly string[];
}

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only where both types are the same: `tsc` is what runs this test. */
function same<A, B>(_isSame: Equal<A, B>): void {}

describe('TwilioVerifyStrategy<AppUser>', () => {
  it('the user type applies to options, verify, results, and events', () => {
    const strategy = new TwilioVerifyStrategy<AppUser>(
      {
        userId: ({ user }) => {
          same<typeof user, AppUser>(true);
          return user.key;
        },
        phoneNumber: ({ user }) => user.phones[0],
        storePhoneNumber: ({ user, phoneNumber }) => {
          same<typeof user, AppUser>(true);
          same<typeof phoneNumber, string>(true);
        },
      },
      (user, _info, done) => {
        same<typeof user, AppUser>(true);
        done(null, user);
      },
    );
    strategy.on('verificationSent', ({ user, timestamp }) => {
      same<typeof user, AppUser>(true);
      same<typeof timestamp, Date>(true);
    });
    strategy.once('phoneNumberChanged', ({ user }) => same<typeof user, AppUser>(true));
    assert.equal(strategy.name, 'twilio-2fa');
  });

  it('the type of a result narrows by its "type"', () => {
    const use = async (strategy: TwilioVerifyStrategy<AppUser>, req: Request) => {
      const checked = await strategy.check(req, '123456');
      if (checked.type === 'approved') same<typeof checked.info.verificationSid, string>(true);
      if (checked.type === 'refused') same<typeof checked.status, number>(true);
      // @ts-expect-error: what may go to a browser has no user.
      if (checked.type === 'approved') void checked.user;
      const started = await strategy.start(req, 'sms');
      if (started.type === 'sent') same<typeof started.pending.expiresAt, Date>(true);
      const taken = await strategy.register(req, { phoneNumber: '+12025550123' });
      same<typeof taken.type, 'sent' | 'numberAccepted' | 'refused'>(true);
      // @ts-expect-error: a number is needed.
      void (() => strategy.change(req, { country: 'US' }));
    };
    assert.equal(typeof use, 'function');
  });
});
