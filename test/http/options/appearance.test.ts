import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { assertRefuses, assertSays, hasForm } from '../../support/page.js';
import { enterCode, lastCode, withCode } from '../../support/steps.js';
import { startTestApp, type TestOptions } from '../../support/test-app.js';
import { ENGLISH } from '../../support/texts.js';

const { version } = JSON.parse(readFileSync(path.join(__dirname, '../../../package.json'), 'utf8')) as {
  version: string;
};

/** Browsers keep it for a day: another version of the package has another address. */
const OWN = `/2fa/assets/twilio-2fa.css?v=${version}`;

const start = (twoFactor: TestOptions) => startTestApp({ twoFactor });

describe('option "stylesheets"', () => {
  const sheets = async (twoFactor: TestOptions) => {
    const { text } = await (await (await start(twoFactor)).signedIn('ann')).get('/2fa');
    return [...text.matchAll(/<link rel="stylesheet" href="([^"]+)">/g)].map(([, href]) => href);
  };

  it('stylesheets has only the stylesheet of the package by default', async () => {
    assert.deepEqual(await sheets({}), [OWN]);
  });

  it('stylesheets adds files after the stylesheet of the package, in their order', async () => {
    const stylesheets = ['/brand.css', 'https://cdn.example.com/icons.css?a=1'];
    assert.deepEqual(await sheets({ stylesheets }), [OWN, ...stylesheets]);
  });
});

describe('option "brand"', () => {
  const PAGES = ['/2fa', '/2fa/verify', '/2fa/failed'];
  const pagesOf = async (twoFactor: TestOptions) => {
    const app = await start({ loginUrl: '/login', ...twoFactor });
    const browser = await withCode(app, 'ann');
    const verified = await app.verified('eve');
    app.emulator.fail({ call: 'check', status: 503 });
    await browser.post('/2fa/verify', { code: lastCode(app) });
    const answers = [
      ...(await Promise.all(PAGES.map((page) => browser.get(page)))),
      await verified.get('/2fa/success'),
      await verified.get('/2fa/change'),
      await (await app.signedIn('ben')).get('/2fa/register'),
      await app.client().post('/2fa', {}),
    ];
    return answers.map(({ text }) => text);
  };

  it('no page has a brand by default', async () => {
    for (const text of await pagesOf({})) assert.doesNotMatch(text, /class="brand"|<title>[^<]*·/);
  });

  it('every page and its title have the name, escaped', async () => {
    for (const text of await pagesOf({ brand: { name: 'A & <b>' } })) {
      assert.match(text, /<title>[^<]+ · A &amp; &lt;b&gt;<\/title>/);
      assert.match(text, /<p class="brand"><bdi>A &amp; &lt;b&gt;<\/bdi><\/p>/);
    }
  });

  it('the logo is next to the name', async () => {
    const [text = ''] = await pagesOf({ brand: { name: 'Acme', logoUrl: '/logo.svg?a=1&b' } });
    assert.match(text, /<p class="brand"><img src="\/logo.svg\?a=1&amp;b" alt=""><bdi>Acme<\/bdi><\/p>/);
  });
});

describe('option "views"', () => {
  const folders: string[] = [];
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });
  const folderWith = (files: Record<string, string>): string => {
    const folder = mkdtempSync(path.join(tmpdir(), 'views-'));
    folders.push(folder);
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    return folder;
  };
  const ownStart = (heading: string) =>
    `{% extends "_base.html" %}{% block header_text %}${heading}{% endblock %}{% block content %}` +
    '{% for choice in choices %}<p>{{ choice.method }} {{ choice.label }}</p>{% endfor %}{% endblock %}';

  it('views overrides one view, which can extend the original, and leaves the others', async () => {
    const views = folderWith({ 'start.html': ownStart('Acme asks') });
    const browser = await (await start({ views })).signedIn('ann');
    const { text } = await browser.get('/2fa');
    assert.match(text, /<h1>Acme asks<\/h1>/);
    assert.match(text, /<p>sms Text message<\/p>/);
    assert.match(text, /<link rel="stylesheet" href="\/2fa\/assets\/twilio-2fa.css\?/);
    await browser.post('/2fa', { method: 'sms' });
    assert.ok(hasForm((await browser.get('/2fa/verify')).text, '/2fa/verify'));
  });

  it('views can override the base of all views', async () => {
    const views = folderWith({ '_base.html': '<main class="acme">{% block content %}{% endblock %}</main>' });
    const { text } = await (await (await start({ views })).signedIn('ann')).get('/2fa');
    assert.match(text, /^<main class="acme">/);
    assert.ok(hasForm(text, '/2fa'));
  });

  it('views searches several folders in their order', async () => {
    const first = folderWith({ 'start.html': ownStart('First') });
    const second = folderWith({
      'start.html': ownStart('Second'),
      'verify.html': '{% extends "_base.html" %}{% block header_text %}Second{% endblock %}',
    });
    const browser = await withCode(await start({ views: [first, second] }), 'ann');
    assert.match((await browser.get('/2fa')).text, /<h1>First<\/h1>/);
    assert.match((await browser.get('/2fa/verify')).text, /<h1>Second<\/h1>/);
  });

  it('a template of the application that shows no error gets it from "_base.html"', async () => {
    const browser = await (await start({ views: folderWith({ 'start.html': ownStart('Acme') }) })).signedIn('ann');
    const { status, text } = await browser.post('/2fa', {});
    assert.equal(status, 422);
    assert.match(text, /<h1>Acme<\/h1>/);
    assert.match(text, /<div class="error-summary" role="alert"/);
  });

  it('a template of the application escapes the values that it shows', async () => {
    const views = folderWith({ 'start.html': ownStart('Acme') });
    const app = await start({ views, methodDisplay: () => ({ label: '<script>alert(1)</script>' }) });
    const { text } = await (await app.signedIn('ann')).get('/2fa');
    assert.match(text, /&lt;script&gt;alert\(1\)/);
  });
});

