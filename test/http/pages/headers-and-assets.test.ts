import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import helmet from 'helmet';
import type { Answer, Client } from '../../support/client.js';
import { withCode } from '../../support/steps.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

describe('the headers of the pages', () => {
  let app: TestApp;
  before(async () => {
    // As an application has it: its `no-referrer` would make browsers send `Origin: null` with our own forms.
    app = await startTestApp({ before: (express) => void express.use(helmet()) });
  });

  const ROWS: readonly { readonly name: string; readonly get: (browser: Client) => Promise<Answer> }[] = [
    { name: 'a page', get: (browser) => browser.get('/2fa') },
    { name: 'a form with an error', get: (browser) => browser.post('/2fa', { method: 'pigeon' }) },
    { name: 'a redirect', get: (browser) => browser.get('/2fa/verify') },
    {
      name: 'a refusal of another site',
      get: (browser) => browser.post('/2fa', {}, { 'sec-fetch-site': 'cross-site' }),
    },
    { name: 'a refusal of what cannot be read', get: (browser) => browser.post('/2fa', { method: ['sms', 'call'] }) },
    { name: 'a page without a primary user', get: () => app.client().get('/2fa') },
  ];
  for (const { name, get } of ROWS) {
    it(`the headers keep ${name} out of caches and let same-origin forms send their origin`, async () => {
      const { headers } = await get(await app.signedIn('ann'));
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['referrer-policy'], 'same-origin');
      assert.equal(headers['x-content-type-options'], 'nosniff');
    });
  }

  it('the content type of a page is HTML in UTF-8', async () => {
    const { headers } = await (await app.signedIn('ann')).get('/2fa');
    assert.match(headers['content-type'] ?? '', /^text\/html; charset=utf-8$/i);
  });
});

describe('another path below the pages', () => {
  it("the path is the app's, whichever site posts there", async () => {
    const app = await startTestApp({
      routes: (server) => void server.post('/2fa/callback', (_req, res) => void res.send('of the app')),
    });
    const browser = await app.signedIn('ann');
    for (const site of ['same-origin', 'cross-site']) {
      const { status, text } = await browser.post('/2fa/callback', {}, { 'sec-fetch-site': site });
      assert.equal(status, 200);
      assert.equal(text, 'of the app');
    }
  });
});

describe('the assets', () => {
  const files = readdirSync(path.join(__dirname, '../../../views/assets'));

  for (const file of files) {
    it(`the asset ${file} is served without a primary user and can be cached`, async () => {
      const { status, headers, text } = await (await startTestApp()).client().get(`/2fa/assets/${file}`);
      assert.equal(status, 200);
      assert.match(headers['cache-control'] ?? '', /max-age=86400/);
      assert.ok(text.length > 0);
    });
  }

  it('the pages load only the assets of the package, and nothing from another host', async () => {
    const app = await startTestApp();
    const browser = await withCode(app, 'ann');
    const { text } = await browser.get('/2fa/verify');
    const loaded = [...text.matchAll(/<(?:link|script|img|use)[^>]* (?:href|src)="([^"]+)"/g)].map(
      ([, url]) => url ?? '',
    );
    assert.ok(loaded.some((url) => url.startsWith('/2fa/assets/twilio-2fa.css?')));
    for (const url of loaded.filter((url) => !url.startsWith('#'))) {
      assert.match(url, /^\/2fa\/assets\//);
      assert.equal((await browser.get(url)).status, 200, url);
    }
  });

  for (const url of [
    '/2fa/assets/',
    '/2fa/assets/..%2fstart.html',
    '/2fa/assets/%2e%2e/locales/en.json',
    '/2fa/nothing',
  ]) {
    it(`the asset routes serve no other file of the package: ${url}`, async () => {
      assert.equal((await (await startTestApp()).client().get(url)).status, 404);
    });
  }
});
