/**
 * T12. Attacker: someone who knows the victim's password. They write the path of a protected page in capitals, with one
 * more slash, with dots, encoded, or under a public folder. A guard that compares paths does not recognize it then, but
 * the router does. Goal: the page without the verification. Defense: protection is on the route
 * itself. There is no list of free paths.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addGate, startExample } from './support/example.js';
import { getRaw } from './support/raw.js';

const TARGETS: readonly { name: string; target: string }[] = [
  { name: 'capitals', target: '/ACCOUNT' },
  { name: 'one capital', target: '/accounT' },
  { name: 'a slash at the end', target: '/account/' },
  { name: 'two slashes at the end', target: '/account//' },
  { name: 'two slashes in front', target: '//account' },
  { name: 'a public folder and up', target: '/2fa/assets/../../account' },
  { name: 'a public folder and up, encoded', target: '/2fa/assets/%2e%2e/%2e%2e/account' },
  { name: 'a public folder and up, slashes encoded', target: '/2fa/assets/..%2f..%2faccount' },
  { name: 'a public folder and up by backslashes', target: '/2fa/assets/..\\..\\account' },
  { name: 'the pages and up', target: '/2fa/../account' },
  { name: 'the log-in page and up', target: '/login/../account' },
  { name: 'a dot', target: '/./account' },
  { name: 'an encoded letter', target: '/%61ccount' },
  { name: 'an encoded slash', target: '/%2faccount' },
  { name: 'an encoded slash at the end', target: '/account%2f' },
  { name: 'an encoded question mark', target: '/account%3f' },
  { name: 'a NUL at the end', target: '/account%00' },
  { name: 'a semicolon', target: '/account;/2fa/assets' },
  { name: 'an asset in the query', target: '/account?/2fa/assets/twilio-2fa.css' },
  { name: 'an asset in the fragment', target: '/account#/2fa/assets/twilio-2fa.css' },
  { name: 'an ending', target: '/account.css' },
  { name: 'a whole URL', target: 'http://localhost/account' },
  { name: 'a whole URL with the pages in it', target: 'http://localhost/2fa/../account' },
];

describe('T12: the path of a guarded page, written otherwise', () => {
  for (const { name, target } of TARGETS) {
    it(`leads past no guard: ${name}`, async () => {
      const example = await startExample();
      const attacker = await example.signedIn('alice');
      for (const headers of [{}, { 'x-original-url': '/account', 'x-rewrite-url': '/account' }]) {
        const { status, text } = await getRaw(attacker, target, headers);
        assert.doesNotMatch(text, /Your account/);
        assert.ok(status < 500, `answered ${status}`);
      }
    });
  }

  it('a rewritten path does not bypass protection in front of the whole app', async () => {
    const example = await startExample();
    addGate(example, '/*anything');
    const attacker = await example.signedIn('alice');
    for (const { target } of TARGETS) {
      const { text } = await getRaw(attacker, target);
      assert.doesNotMatch(text, /in as alice|Your account/, target);
    }
  });
});
