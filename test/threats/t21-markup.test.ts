/**
 * T21. Attacker: any user, or anyone who can put data into the application: a name, a label, a message, the name of a
 * service. They write script and markup into it. Goal: their script in our page, at the moment when a victim types a
 * code. Defense: every template escapes its values, and so do an application's own templates. The URLs of links are
 * checked when the options are read. The pages work under helmet's default content security policy, which would stop an
 * injected script.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import helmet from 'helmet';
import type { Client } from '../support/client.js';
import { enterCode } from '../support/steps.js';
import { startTestApp } from '../support/test-app.js';
import { BOB, type RunningExample, type StartOptions, startExample } from './support/example.js';
import { lastCode, sessionIdOf, storedSession } from './support/look.js';
import { getRaw } from './support/raw.js';

const SCRIPT = '<script>alert(1)</script>';
const IMAGE = '"><img src=x onerror=alert(1)>';
const QUOTE = `' onfocus='alert(1)' x="`;
const MARKUP = SCRIPT + IMAGE + QUOTE;

/** Whether nothing of the markup has become markup. */
function assertInert(html: string, where: string): void {
  for (const raw of [SCRIPT, IMAGE, QUOTE, '<img', '<script>']) {
    assert.ok(!html.includes(raw), `${where} has ${raw}`);
  }
}

const number = (phoneNumber: string) => ({ country: 'US', phoneNumber, method: 'sms' });

async function allPages(example: RunningExample): Promise<readonly string[]> {
  const [alice, bob] = [await example.signedIn('alice'), await example.signedIn('bob')];
  const pages = [await alice.get('/2fa'), await bob.get('/2fa/register')];
  await alice.post('/2fa', { method: 'sms' });
  pages.push(await alice.get('/2fa/verify'), await enterCode(alice, 'abc'));
  await alice.post('/2fa/verify', { code: lastCode(example) });
  pages.push(await alice.get('/2fa/success'), await alice.get('/2fa/change'), await alice.get('/account'));
  const failed = await startExample({ twoFactor: { allowRegister: false } });
  const nobody = await failed.signedIn('bob');
  await nobody.get('/2fa');
  pages.push(await nobody.get('/2fa/failed'));
  for (const { status } of pages) assert.ok(status === 200 || status === 422, `answered ${status}`);
  return pages.map(({ text }) => text);
}

const OPTIONS: readonly { name: string; options: StartOptions }[] = [
  { name: 'a label and an icon', options: { twoFactor: { methodDisplay: () => ({ label: MARKUP, icon: MARKUP }) } } },
  { name: 'a CSRF field', options: { twoFactor: { csrfToken: () => ({ name: MARKUP, value: MARKUP }) } } },
  {
    name: 'addresses',
    options: { twoFactor: { helpUrl: `/?${MARKUP}`, logoutUrl: `/?${MARKUP}`, stylesheets: [`/${MARKUP}`] } },
  },
  {
    name: 'an e-mail address',
    options: { twoFactor: { allowedMethods: ['sms', 'email'], email: () => `${SCRIPT}@<img/src=x/onerror=alert(1)>` } },
  },
  {
    name: "the application's number",
    options: { phoneNumbers: { get: (id) => (id === '2' ? MARKUP : undefined), set: () => 0 } },
  },
  { name: 'where to go on', options: { twoFactor: { verifySuccessUrl: () => `/?${MARKUP}` } } },
];

