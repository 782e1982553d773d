/**
 * T6. Attacker: a phisher with a page that looks like ours. By a link or from that page, they lead the victim to the
 * verification with a return path that they chose. Goal: a victim who has just signed in properly and now types secrets
 * into the phisher's page. Defense: route protection puts the return path into the session, and only if it is a path of
 * this origin. No parameter of a URL or a form is read for it.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addGate, send, startExample } from './support/example.js';
import { lastCode } from './support/look.js';
import { getRaw } from './support/raw.js';
import { stopTheClock } from './support/time.js';

const EVIL_PLACES: readonly { name: string; place: string }[] = [
  { name: 'a whole URL', place: 'https://evil.example' },
  { name: 'a host without a scheme', place: '//evil.example' },
  { name: 'three slashes', place: '///evil.example' },
  { name: 'a backslash', place: '/\\evil.example' },
  { name: 'two backslashes', place: '\\\\evil.example' },
  { name: 'an encoded slash', place: '/%2Fevil.example' },
  { name: 'an encoded backslash', place: '/%5Cevil.example' },
  { name: 'encoded twice', place: '%252F%252Fevil.example' },
  { name: 'a tab that browsers drop', place: '/\t/evil.example' },
  { name: 'a line break that browsers drop', place: '/\n/evil.example' },
  { name: 'a space in front', place: ' //evil.example' },
  { name: 'a NUL', place: '/\0/evil.example' },
  { name: 'a scheme without slashes', place: 'https:evil.example' },
  { name: 'a script', place: 'javascript:alert(1)' },
  { name: 'data', place: 'data:text/html,evil.example' },
  { name: 'our own name as the user', place: 'https://127.0.0.1@evil.example' },
  { name: 'a dot that is not one', place: '//evil。example' },
];
const NAMES = [
  'next',
  'returnTo',
  'return_to',
  'redirect',
  'redirect_uri',
  'url',
  'continue',
  'successRedirect',
  'location',
];

function isOwnPath(location: string | null, origin: string): boolean {
  return location?.startsWith('/') === true && new URL(location, origin).origin === origin;
}

describe('T6: a return path that the attacker chose', () => {
  stopTheClock();

  for (const { name, place } of EVIL_PLACES) {
    it(`the redirect does not follow a parameter: ${name}`, async () => {
      const example = await startExample();
      const fields = Object.fromEntries(NAMES.map((parameter) => [parameter, place]));
      const query = new URLSearchParams(fields).toString();
      const headers = { 'sec-fetch-site': 'cross-site', referer: 'https://evil.example/' };
      const browser = await example.signedIn('alice');
      const answers = [
        await browser.get(`/2fa?${query}`, headers),
        await browser.post(`/2fa?${query}`, { ...fields, method: 'sms' }),
        await browser.get(`/2fa/verify?${query}`, headers),
        await browser.post(`/2fa/verify?${query}`, { ...fields, code: lastCode(example) }),
        await browser.get(`/2fa/success?${query}`, headers),
        await browser.get(`/2fa?${query}`, headers),
        await browser.get(`/2fa/failed?${query}`, headers),
      ];
      for (const { location, text, status } of answers) {
        assert.ok(status < 400);
        assert.doesNotMatch(text, /evil|javascript:/);
        if (location !== null) assert.ok(isOwnPath(location, example.url), `went to ${location}`);
      }
      assert.equal(answers[3]?.location, '/account');
    });
  }

  // test/unit/request/return-path.test.ts has the other targets.
  const targets: readonly { name: string; target: string; goesTo: string }[] = [
    { name: 'a path with a query', target: '/page?tab=2&next=https://evil.example', goesTo: 'as asked' },
    { name: 'two slashes', target: '//evil.example/page', goesTo: '/account' },
    { name: 'slashes behind dots', target: '/..//evil.example/page', goesTo: 'an own path' },
  ];
  for (const { name, target, goesTo } of targets) {
    it(`the return path stays on this origin: ${name}`, async () => {
      const example = await startExample();
      addGate(example, '/*anything');
      addGate(example, '//*anything');
      const browser = await example.signedIn('alice');
      await getRaw(browser, target);
      await send(browser);
      const { location } = await browser.post('/2fa/verify', { code: lastCode(example) });
      assert.ok(isOwnPath(location, example.url), `went to ${location}`);
      if (goesTo !== 'an own path') assert.equal(location, goesTo === 'as asked' ? target : goesTo);
    });
  }
});
