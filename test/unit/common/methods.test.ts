import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_METHODS, isMethod, isPhoneMethod, METHODS } from '../../../src/common/methods.js';

describe('methods', () => {
  it('methods are offered in this order', () => assert.deepEqual([...METHODS], ['sms', 'call', 'whatsapp', 'email']));

  it('the default methods are all of them except email', () => {
    assert.deepEqual([...DEFAULT_METHODS], ['sms', 'call', 'whatsapp']);
  });

  for (const { method, isPhone } of [
    { method: 'sms', isPhone: true },
    { method: 'call', isPhone: true },
    { method: 'whatsapp', isPhone: true },
    { method: 'email', isPhone: false },
  ] as const) {
    it(`${method} ${isPhone ? 'reaches' : 'does not reach'} a phone number`, () => {
      assert.equal(isMethod(method), true);
      assert.equal(isPhoneMethod(method), isPhone);
    });
  }

  for (const value of [
    '',
    'SMS',
    'sms ',
    'auto',
    'sna',
    'rcs',
    'push',
    'totp',
    'constructor',
    0,
    null,
    undefined,
    ['sms'],
  ]) {
    it(`${JSON.stringify(value)} is not a method`, () => assert.equal(isMethod(value), false));
  }
});
