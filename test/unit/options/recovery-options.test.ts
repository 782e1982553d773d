import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryFactorStore, TwilioVerifyStrategy } from 'passport-twilio-verify';
import type { TestOptions, TestUser } from '../../support/test-app.js';

const make = (options: TestOptions) =>
  new TwilioVerifyStrategy<TestUser>({
    phoneNumber: ({ user }) => user.phone,
    storePhoneNumber: () => undefined,
    ...options,
  });
const store = new MemoryFactorStore();

describe('the options "store" and "recoveryCodes"', () => {
  for (const recoveryCodes of [
    undefined,
    false,
    true,
    {},
    { count: 1 },
    { count: 50, required: true },
    { required: false },
  ]) {
    it(`recoveryCodes: ${JSON.stringify(recoveryCodes)} is valid with a store`, () => {
      make({ store, ...(recoveryCodes === undefined ? {} : { recoveryCodes }) });
    });
  }

  const faults: readonly { readonly name: string; readonly options: object; readonly message: RegExp }[] = [
    {
      name: 'codes without a store',
      options: { recoveryCodes: true },
      message: /"recoveryCodes" needs the option "store"/,
    },
    { name: 'numbers without a store', options: { recoveryCodes: {} }, message: /needs the option "store"/ },
    {
      name: 'no number',
      options: { store, recoveryCodes: 10 },
      message: /"recoveryCodes" must be true or false; or an object/,
    },
    {
      name: 'a count of 0',
      options: { store, recoveryCodes: { count: 0 } },
      message: /"recoveryCodes.count" must be a whole/,
    },
    {
      name: 'a count of 51',
      options: { store, recoveryCodes: { count: 51 } },
      message: /"recoveryCodes.count" must be/,
    },
    {
      name: 'a count that is text',
      options: { store, recoveryCodes: { count: '10' } },
      message: /"recoveryCodes.count"/,
    },
    {
      name: 'required as text',
      options: { store, recoveryCodes: { required: 'yes' } },
      message: /"recoveryCodes.required"/,
    },
    {
      name: 'an unknown number',
      options: { store, recoveryCodes: { counts: 3 } },
      message: /unknown option "recoveryCodes.counts"/,
    },
    {
      name: 'a store without save',
      options: { store: { load() {}, delete() {} } },
      message: /"store" must be an object with/,
    },
    {
      name: 'a store that is a class',
      options: { store: MemoryFactorStore },
      message: /"store" must be an object with/,
    },
    { name: 'the option totp', options: { store, totp: true }, message: /unknown option "totp"/ },
  ];
  for (const { name, options, message } of faults) {
    it(`${name} is a TypeError`, () => {
      assert.throws(() => make(options as TestOptions), { name: 'TypeError', message });
    });
  }
});