describe('T21: markup', () => {
  for (const { name, options } of OPTIONS) {
    it(`markup is text on every page: ${name}`, async () => {
      const example = await startExample(options);
      if (name === 'an e-mail address') {
        // Bob has no number, and is then reached by e-mail only.
        assertInert((await (await example.signedIn('bob')).get('/2fa')).text, 'start');
        assertInert((await (await example.signedIn('alice')).get('/2fa')).text, 'start');
        return;
      }
      if (name === "the application's number") {
        // A number that can't be read is an address all the same, so bob can't register another one.
        const bob = await example.signedIn('bob');
        assert.equal((await bob.get('/2fa')).location, '/2fa/failed');
        assertInert((await bob.get('/2fa/failed')).text, 'failed');
        assertInert((await (await example.signedIn('alice')).get('/2fa')).text, 'start');
        return;
      }
      for (const html of await allPages(example)) assertInert(html, html.match(/<title>.*/)?.[0] ?? '');
    });
  }

  it('markup is text in a name', async () => {
    const example = await startExample();
    const byId = example.users.byId.bind(example.users);
    example.users.byId = (id) => {
      const user = byId(id);
      return user && { ...user, username: MARKUP };
    };
    // The name is no longer alice's, so the number comes from where the users' own are kept.
    await example.users.setPhoneNumber({ id: '1', username: '', password: '' }, '+12025550123');
    const browser = await example.verified('alice');
    const { text } = await browser.get('/account');
    assert.match(text, /Your account/);
    assertInert(text, 'the account');
  });

  it('markup is text in an input that is shown again', async () => {
    const example = await startExample();
    const waiting = await example.waiting('alice');
    assertInert((await enterCode(waiting, MARKUP)).text, 'the code');
    const bob = await example.signedIn('bob');
    for (const fields of [
      // Each within the bound of its field.
      { country: '">', phoneNumber: SCRIPT + IMAGE, method: '"><script>' },
      { country: 'US', phoneNumber: SCRIPT + QUOTE, method: 'sms' },
      { country: 'US', phoneNumber: IMAGE + QUOTE, method: 'sms' },
      { country: 'US', phoneNumber: BOB, method: '"><img src=x>' },
    ]) {
      const { text, status } = await bob.post('/2fa/register', fields);
      assert.equal(status, 422);
      assertInert(text, 'the number');
    }
  });

  it("markup is text in Passport's messages, and in the application's own refusals", async () => {
    const refusing = await startExample({ twoFactor: { storePhoneNumber: () => ({ message: MARKUP }) } });
    const bob = await refusing.signedIn('bob');
    await bob.post('/2fa/register', number(BOB));
    const refused = await bob.post('/2fa/verify', { code: lastCode(refusing) });
    assert.match(refused.text, /&lt;script&gt;/);
    assertInert(refused.text, 'the refusal');

    const example = await startExample();
    const alice = await example.signedIn('alice');
    const stored = { ...(await storedSession(example, alice)), messages: [MARKUP] };
    await new Promise<void>((resolve) => example.store.set(sessionIdOf(alice), stored as never, () => resolve()));
    const { text } = await alice.get('/2fa');
    assert.match(text, /&lt;script&gt;/);
    assertInert(text, 'the messages');

    const app = await startTestApp({ verify: (_user, _info, done) => done(null, false, { message: MARKUP }) });
    const ann = await app.signedIn('ann');
    await ann.post('/2fa', { method: 'sms' });
    await ann.post('/2fa/verify', { code: await app.emulator.codeFor('+12025550123') });
    assertInert((await ann.get('/2fa/failed')).text, 'the failed page');
  });

  it('markup is text in the return path', async () => {
    const example = await startExample();
    const browser = await example.signedIn('alice');
    await getRaw(browser, `/account?${MARKUP.replace(/ /g, '+')}`);
    await browser.post('/2fa', { method: 'sms' });
    await browser.post('/2fa/verify', { code: lastCode(example) });
    const { text } = await browser.get('/2fa/success');
    assertInert(text, 'success');
    assert.doesNotMatch(text, /alert\(1\)<|onfocus='/);
  });

  it('markup is text in the language that a browser requests', async () => {
    const example = await startExample();
    const browser = await example.signedIn('alice');
    const { text } = await browser.get('/2fa', { 'accept-language': `${SCRIPT}, en-"onfocus=x` });
    assertInert(text, 'start');
    assert.match(text, /<html lang="en" /);
  });

  it("markup is text in the service's name, on the phone of the emulator", async () => {
    const serviceName = '<img src=x onerror=alert(1)>';
    const example = await startExample({ twoFactor: { serviceName } });
    await example.waiting('alice');
    assert.equal(example.emulator.messages()[0]?.serviceName, serviceName);
    const response = await fetch(`${example.emulator.url}/`);
    assertInert((await response.text()).replace(/<script>[^<]*<\/script>|<script /g, ''), 'the inbox');
  });

  const folder = mkdtempSync(path.join(tmpdir(), 'views-'));
  after(() => rmSync(folder, { recursive: true }));
  it("markup is text in the application's own templates", async () => {
    const own = '{% extends "_base.html" %}{% block content %}<p>own: {{ choices[0].label }}</p>{% endblock %}';
    writeFileSync(path.join(folder, 'start.html'), own);
    const example = await startExample({
      twoFactor: { views: folder, methodDisplay: () => ({ label: MARKUP }) },
    });
    const { text } = await (await example.signedIn('alice')).get('/2fa');
    assert.match(text, /own: &lt;script&gt;/);
    assertInert(text, 'the own template');
  });

  const addresses = ['javascript:alert(1)', 'data:text/html,x', '//evil.example', ' /x', '/\\evil.example'];
  for (const name of ['helpUrl', 'logoutUrl', 'loginUrl', 'verifySuccessUrl'] as const) {
    it(`a malicious URL is refused in an option: ${name}`, async () => {
      for (const address of addresses) {
        await assert.rejects(startExample({ twoFactor: { [name]: address } }), TypeError, address);
      }
    });
  }
  it('a malicious value is refused as a stylesheet URL, a field name, or a path', async () => {
    for (const twoFactor of [
      { stylesheets: ['javascript:alert(1)'] },
      { codeField: MARKUP },
      { mountPath: `/${MARKUP}` },
    ]) {
      await assert.rejects(startExample({ twoFactor }), TypeError, JSON.stringify(twoFactor));
    }
  });
});

/** Asserts that helmet's default policy stops nothing on a page, and that no link or form leads elsewhere. */
function assertFitsThePolicy(html: string): void {
  for (const [, attributes = '', body = ''] of html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)) {
    assert.match(attributes, /src="\//);
    assert.equal(body, '');
  }
  assert.doesNotMatch(html, /<style\b|<iframe\b|<object\b|<base\b/);
  for (const [tag] of html.matchAll(/<[a-z][^>]*>/g)) {
    assert.doesNotMatch(tag, /\s(on[a-z]+|style)\s*=/);
    for (const [, address = ''] of tag.matchAll(/\s(?:href|src|action|formaction)="([^"]*)"/g)) {
      assert.match(address, /^(?:\/(?!\/)|#)/, tag);
    }
  }
}

describe("T21: helmet's content security policy", () => {
  it('every page has the policy and complies with it', async () => {
    const example = await startExample({ before: helmet() });
    const browser: Client = await example.signedIn('alice');
    const { headers } = await browser.get('/2fa');
    assert.match(String(headers['content-security-policy']), /script-src 'self';.*script-src-attr 'none'/);
    for (const html of await allPages(example)) assertFitsThePolicy(html);
  });
});