const lengthByPurpose: TestOptions['codeLength'] = ({ purpose }) => (purpose === 'signIn' ? 7 : 8);

describe('option "codeLength"', () => {
  for (const { name, options, length } of [
    { name: 'is 6 by default', options: {}, length: 6 },
    { name: 'is the hint on the page', options: { codeLength: 8 }, length: 8 },
    { name: 'the callback sets the hint per purpose', options: { codeLength: lengthByPurpose }, length: 7 },
  ]) {
    it(name, async () => {
      const browser = await withCode(await start(options), 'ann');
      const expiresIn = { seconds: 600 };
      assertSays((await browser.get('/2fa/verify')).text, 'verify.hint', { length, expiresIn });
    });
  }

  for (const codeLength of [4, 6, 10]) {
    it(`a correct code of ${codeLength} digits is accepted without the option "codeLength"`, async () => {
      const app = await startTestApp({ emulator: { codeLength } });
      const browser = await withCode(app, 'ann');
      assert.equal(lastCode(app).length, codeLength);
      assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
    });
  }

  for (const { name, code } of [
    { name: 'a code with a missing digit', code: '12345' },
    { name: 'a code with an extra digit', code: '1234567' },
    { name: 'no code', code: '' },
    { name: 'two codes', code: '123456 654321' },
  ]) {
    it(`refuses another length without a call to Twilio, and counts no attempt: ${name}`, async () => {
      const app = await start({ codeLength: 6 });
      const browser = await withCode(app, 'ann');
      const calls = app.emulator.requests().length;
      for (let attempt = 0; attempt < 12; attempt += 1) {
        const json = await browser.post('/2fa/verify', { code }, { accept: 'application/json' });
        assert.equal(json.status, 422);
        const { detail, code: refusal, attemptsLeft } = JSON.parse(json.text);
        assert.deepEqual([refusal, attemptsLeft], ['code_malformed', undefined]);
        assert.equal(detail, ENGLISH.text('refusal.code_malformed.length', { length: 6 }));
        assert.match(detail, /^Enter all 6 digits/);
      }
      assert.equal(app.emulator.requests().length, calls);
      assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
    });
  }

  it('accepts a correct code inside a whole message', async () => {
    const app = await start({ codeLength: 6 });
    const browser = await withCode(app, 'ann');
    const code = `Your Acme verification code is: ${lastCode(app)}. Valid for 10 minutes until 2026.`;
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa/success');
  });

  it('lets the field take a whole message', async () => {
    const [field = ''] = (await (await withCode(await start({}), 'ann')).get('/2fa/verify')).text.match(
      /<input type="text"[^>]*>/,
    ) ?? [''];
    assert.match(field, /maxlength="256"/);
  });
});

describe('option "codeField"', () => {
  it('codeField is "code" by default', async () => {
    const browser = await withCode(await start({}), 'ann');
    assert.match((await browser.get('/2fa/verify')).text, /<input type="text"[^>]* name="code"/);
  });

  it('codeField names the field on the page and in the posted form', async () => {
    const app = await start({ codeField: 'otp' });
    const browser = await withCode(app, 'ann');
    assert.match((await browser.get('/2fa/verify')).text, /<input type="text"[^>]* name="otp"/);
    const code = lastCode(app);
    assertRefuses((await enterCode(browser, code)).text, 'code_malformed');
    assert.equal((await browser.post('/2fa/verify', { otp: code })).location, '/2fa/success');
  });
});
