import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Request } from 'express';
import { returnPathOf } from '../../../src/request/return-path.js';

const IN_STORE = Object.create({ id: 'session' });
const IN_COOKIE = {};

/** The path that is kept of a request with this target. */
function keptOf(url: string | undefined, basePath: string, session: object = IN_STORE): string | undefined {
  return returnPathOf({ url, session } as unknown as Request, basePath);
}

describe('returnPathOf', () => {
  const kept = [
    '/',
    '/account',
    '/account?tab=2&x=%C3%A4',
    '/a//b',
    '/a?next=https://evil.example',
    '/a?next=//evil.example',
    '/a/b?c=d&e=%20f',
    '/%2F%2Fevil.example',
    '/@evil.example',
    '/%2Fevil.example',
    '/%5Cevil.example',
    "/!$&'()*+,;=:@-._~",
    `/${'a'.repeat(2_047)}`,
  ];
  for (const target of kept) {
    it(`keeps ${target.slice(0, 50)}, which stays on this origin`, () => {
      assert.equal(keptOf(target, ''), target);
      assert.equal(new URL(target, 'https://own.example/2fa/verify').origin, 'https://own.example');
    });
  }

  const dropped = [
    { name: 'an empty target', target: '' },
    { name: 'another host', target: '//evil.example' },
    { name: 'another host with a path', target: '//evil.example/account' },
    { name: 'three slashes', target: '///evil.example' },
    { name: 'the form of a proxy request', target: 'http://evil.example/account' },
    { name: 'the form of a proxy request in another scheme', target: 'HTTPS://evil.example/account' },
    { name: 'the form of a proxy request with one slash', target: 'http:/evil.example/page' },
    { name: 'a backslash', target: '/\\evil.example' },
    { name: 'two backslashes', target: '\\\\evil.example' },
    { name: 'a backslash further on', target: '/a\\b' },
    { name: 'a whole URL', target: 'https://evil.example/' },
    { name: 'a script', target: 'javascript:alert(1)' },
    { name: 'a path without its slash', target: 'account' },
    { name: 'the target of OPTIONS', target: '*' },
    { name: 'a tab, which browsers leave out', target: '/\t/evil.example' },
    { name: 'a line feed, which browsers leave out', target: '/\n/evil.example' },
    { name: 'a header', target: '/a\r\nSet-Cookie: a=b' },
    { name: 'a NUL', target: '/a\0b' },
    { name: 'a space', target: '/a b' },
    { name: 'DEL', target: '/a\x7fb' },
    { name: 'letters that are not ASCII', target: '/café' },
    { name: 'a full-width slash', target: '/／evil.example' },
    { name: '2,049 characters', target: `/${'a'.repeat(2_048)}` },
  ];

  for (const { name, target, expected } of [
    { name: 'a path', target: '/account?tab=2', expected: '/portal/account?tab=2' },
    { name: 'the root', target: '/', expected: '/portal/' },
    { name: 'two slashes further on', target: '/a//b', expected: '/portal/a//b' },
  ]) {
    it(`puts the prefix of a proxy in front of ${name}`, () => {
      assert.equal(keptOf(target, '/portal'), expected);
    });
  }

  for (const { name, session, length, isKept } of [
    { name: 'a session in a store', session: IN_STORE, length: 2_048, isKept: true },
    { name: 'a session in a cookie', session: IN_COOKIE, length: 200, isKept: true },
    { name: 'a session in a cookie', session: IN_COOKIE, length: 201, isKept: false },
  ]) {
    it(`${isKept ? 'keeps' : 'drops'} ${length} characters in ${name}, the prefix included`, () => {
      const target = `/${'a'.repeat(length - 5)}`;
      assert.equal(keptOf(target, '/app', session), isKept ? `/app${target}` : undefined);
    });
  }

  for (const { name, target } of dropped) {
    it(`drops ${name}`, () => assert.equal(keptOf(target, '/portal'), undefined));
  }
});
