/**
 * T29. Who: another site that a signed-in user visits. What they do: show our pages in an invisible frame, above their
 * own button. What they gain: the user's click posts our form from our own origin, so the same-origin check accepts it:
 * a code is sent, a verification is canceled, a number is changed. The defense: our pages forbid frames themselves, and
 * don't rely on the app to send such headers. They add to the app's policy and never replace it.
 */
import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, it } from 'node:test';
import helmet from 'helmet';
import type { Answer, Client } from '../support/client.js';
import { isIn, type RunningExample, type StartOptions, startExample } from './support/example.js';
import { lastCode } from './support/look.js';

const OURS = "frame-ancestors 'none'; base-uri 'none'";

/** Returns each `Content-Security-Policy` header of the start page by itself: clients join them. */
function policiesOf({ url }: RunningExample, browser: Client): Promise<string[]> {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return new Promise((resolve, reject) => {
    http
      .get(`${url}/2fa`, { headers: { accept: 'text/html', cookie } }, (response) => {
        response.resume();
        const { rawHeaders } = response;
        const isPolicy = (index: number) => rawHeaders[index - 1]?.toLowerCase() === 'content-security-policy';
        resolve(rawHeaders.filter((_, index) => index % 2 === 1 && isPolicy(index)));
      })
      .once('error', reject);
  });
}

const ANSWERS: readonly { name: string; ask: (browser: Client) => Promise<Answer> }[] = [
  { name: 'the start page', ask: (browser) => browser.get('/2fa') },
  { name: 'the code page', ask: (browser) => browser.get('/2fa/verify') },
  { name: 'a form with an error', ask: (browser) => browser.post('/2fa/verify', { code: 'x' }) },
  { name: 'a redirect', ask: (browser) => browser.post('/2fa/cancel') },
  { name: 'a refusal', ask: (browser) => browser.post('/2fa', {}, { 'sec-fetch-site': 'cross-site' }) },
  { name: 'JSON', ask: (browser) => browser.get('/2fa', { accept: 'application/json' }) },
];

describe('T29: our pages in a frame', () => {
  for (const { name, ask } of ANSWERS) {
    it(`${name} forbids frames and other base URLs`, async () => {
      const { headers } = await ask(await (await startExample()).waiting('alice'));
      assert.equal(headers['content-security-policy'], OURS);
      assert.equal(headers['x-frame-options'], 'DENY');
    });
  }

  it('a page without a sign-in forbids frames', async () => {
    const example = await startExample();
    assert.deepEqual(await policiesOf(example, example.client()), [OURS]);
  });

  const own = (...policies: string[]): NonNullable<StartOptions['before']> => {
    return (_req, res, next) => {
      res.setHeader('Content-Security-Policy', policies);
      next();
    };
  };
  const rows: readonly {
    name: string;
    before: NonNullable<StartOptions['before']>;
    expected: readonly (string | RegExp)[];
  }[] = [
    {
      name: "helmet's policy",
      before: helmet(),
      expected: [/^default-src 'self';.*frame-ancestors 'self'/, "base-uri 'none'"],
    },
    {
      name: 'a policy without frame-ancestors',
      before: own("default-src 'self'"),
      expected: ["default-src 'self'", OURS],
    },
    {
      name: 'two policies',
      before: own("default-src 'self'", "require-trusted-types-for 'script'"),
      expected: ["default-src 'self'", "require-trusted-types-for 'script'", OURS],
    },
    {
      name: 'two policies of which one names a portal',
      before: own("default-src 'self'", 'frame-ancestors https://portal.example'),
      expected: ["default-src 'self'", 'frame-ancestors https://portal.example', "base-uri 'none'"],
    },
  ];
  for (const { name, before, expected } of rows) {
    it(`${name} of the app stays, and ours comes after it`, async () => {
      const example = await startExample({ before });
      const policies = await policiesOf(example, await example.signedIn('alice'));
      assert.equal(policies.length, expected.length);
      for (const [index, policy] of expected.entries()) {
        if (policy instanceof RegExp) assert.match(policies[index] ?? '', policy);
        else assert.equal(policies[index], policy);
      }
    });
  }

  it('a sign-in works under both policies', async () => {
    const example = await startExample({ before: helmet() });
    const browser = await example.waiting('alice');
    await browser.post('/2fa/verify', { code: lastCode(example) });
    assert.equal(await isIn(browser), true);
  });
});
