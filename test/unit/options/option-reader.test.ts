import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TwilioVerifyError } from '../../../src/common/errors.js';
import { boolean, number } from '../../../src/options/option-kinds.js';
import { OptionReader } from '../../../src/options/option-reader.js';

interface Options {
  codeLength?: number | ((context: { user: string }) => unknown);
  isRequired?: boolean | null;
  phoneNumber?: (context: { user: string }) => unknown;
}

const aLength = number(4, 10, 'digits');
// Options that break their types: the applications that are written in JavaScript give them.
const read = (options: object) => new OptionReader(options as Options);
const context = { user: 'ann' };

describe('OptionReader.value', () => {
  it('value returns an option that is set', () =>
    assert.equal(read({ isRequired: false }).value('isRequired', boolean, true), false));

  for (const missing of [undefined, null]) {
    it(`gives the default for ${missing}`, () => {
      assert.equal(read({ isRequired: missing }).value('isRequired', boolean, true), true);
    });
  }

  it('throws a TypeError that names option and kind', () => {
    assert.throws(
      () => read({ codeLength: 3 }).value('codeLength', aLength, 6),
      new TypeError('TwilioVerifyStrategy: option "codeLength" must be digits, from 4 to 10'),
    );
  });

  it('takes no callback', () => {
    assert.throws(() => read({ codeLength: () => 6 }).value('codeLength', aLength, 6), TypeError);
  });
});

describe('OptionReader.setting', () => {
  it('makes a function of a value', () => {
    assert.equal(read({ codeLength: 8 }).setting('codeLength', aLength, 6)(context), 8);
  });

  it('makes a function of the default', () => {
    assert.equal(read({}).setting('codeLength', aLength, 6)(context), 6);
  });

  it('setting passes its context to the callback', async () => {
    const seen: unknown[] = [];
    const setting = read({ codeLength: (given: unknown) => seen.push(given) + 6 }).setting('codeLength', aLength, 6);
    assert.equal(await setting(context), 7);
    assert.deepEqual(seen, [context]);
  });

  it('waits for a callback that is asynchronous', async () => {
    assert.equal(await read({ codeLength: async () => 9 }).setting('codeLength', aLength, 6)(context), 9);
  });

  for (const nothing of [undefined, null]) {
    it(`gives the default where a callback gives ${nothing}`, async () => {
      assert.equal(await read({ codeLength: () => nothing }).setting('codeLength', aLength, 6)(context), 6);
      assert.equal(await read({ codeLength: async () => nothing }).setting('codeLength', aLength, 6)(context), 6);
    });
  }

  it('throws a TypeError at once for a value that is wrong', () => {
    assert.throws(() => read({ codeLength: '8' }).setting('codeLength', aLength, 6), /"codeLength"/);
  });

  it('an invalid value from a callback causes an error that names the option', async () => {
    const isFault = (error: unknown) =>
      error instanceof TwilioVerifyError &&
      error.code === 'ERR_TWILIO_VERIFY_OPTION' &&
      error.message.startsWith(
        'The callback in option "codeLength" returned an invalid value. Return digits, from 4 to 10, or undefined. See ',
      );
    for (const codeLength of [() => 99, async () => 99]) {
      const result = read({ codeLength }).setting('codeLength', aLength, 6)(context);
      await assert.rejects(Promise.resolve(result), isFault);
    }
  });
});

describe('OptionReader.callback', () => {
  it('gives what the callback gives', async () => {
    assert.equal(await read({ phoneNumber: () => 5 }).callback('phoneNumber', aLength)(context), 5);
  });

  it('gives nothing where there is no callback', () => {
    assert.equal(read({}).callback('phoneNumber', aLength)(context), undefined);
  });

  for (const { name, options } of [
    { name: 'is missing', options: {} },
    { name: 'is a value', options: { phoneNumber: '+12025550123' } },
    { name: 'is null', options: { phoneNumber: null } },
  ]) {
    it(`throws a TypeError that names the option where a required one ${name}`, () => {
      assert.throws(
        () => read(options).callback('phoneNumber', aLength, { required: true }),
        new TypeError('TwilioVerifyStrategy: option "phoneNumber" must be a function'),
      );
    });
  }

  it('throws a TypeError for a value, required or not', () => {
    assert.throws(() => read({ phoneNumber: 5 }).callback('phoneNumber', aLength), /"phoneNumber" must be a function/);
  });
});

describe('OptionReader.rejectUnknown', () => {
  const rejecting = (options: object) => {
    const reader = read(options);
    reader.value('codeLength', aLength, 6);
    reader.value('isRequired', boolean, true);
    reader.callback('phoneNumber', aLength);
    return () => reader.rejectUnknown();
  };

  it('rejectUnknown accepts the options that were read', () => rejecting({ codeLength: 5, isRequired: true })());

  for (const { unknown, nearest } of [
    { unknown: 'codelength', nearest: 'codeLength' },
    { unknown: 'phone', nearest: 'phoneNumber' },
    { unknown: 'required', nearest: 'isRequired' },
    { unknown: 'phoneNumbr', nearest: 'phoneNumber' },
  ]) {
    it(`names "${nearest}" as the nearest to "${unknown}"`, () => {
      assert.throws(
        rejecting({ [unknown]: 1 }),
        new TypeError(`TwilioVerifyStrategy: unknown option "${unknown}"; did you mean "${nearest}"?`),
      );
    });
  }
});
