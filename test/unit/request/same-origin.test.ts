import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Request } from 'express';
import { isOwnUrl, isSameOrigin } from '../../../src/request/same-origin.js';

interface Case {
  readonly name: string;
  readonly headers: Record<string, string>;
  readonly expected: boolean;
  readonly allowed?: readonly string[];
  /** What Express says behind a proxy that it trusts. */
  readonly hostname?: string;
}

const cases: readonly Case[] = [
  { name: 'neither header: no browser', headers: {}, expected: true },
  { name: 'Sec-Fetch-Site: same-origin', headers: { 'sec-fetch-site': 'same-origin' }, expected: true },
  { name: 'Sec-Fetch-Site: none', headers: { 'sec-fetch-site': 'none' }, expected: true },
  { name: 'Sec-Fetch-Site: same-site', headers: { 'sec-fetch-site': 'same-site' }, expected: false },
  { name: 'Sec-Fetch-Site: cross-site', headers: { 'sec-fetch-site': 'cross-site' }, expected: false },
  { name: 'Sec-Fetch-Site of another day', headers: { 'sec-fetch-site': 'unheard-of' }, expected: false },
  {
    name: 'Sec-Fetch-Site outweighs an Origin that is hidden',
    headers: { 'sec-fetch-site': 'same-origin', origin: 'null' },
    expected: true,
  },
  {
    name: 'Sec-Fetch-Site outweighs an Origin that fits',
    headers: { 'sec-fetch-site': 'cross-site', origin: 'https://own.example' },
    expected: false,
  },
  { name: 'Origin of our own', headers: { origin: 'https://own.example' }, expected: true },
  { name: 'Origin of our own, in other letters', headers: { origin: 'https://OWN.example' }, expected: true },
  { name: 'Origin of another host', headers: { origin: 'https://evil.example' }, expected: false },
  { name: 'Origin of a host that ends like ours', headers: { origin: 'https://evilown.example' }, expected: false },
  { name: 'Origin of a host that starts like ours', headers: { origin: 'https://own.example.evil' }, expected: false },
  { name: 'Origin of a subdomain', headers: { origin: 'https://sub.own.example' }, expected: false },
  { name: 'Origin of another port', headers: { origin: 'https://own.example:8443' }, expected: false },
  { name: 'Origin: null', headers: { origin: 'null' }, expected: false },
  { name: 'Origin that is none', headers: { origin: 'nonsense' }, expected: false },
  { name: 'an empty Origin', headers: { origin: '' }, expected: false },
  {
    name: 'an allowed origin, cross-site as it is',
    headers: { 'sec-fetch-site': 'cross-site', origin: 'https://app.example' },
    allowed: ['https://app.example'],
    expected: true,
  },
  {
    name: 'an origin that only starts like an allowed one',
    headers: { origin: 'https://app.example.evil' },
    allowed: ['https://app.example'],
    expected: false,
  },
  {
    name: 'the allowed host in another scheme',
    headers: { origin: 'http://app.example' },
    allowed: ['https://app.example'],
    expected: false,
  },
  {
    name: 'the host that a trusted proxy names',
    headers: { origin: 'https://public.example', host: 'internal:8080', 'x-forwarded-host': 'public.example' },
    hostname: 'public.example',
    expected: true,
  },
  {
    name: 'the first of the hosts that a row of trusted proxies names, with its port',
    headers: { origin: 'https://public.example:8443', 'x-forwarded-host': 'Public.example:8443, inner:1' },
    hostname: 'public.example',
    expected: true,
  },
  {
    name: 'another host than the one that a trusted proxy names',
    headers: { origin: 'https://evil.example', host: 'internal:8080', 'x-forwarded-host': 'public.example' },
    hostname: 'public.example',
    expected: false,
  },
  {
    name: 'X-Forwarded-Host that no proxy is trusted for',
    headers: { origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' },
    expected: false,
  },
];

describe('isSameOrigin', () => {
  for (const { name, headers, expected, allowed = [], hostname = 'own.example' } of cases) {
    it(`${name}: ${expected ? 'ours' : 'refused'}`, () => {
      const req = { headers: { host: 'own.example', ...headers }, hostname } as unknown as Request;
      assert.equal(isSameOrigin(req, allowed), expected);
    });
  }

  it('needs nothing of Express but the headers', () => {
    const req = { headers: { host: 'own.example:3000', origin: 'http://own.example:3000' } } as unknown as Request;
    assert.equal(isSameOrigin(req, []), true);
  });
});

describe('isOwnUrl', () => {
  for (const { name, url, expected, headers = {}, hostname = 'own.example' } of [
    { name: 'a path', url: '/logout', expected: true },
    { name: 'a whole URL of the host', url: 'https://own.example/logout', expected: true },
    { name: 'a whole URL of the host in other letters', url: 'https://OWN.example/logout', expected: true },
    { name: 'a URL of another host', url: 'https://id.example/logout', expected: false },
    { name: 'a URL of a subdomain', url: 'https://id.own.example/logout', expected: false },
    { name: 'a URL of another port', url: 'https://own.example:8443/logout', expected: false },
    { name: 'a URL that names the host as a user', url: 'https://own.example@id.example/', expected: false },
    { name: 'a path that browsers read as a host', url: '/\t/id.example/logout', expected: false },
    { name: 'a URL that no one can read', url: 'https://', expected: false },
    {
      name: 'a URL of the host that a trusted proxy names',
      url: 'https://public.example/logout',
      headers: { host: 'internal:8080', 'x-forwarded-host': 'public.example' },
      hostname: 'public.example',
      expected: true,
    },
    {
      name: 'a URL of a host that an untrusted client names',
      url: 'https://id.example/logout',
      headers: { 'x-forwarded-host': 'id.example' },
      expected: false,
    },
  ]) {
    it(`${name} is ${expected ? 'our own' : 'of another origin'}`, () => {
      const req = { headers: { host: 'own.example', ...headers }, hostname } as unknown as Request;
      assert.equal(isOwnUrl(url, req), expected);
    });
  }
});
