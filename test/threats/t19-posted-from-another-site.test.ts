/**
 * T19. Attacker: another site that a signed-in user visits. It has the user's browser post forms to our pages, or to
 * the application's route with the strategy: wrong codes, sends, a cancellation, a number. Goal: the user's attempts
 * used up and the account locked, messages at the operator's cost, the attacker's number registered. Defense: every
 * POST of the router and every check of the strategy requires the same origin, by the headers that browsers set. This
 * works in addition to the application's own CSRF tokens, behind a proxy, and under helmet, whose `no-referrer` would
 * make browsers hide the origin of the pages' forms.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import helmet from 'helmet';
import type { Client } from '../support/client.js';
import { addGate, BOB, isIn, startExample } from './support/example.js';
import { lastCode, recordOf, tells, wrongCode } from './support/look.js';
import { pass, stopTheClock } from './support/time.js';

type Headers = Record<string, string>;

/**
 * The headers that browsers send with a form, by the origin of its page. test/unit/request/same-origin.test.ts has
 * more.
 */
const SENDERS: readonly { name: string; headers: (host: string) => Headers; isAllowed: boolean }[] = [
  { name: 'our own page', headers: () => ({ 'sec-fetch-site': 'same-origin' }), isAllowed: true },
  { name: 'our own page, older browser', headers: (host) => ({ origin: `http://${host}` }), isAllowed: true },
  { name: 'no browser', headers: () => ({}), isAllowed: true },
  { name: 'another site', headers: () => ({ 'sec-fetch-site': 'cross-site' }), isAllowed: false },
  { name: 'a neighbour under the same domain', headers: () => ({ 'sec-fetch-site': 'same-site' }), isAllowed: false },
  { name: 'another site, older browser', headers: () => ({ origin: 'https://evil.example' }), isAllowed: false },
  { name: 'a sandboxed frame', headers: () => ({ origin: 'null' }), isAllowed: false },
  {
    name: 'another site that names a proxy',
    headers: () => ({ origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' }),
    isAllowed: false,
  },
];

const POSTS: readonly { path: string; fields: Headers }[] = [
  { path: '/2fa', fields: { method: 'call' } },
  { path: '/2fa/verify', fields: { code: '000000' } },
  { path: '/2fa/resend', fields: {} },
  { path: '/2fa/cancel', fields: {} },
  { path: '/2fa/register', fields: { country: 'US', phoneNumber: BOB, method: 'sms' } },
  { path: '/2fa/skip', fields: {} },
  { path: '/2fa/other-sessions/end', fields: {} },
  { path: '/2fa/change', fields: { country: 'US', phoneNumber: BOB, method: 'sms' } },
  { path: '/check', fields: { code: '000000' } },
];

const hostOf = (browser: Client) => new URL(browser.origin).host;

describe('T19: a form that is posted from another site', () => {
  stopTheClock();

  for (const { name, headers, isAllowed } of SENDERS) {
    it(`a form is ${isAllowed ? 'accepted' : 'refused'} on every route: ${name}`, async () => {
      const example = await startExample({ twoFactor: { registerOptional: true } });
      addGate(example, '/check');
      for (const { path, fields } of POSTS) {
        const browser = await example.waiting('alice');
        pass(180);
        const [before, calls] = [await recordOf(example, browser), example.emulator.requests().length];
        const { status, text } = await browser.post(path, fields, headers(hostOf(browser)));
        if (isAllowed) {
          assert.notEqual(status, 403, path);
        } else {
          assert.equal(status, 403, path);
          if (path !== '/check') assert.ok(tells(text, 'cross_site'), path);
          assert.deepEqual(await recordOf(example, browser), before, path);
          assert.equal(example.emulator.requests().length, calls, path);
        }
        pass(600);
      }
    });
  }

  it('a form from another site uses up no attempt and locks no one', async () => {
    const example = await startExample();
    addGate(example, '/check');
    const victim = await example.waiting('alice');
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      const fields = { code: wrongCode(example, undefined, attempt) };
      await victim.post('/2fa/verify', fields, { origin: 'https://evil.example' });
      await victim.post('/check', fields, { 'sec-fetch-site': 'cross-site' });
      await victim.send('POST', '/2fa/verify', new URLSearchParams(fields).toString(), {
        'content-type': 'text/plain',
        'sec-fetch-site': 'cross-site',
      });
    }
    assert.equal(await example.lockedUntil('1'), null);
    await victim.post('/2fa/verify', { code: lastCode(example) }, { origin: example.url });
    assert.equal(await isIn(victim), true);
  });

  it('a form is accepted only from an origin that the option allows', async () => {
    const example = await startExample({ twoFactor: { allowedOrigins: ['https://app.example.com'] } });
    for (const [origin, status] of [
      ['https://app.example.com', 422],
      ['http://app.example.com', 403],
      ['https://app.example.com.evil.example', 403],
    ] as const) {
      const browser = await example.signedIn('alice');
      const headers = { origin, 'sec-fetch-site': 'cross-site' };
      assert.equal((await browser.post('/2fa', { method: 'none' }, headers)).status, status, origin);
    }
  });
});

describe('T19: behind a proxy', () => {
  const PROXIED = { host: 'internal:3000', 'x-forwarded-host': 'app.example.com', 'x-forwarded-proto': 'https' };
  const rows: readonly { name: string; trustProxy: number | boolean; headers: Headers; status: number }[] = [
    {
      name: 'that is trusted, our own page',
      trustProxy: 1,
      headers: { ...PROXIED, origin: 'https://app.example.com' },
      status: 422,
    },
    {
      name: 'that is trusted, another site',
      trustProxy: 1,
      headers: { ...PROXIED, origin: 'https://evil.example' },
      status: 403,
    },
    {
      name: 'that is not trusted, which anybody can claim to be',
      trustProxy: false,
      headers: { ...PROXIED, 'x-forwarded-host': 'evil.example', origin: 'https://evil.example' },
      status: 403,
    },
    {
      name: 'that is trusted, with the port in X-Forwarded-Port',
      trustProxy: 1,
      headers: { host: 'app.example.com', 'x-forwarded-port': '8443', origin: 'https://app.example.com:8443' },
      status: 422,
    },
    {
      name: 'that is not trusted, with the port in X-Forwarded-Port',
      trustProxy: false,
      headers: { host: 'app.example.com', 'x-forwarded-port': '8443', origin: 'https://app.example.com:8443' },
      status: 403,
    },
  ];
  for (const { name, trustProxy, headers, status } of rows) {
    it(`the origin of a form is recognized: ${name}`, async () => {
      const example = await startExample({ trustProxy });
      const browser = await example.signedIn('alice');
      assert.equal((await browser.post('/2fa', { method: 'none' }, headers)).status, status);
    });
  }
});

/**
 * The origin that a browser sends with a form, as its page's policy says
 * (https://fetch.spec.whatwg.org/#append-a-request-origin-header).
 */
function originByPolicy(policy: string | undefined, origin: string): string {
  return policy === 'no-referrer' ? 'null' : origin;
}

describe('T19: under helmet, whose policy is no-referrer', () => {
  it('refuses a code from a page of the app that hides its origin, and does not speak of another website', async () => {
    const example = await startExample({ before: helmet() });
    const browser = await example.waiting('alice');
    const { status, text } = await browser.post('/2fa/verify', { code: lastCode(example) }, { origin: 'null' });
    assert.equal(status, 403);
    assert.ok(tells(text, 'cross_site'));
    assert.doesNotMatch(text, /another website/);
  });

  it("browsers send the origin of the router's own forms under this policy", async () => {
    const example = await startExample({ before: helmet() });
    const browser = await example.signedIn('alice');
    assert.equal((await browser.get('/login')).headers['referrer-policy'], 'no-referrer', 'helmet is there');
    const post = async (page: string, path: string, fields: Headers) => {
      const { headers, status } = await browser.get(page);
      assert.equal(status, 200, page);
      return browser.post(path, fields, { origin: originByPolicy(headers['referrer-policy'] as string, example.url) });
    };
    assert.equal((await post('/2fa', '/2fa', { method: 'sms' })).location, '/2fa/verify');
    assert.equal((await post('/2fa/verify', '/2fa/verify', { code: lastCode(example) })).location, '/account');
    assert.equal(
      (await post('/2fa/change', '/2fa/change', { country: 'US', phoneNumber: BOB, method: 'sms' })).location,
      '/2fa/verify',
    );
    const bob = await example.signedIn('bob');
    const { headers } = await bob.get('/2fa/register');
    assert.equal(headers['referrer-policy'], 'same-origin');
  });
});

describe("T19: the application's own CSRF token", () => {
  const FIELD = { name: '_csrf', value: 'token-of-this-session' };

  it('every form that posts contains the CSRF token', async () => {
    const options = { csrfToken: () => FIELD, registerOptional: true };
    const example = await startExample({ twoFactor: options });
    const [alice, bob] = [await example.verified('alice'), await example.signedIn('bob')];
    await alice.post('/2fa/change', { country: 'US', phoneNumber: '+12025550178', method: 'sms' });
    const pages = [
      ...(await Promise.all(['/2fa', '/2fa/verify', '/2fa/change', '/2fa/success'].map((path) => alice.get(path)))),
      await bob.get('/2fa/register'),
      await (await example.signedIn('alice')).get('/2fa'),
    ];
    const forms = pages.flatMap(({ text }) => text.match(/<form\b[^>]*method="post"[\s\S]*?<\/form>/g) ?? []);
    assert.ok(forms.length >= 8, `found ${forms.length} forms`);
    for (const form of forms) {
      assert.match(form, /<input type="hidden" name="_csrf" value="token-of-this-session">/);
    }
  });
});

describe('T19: the CSRF token in the form that signs out', () => {
  for (const { name, logoutUrl, isGiven } of [
    { name: 'goes to a path of the app', logoutUrl: () => '/logout', isGiven: true },
    { name: 'goes to a whole URL of the app', logoutUrl: (host: string) => `http://${host}/logout`, isGiven: true },
    { name: 'never goes to another host', logoutUrl: () => 'https://id.example/logout', isGiven: false },
    {
      name: 'never goes to another port',
      logoutUrl: (host: string) => `http://${host.replace(/\d+$/, '1')}/logout`,
      isGiven: false,
    },
  ]) {
    it(`the token ${name}`, async () => {
      const host = 'app.example:8080';
      const url = logoutUrl(host);
      const csrfToken = () => ({ name: '_csrf', value: 'token-of-this-session' });
      const example = await startExample({ twoFactor: { csrfToken, logoutUrl: url } });
      const browser = await example.signedIn('alice');
      const { text } = await browser.get('/2fa', { host });
      const forms = text.match(/<form[\s\S]*?<\/form>/g) ?? [];
      const signOut = forms.filter((form) => form.includes(`action="${url}"`));
      assert.equal(signOut.length, 1);
      assert.equal(signOut[0]?.includes('token-of-this-session'), isGiven);
      assert.ok(forms.some((form) => form.includes('action="/2fa"') && form.includes('token-of-this-session')));
    });
  }
});
