import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { ageMsOf } from '../../../src/twilio/verification-age.js';

const CREATED = new Date('2026-01-15T12:00:00Z');

describe('ageMsOf', () => {
  const { TZ } = process.env;
  process.env.TZ = 'America/New_York';
  after(() => {
    if (TZ === undefined) delete process.env.TZ;
    else process.env.TZ = TZ;
  });

  for (const { name, dateCreated, date, ageMs } of [
    { name: 'a new verification has no age', date: 'Thu, 15 Jan 2026 12:00:00 GMT', ageMs: 0 },
    { name: 'a verification that was sent again has an age', date: 'Thu, 15 Jan 2026 12:04:00 GMT', ageMs: 240_000 },
    { name: 'a verification from the future has no age', date: 'Thu, 15 Jan 2026 11:00:00 GMT', ageMs: 0 },
    { name: 'an answer without a Date header has an unknown age', date: undefined, ageMs: undefined },
    { name: 'an unreadable Date header gives an unknown age', date: 'yesterday', ageMs: undefined },
    { name: 'several Date headers give an unknown age', date: ['1', '2'], ageMs: undefined },
    {
      name: 'a creation time that the SDK could not parse gives an unknown age',
      dateCreated: '2026-01-15',
      date: 'Thu, 15 Jan 2026 12:04:00 GMT',
      ageMs: undefined,
    },
    {
      name: 'an invalid creation time gives an unknown age',
      dateCreated: new Date(Number.NaN),
      date: 'Thu, 15 Jan 2026 12:04:00 GMT',
      ageMs: undefined,
    },
  ]) {
    it(name, () => assert.equal(ageMsOf(dateCreated ?? CREATED, date), ageMs));
  }
});
