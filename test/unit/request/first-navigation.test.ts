import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Request } from 'express';
import { isFirstNavigation } from '../../../src/request/first-navigation.js';

const NAVIGATION = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

const ROWS: readonly { name: string; headers: Record<string, string | undefined>; expected: boolean }[] = [
  { name: 'a link or a redirect on this origin', headers: {}, expected: true },
  { name: 'a typed URL', headers: { 'sec-fetch-site': 'none' }, expected: true },
  { name: 'a link on another page of the app', headers: { referer: 'https://own.example/home' }, expected: true },
  { name: 'a link on the success page', headers: { referer: 'https://own.example/2fa/success' }, expected: true },
  { name: 'a link on another site', headers: { 'sec-fetch-site': 'cross-site' }, expected: false },
  { name: 'a link on another subdomain', headers: { 'sec-fetch-site': 'same-site' }, expected: false },
  { name: 'a browser without Sec-Fetch headers', headers: { 'sec-fetch-site': undefined }, expected: false },
  { name: 'an image', headers: { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }, expected: false },
  { name: 'a frame', headers: { 'sec-fetch-dest': 'iframe' }, expected: false },
  { name: 'a script', headers: { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }, expected: false },
  { name: 'a prefetch', headers: { 'sec-purpose': 'prefetch' }, expected: false },
  { name: 'a prerendering', headers: { 'sec-purpose': 'prefetch;prerender' }, expected: false },
  { name: 'a prefetch of an old browser', headers: { 'x-moz': 'prefetch' }, expected: false },
  { name: 'the failed page', headers: { referer: 'https://own.example/2fa/failed' }, expected: false },
  { name: 'the code page with a query', headers: { referer: 'https://own.example/2fa/verify?a' }, expected: false },
];

describe('isFirstNavigation', () => {
  for (const { name, headers, expected } of ROWS) {
    it(`isFirstNavigation returns ${expected} for ${name}`, () => {
      const req = { headers: { ...NAVIGATION, ...headers } } as unknown as Request;
      assert.equal(isFirstNavigation(req, ['/2fa/failed', '/2fa/verify']), expected);
    });
  }
});
