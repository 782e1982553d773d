import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSpeculativeLoad } from '../../../src/request/speculative-load.js';

describe('isSpeculativeLoad', () => {
  for (const { name, headers, expected } of [
    { name: 'a request without such a header', headers: {}, expected: false },
    { name: 'a prefetch of Chromium', headers: { 'sec-purpose': 'prefetch' }, expected: true },
    { name: 'a prerendering of Chromium', headers: { 'sec-purpose': 'prefetch;prerender' }, expected: true },
    { name: 'a prefetch of an older Chromium', headers: { purpose: 'prefetch' }, expected: true },
    { name: 'a prefetch of an older Firefox', headers: { 'x-moz': 'prefetch' }, expected: true },
    { name: 'another X-Moz', headers: { 'x-moz': 'livebookmarks' }, expected: false },
  ]) {
    it(`${name} is ${expected ? 'speculative' : 'not speculative'}`, () => {
      assert.equal(isSpeculativeLoad({ headers }), expected);
    });
  }
});
