import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LimitOptions } from '../../../src/limits/limit-numbers.js';
import { resolveLimitNumbers } from '../../../src/options/limit-options.js';

describe('resolveLimitNumbers', () => {
  it('limits that are not set have the defaults of the design', () => {
    assert.deepEqual(resolveLimitNumbers({}), {
      wrongCodesPerLock: 10,
      lockSeconds: 900,
      maxLockSeconds: 86_400,
      wrongCodesInAll: 100,
      sendsPerUser: [
        { points: 5, durationSeconds: 600 },
        { points: 20, durationSeconds: 86_400 },
      ],
      sendsPerAddress: [
        { points: 5, durationSeconds: 600 },
        { points: 20, durationSeconds: 86_400 },
      ],
      sendsPerIp: [{ points: 30, durationSeconds: 3_600 }],
    });
  });

  it('limits that are set are used, and the others keep their defaults', () => {
    const { wrongCodesPerLock, sendsPerIp, lockSeconds } = resolveLimitNumbers({
      wrongCodesPerLock: 3,
      sendsPerIp: [],
    });
    assert.deepEqual(
      { wrongCodesPerLock, sendsPerIp, lockSeconds },
      { wrongCodesPerLock: 3, sendsPerIp: [], lockSeconds: 900 },
    );
  });

  it('takes undefined for "not given", so that no limit is lost by an empty setting', () => {
    const { wrongCodesPerLock, sendsPerUser } = resolveLimitNumbers({
      wrongCodesPerLock: undefined,
      sendsPerUser: undefined,
    } as unknown as LimitOptions);
    assert.equal(wrongCodesPerLock, 10);
    assert.equal(sendsPerUser.length, 2);
  });

  const wrong: readonly { name: string; given: unknown; says: RegExp }[] = [
    {
      name: 'an unknown number',
      given: { wrongCodes: 3 },
      says: /unknown number "limits\.wrongCodes".*wrongCodesPerLock/,
    },
    { name: 'a name of every object', given: { constructor: 3 }, says: /"limits\.constructor"/ },
    { name: 'zero', given: { wrongCodesPerLock: 0 }, says: /"limits\.wrongCodesPerLock" must be a whole number/ },
    { name: 'half a code', given: { wrongCodesPerLock: 1.5 }, says: /"limits\.wrongCodesPerLock"/ },
    { name: 'less than nothing', given: { lockSeconds: -1 }, says: /"limits\.lockSeconds" must be seconds/ },
    { name: 'no number', given: { lockSeconds: Number.NaN }, says: /"limits\.lockSeconds"/ },
    { name: 'a text', given: { maxLockSeconds: '900' }, says: /"limits\.maxLockSeconds"/ },
    { name: 'infinity', given: { wrongCodesInAll: Number.POSITIVE_INFINITY }, says: /"limits\.wrongCodesInAll"/ },
    {
      name: 'a rate that is no list',
      given: { sendsPerUser: { points: 1, durationSeconds: 1 } },
      says: /"limits\.sendsPerUser" must be a list of \{ points, durationSeconds \}/,
    },
    {
      name: 'a rate without points',
      given: { sendsPerAddress: [{ durationSeconds: 1 }] },
      says: /"limits\.sendsPerAddress"/,
    },
    { name: 'a rate without a duration', given: { sendsPerIp: [{ points: 1 }] }, says: /"limits\.sendsPerIp"/ },
    { name: 'null among the rates', given: { sendsPerIp: [null] }, says: /"limits\.sendsPerIp"/ },
  ];
  for (const { name, given, says } of wrong) {
    it(`refuses ${name}, and names it`, () => {
      assert.throws(
        () => resolveLimitNumbers(given as LimitOptions),
        (error: unknown) => error instanceof TypeError && says.test(error.message),
      );
    });
  }
});
