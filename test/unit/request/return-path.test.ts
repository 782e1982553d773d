import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { returnPathOf } from '../../../src/request/return-path.js';

describe('returnPathOf', () => {
  const kept = [
    '/',
    '/account',
    '/account?tab=2&x=%C3%A4',
    '/a//b',
    '/a?next=https://evil.example',
    '/@evil.example',
    '/%2Fevil.example',
    '/%5Cevil.example',
    "/!$&'()*+,;=:@-._~",
    `/${'a'.repeat(199)}`,
  ];
  for (const target of kept) {
    it(`keeps ${target.slice(0, 50)}, which stays on this origin`, () => {
      assert.equal(returnPathOf(target, ''), target);
      assert.equal(new URL(target, 'https://own.example/2fa/verify').origin, 'https://own.example');
    });
  }

  const dropped = [
    { name: 'nothing', target: undefined },
    { name: 'an empty target', target: '' },
    { name: 'another host', target: '//evil.example' },
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
    { name: '201 characters', target: `/${'a'.repeat(200)}` },
  ];

  for (const { name, target, expected } of [
    { name: 'a path', target: '/account?tab=2', expected: '/portal/account?tab=2' },
    { name: 'the root', target: '/', expected: '/portal/' },
    { name: 'two slashes further on', target: '/a//b', expected: '/portal/a//b' },
  ]) {
    it(`puts the prefix of a proxy in front of ${name}`, () => {
      assert.equal(returnPathOf(target, '/portal'), expected);
    });
  }

  for (const { name, target } of dropped) {
    it(`drops ${name}`, () => assert.equal(returnPathOf(target, '/portal'), undefined));
  }
});
