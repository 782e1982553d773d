import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { recordIn } from '../../../src/session/session-record.js';

describe('recordIn', () => {
  it('finds no record in what is not an object', () => {
    for (const value of [undefined, null, 'text', 42, true]) assert.equal(recordIn({ a: value }, 'a'), undefined);
    const record = { returnTo: {} };
    assert.equal(recordIn({ a: record }, 'a'), record);
  });
});
