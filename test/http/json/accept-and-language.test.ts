import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { textLibrary } from '../../support/texts.js';
import { assertProblem, Program, signedIn } from './support/program.js';

const TEXTS = textLibrary();

describe('the header Accept', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp();
  });

  for (const { accept, isJson } of [
    { accept: '*/*', isJson: true },
    { accept: '', isJson: true },
    { accept: 'text/plain', isJson: true },
    { accept: 'application/json', isJson: true },
    { accept: 'text/html', isJson: false },
    { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', isJson: false },
  ]) {
    it(`"${accept}" with a JSON body gets ${isJson ? 'JSON' : 'a page'}, whether the body is right or refused`, async () => {
      const browser = await app.signedIn('ann');
      const expected = isJson ? /^application\/(?:problem\+)?json/ : /^text\/html/;
      const refused = await browser.postJson('/2fa', { method: 'fax' }, { accept });
      assert.match(refused.headers['content-type'] ?? '', expected);
      const crossSite = await browser.postJson('/2fa', {}, { accept, 'sec-fetch-site': 'cross-site' });
      assert.match(crossSite.headers['content-type'] ?? '', expected);
      const malformed = await browser.send('POST', '/2fa', '{', { accept, 'content-type': 'application/json' });
      assert.match(malformed.headers['content-type'] ?? '', expected);
    });
  }

  for (const { accept, isJson } of [
    { accept: 'application/json', isJson: true },
    { accept: 'application/json; charset=utf-8', isJson: true },
    { accept: 'application/json, text/plain, */*', isJson: true },
    { accept: 'application/json, application/problem+json', isJson: true },
    { accept: 'application/problem+json', isJson: true },
    { accept: 'application/*', isJson: true },
    { accept: 'text/html;q=0.5, application/json', isJson: true },
    { accept: 'application/json;q=0.9, text/html;q=0.8', isJson: true },
    { accept: 'application/json;q=0.5, */*;q=0.1', isJson: true },
    { accept: '*/*', isJson: false },
    { accept: '', isJson: false },
    { accept: 'text/html', isJson: false },
    { accept: 'text/html, application/json', isJson: false },
    { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', isJson: false },
    { accept: 'application/json;q=0.8, text/html;q=0.9', isJson: false },
    { accept: 'application/json;q=0', isJson: false },
    { accept: 'image/*', isJson: false },
    { accept: 'application/vnd.api+json', isJson: false },
  ]) {
    it(`"${accept}" gets ${isJson ? 'JSON' : 'a page'}, for results and refusals`, async () => {
      const browser = await app.signedIn('ann');
      const shown = await browser.get('/2fa', { accept });
      assert.equal(shown.headers['content-type'], `${isJson ? 'application/json' : 'text/html'}; charset=utf-8`);
      const refused = await browser.post('/2fa', { method: 'fax' }, { accept });
      assert.equal(refused.status, 422);
      assert.equal(
        refused.headers['content-type'],
        `${isJson ? 'application/problem+json' : 'text/html'}; charset=utf-8`,
      );
      const outright = await app.client().post('/2fa/verify', { code: '123456' }, { accept });
      assert.equal(outright.headers['content-type'], refused.headers['content-type']);
      for (const { headers } of [shown, refused, outright]) {
        assert.match(headers.vary ?? '', /(^|, )Accept(,|$)/);
        assert.equal(headers['cache-control'], 'no-store');
      }
    });
  }
});

describe('the language of JSON', () => {
  it('JSON texts follow Accept-Language, and the answer names the language', async () => {
    const app = await startTestApp();
    const program = await signedIn(app, 'ann');
    const german = { 'accept-language': 'de-AT, en;q=0.5' };
    const { text, refusal } = TEXTS.for('de');
    const start = await program.get('/2fa', german);
    assert.equal(start.headers['content-language'], 'de');
    const [sms] = start.body.methods as { label: string }[];
    assert.equal(sms?.label, text('method.sms'));

    const refused = await program.post('/2fa', { method: 'fax' }, german);
    assert.equal(refused.headers['content-language'], 'de');
    assert.equal(refused.body.detail, refusal({ type: 'refused', code: 'method_unknown' }));
    assertProblem(refused, 'method_unknown', { field: 'method' });

    const ben = await signedIn(app, 'ben');
    const [country] = (await ben.get('/2fa', german)).body.countries as { name: string }[];
    assert.equal(country?.name, 'Vereinigte Staaten');
  });

  it('JSON texts follow Accept-Language even if no one has signed in', async () => {
    const app = await startTestApp();
    const refused = await new Program(app.client()).get('/2fa', { 'accept-language': 'ja' });
    assert.equal(refused.headers['content-language'], 'ja');
    assert.equal(refused.body.detail, TEXTS.for('ja').refusal({ type: 'refused', code: 'login_required' }));
  });

  it('JSON texts follow the option regardless of the browser', async () => {
    const app = await startTestApp({ twoFactor: { locale: ({ user }) => (user.id === 'ann' ? 'pt-BR' : 'fr') } });
    const program = await signedIn(app, 'ann');
    const refused = await program.post('/2fa/resend', undefined, { 'accept-language': 'de' });
    assert.equal(refused.headers['content-language'], 'pt-BR');
    assert.equal(refused.body.detail, TEXTS.for('pt-BR').refusal({ type: 'refused', code: 'nothing_pending' }));
  });
});
