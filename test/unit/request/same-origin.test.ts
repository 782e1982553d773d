import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import type { Request } from 'express';
import { crossSiteRefusal, foreignHeaderOf, isOwnUrl } from '../../../src/request/same-origin.js';

interface Case {
  readonly name: string;
  readonly headers: Record<string, string>;
  readonly expected: boolean;
  readonly allowed?: readonly string[];
  /** The protocol and host that Express reports behind a trusted proxy. */
  readonly hostname?: string;
  /** Whether the app trusts the address of the connection. @default false */
  readonly isProxyTrusted?: boolean;
}

/** A request as Express shows it. */
function requestWith({ headers, hostname = 'own.example', isProxyTrusted = false }: Omit<Case, 'name' | 'expected'>) {
  const app = { get: (name: string) => (name === 'trust proxy fn' ? () => isProxyTrusted : undefined) };
  const all = { host: 'own.example', ...headers };
  return { method: 'POST', headers: all, hostname, app, socket: { remoteAddress: '10.0.0.1' } } as unknown as Request;
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
  {
    name: 'Origin: null of a sandboxed frame',
    headers: { 'sec-fetch-site': 'cross-site', origin: 'null' },
    expected: false,
  },
  {
    name: 'Origin with our name as the user',
    headers: { origin: 'https://own.example@evil.example' },
    expected: false,
  },
  {
    name: 'both headers of our own page',
    headers: { 'sec-fetch-site': 'same-origin', origin: 'https://own.example' },
    expected: true,
  },
  {
    name: 'both headers of another site',
    headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    expected: false,
  },
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
    name: 'another port than the one that a trusted proxy names',
    headers: { origin: 'https://public.example:9443', 'x-forwarded-host': 'public.example:8443' },
    hostname: 'public.example',
    expected: false,
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
  {
    name: 'Host with the default port of https',
    headers: { host: 'own.example:443', origin: 'https://own.example' },
    expected: true,
  },
  {
    name: 'Host with the default port of http',
    headers: { host: 'own.example:80', origin: 'http://own.example' },
    expected: true,
  },
  {
    name: 'Host with the default port of the other scheme',
    headers: { host: 'own.example:80', origin: 'https://own.example' },
    expected: false,
  },
  {
    name: 'X-Forwarded-Host with the default port',
    headers: { host: 'internal:8080', origin: 'https://public.example', 'x-forwarded-host': 'public.example:443' },
    hostname: 'public.example',
    expected: true,
  },
  {
    name: 'X-Forwarded-Port of a trusted proxy that hands on Host',
    headers: { host: 'own.example', origin: 'https://own.example:8443', 'x-forwarded-port': '8443' },
    isProxyTrusted: true,
    expected: true,
  },
  {
    name: 'X-Forwarded-Port of a trusted proxy that names its own port in Host',
    headers: { host: 'own.example:80', origin: 'https://own.example', 'x-forwarded-port': '443' },
    isProxyTrusted: true,
    expected: true,
  },
  {
    name: 'X-Forwarded-Port of the first of several trusted proxies, with X-Forwarded-Host',
    headers: {
      host: 'internal:8080',
      origin: 'https://public.example:8443',
      'x-forwarded-host': 'public.example',
      'x-forwarded-port': '8443, 80',
    },
    hostname: 'public.example',
    isProxyTrusted: true,
    expected: true,
  },
  {
    name: 'X-Forwarded-Port that no proxy is trusted for',
    headers: { origin: 'https://own.example:8443', 'x-forwarded-port': '8443' },
    expected: false,
  },
  {
    name: 'X-Forwarded-Port of a trusted proxy, another host',
    headers: { origin: 'https://evil.example:8443', 'x-forwarded-port': '8443' },
    isProxyTrusted: true,
    expected: false,
  },
  {
    name: 'X-Forwarded-Port that is no port',
    headers: { origin: 'https://evil.example', 'x-forwarded-port': '1@evil.example' },
    isProxyTrusted: true,
    expected: false,
  },
];

describe('foreignHeaderOf', () => {
  for (const { name, expected, allowed = [], ...request } of cases) {
    it(`${name}: ${expected ? 'ours' : 'refused'}`, () => {
      assert.equal(foreignHeaderOf(requestWith(request), allowed) === undefined, expected);
    });
  }

  it('the port that a proxy of Fastify names counts if Fastify trusts the proxy', () => {
    const headers = { host: 'own.example', origin: 'https://own.example:8443', 'x-forwarded-port': '8443' };
    for (const { ips, expected } of [
      { ips: ['10.0.0.1', '192.0.2.1'], expected: undefined },
      { ips: ['10.0.0.1'], expected: 'Origin' },
      { ips: undefined, expected: 'Origin' },
    ]) {
      const req = { server: {}, headers, hostname: 'own.example', ips } as unknown as Request;
      assert.equal(foreignHeaderOf(req, []), expected);
    }
  });

  it('the authority of a request over HTTP/2 is its host', async () => {
    const server = http2.createServer((req, res) => {
      res.end(String(foreignHeaderOf(req as unknown as Request, [])));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = http2.connect(`http://127.0.0.1:${port}`);
    const found: string[] = [];
    for (const origin of [`http://127.0.0.1:${port}`, 'http://evil.example']) {
      const stream = client.request({ ':method': 'POST', origin });
      stream.end();
      found.push((await stream.setEncoding('utf8').toArray()).join(''));
    }
    client.close();
    server.close();
    assert.deepEqual(found, ['undefined', 'Origin']);
  });

  it('foreignHeaderOf reads only the headers of an Express request', () => {
    const req = { headers: { host: 'own.example:3000', origin: 'http://own.example:3000' } } as unknown as Request;
    assert.equal(foreignHeaderOf(req, []), undefined);
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

// Reported once per process and header: this file runs in a separate process, and the order of its tests counts.
describe('the warning about a refused request', () => {
  async function warningsOf(headers: Record<string, string>): Promise<string[]> {
    const warnings: string[] = [];
    const keep = (warning: Error & { code?: string }) => warnings.push(`${warning.code}: ${warning.message}`);
    process.on('warning', keep);
    for (const _ of [1, 2]) assert.equal(crossSiteRefusal(requestWith({ headers }), [])?.code, 'cross_site');
    await new Promise(setImmediate);
    process.off('warning', keep);
    return warnings;
  }

  for (const { name, headers, message } of [
    {
      name: 'Sec-Fetch-Site, and the option that allows an origin',
      headers: { 'sec-fetch-site': 'cross-site', origin: 'https://app.example' },
      message:
        /^TWILIO_VERIFY_CROSS_SITE: .*Sec-Fetch-Site is "cross-site".*\("https:\/\/app\.example"\).*"allowedOrigins"/,
    },
    {
      name: 'Origin: null, and the policy that hides it',
      headers: { origin: 'null' },
      message:
        /^TWILIO_VERIFY_CROSS_SITE: .*Origin is null.*Referrer-Policy: no-referrer.*Send Referrer-Policy: same-origin/,
    },
    {
      name: 'Origin and the host, and the proxy setting, without control characters',
      headers: { origin: 'https://public.example/\u001b[31m', host: 'internal:8080' },
      message:
        /^TWILIO_VERIFY_CROSS_SITE: .*Origin is "https:\/\/public\.example\/\\u001b\[31m".*host is "internal:8080".*'trust proxy'/,
    },
  ]) {
    it(`names ${name}, once per process`, async () => {
      const warnings = await warningsOf(headers);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? '', message);
    });
  }
});
