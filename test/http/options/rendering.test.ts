import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { startTestApp } from '../../support/test-app.js';

describe('option "render"', () => {
  it('render gets request, response, view, and model, and its return value is the page', async () => {
    const seen: unknown[] = [];
    const app = await startTestApp({
      twoFactor: {
        render: ({ req, res, view, model }) => {
          seen.push([req.path, res.statusCode, view, 'choices' in model && model.choices.map(({ method }) => method)]);
          return `<p>${view} in ${model.lang}</p>`;
        },
      },
    });
    const browser = await app.signedIn('ann');
    const answer = await browser.get('/2fa', { 'accept-language': 'en' });
    assert.equal(answer.text, '<p>start in en</p>');
    assert.match(answer.headers['content-type'] ?? '', /^text\/html/);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.deepEqual(seen, [['/', 200, 'start', ['sms', 'call', 'whatsapp']]]);
  });

  it('render can send the response itself, with the status already set', async () => {
    const app = await startTestApp({
      twoFactor: {
        render: ({ res, view }) => {
          res.send(`by myself: ${view}`);
        },
      },
    });
    const browser = await app.signedIn('ann');
    const answer = await browser.post('/2fa', {});
    assert.equal(answer.status, 422);
    assert.equal(answer.text, 'by myself: start');
  });

  it('an asynchronous "render" is awaited: what it resolves to is the page', async () => {
    const app = await startTestApp({
      twoFactor: {
        render: async ({ view }) => {
          await nextTurn();
          return `<p>${view}, late</p>`;
        },
      },
    });
    const answer = await (await app.signedIn('ann')).get('/2fa');
    assert.equal(answer.status, 200);
    assert.equal(answer.text, '<p>start, late</p>');
  });

  it('an asynchronous "render" that rejects reaches the error handler', async () => {
    const app = await startTestApp({
      twoFactor: {
        render: async () => {
          await nextTurn();
          throw new Error('no such template');
        },
      },
    });
    const answer = await (await app.signedIn('ann')).get('/2fa');
    assert.equal(answer.status, 500);
    assert.match(answer.text, /no such template/);
  });

  it('an error in render reaches the error handler', async () => {
    const app = await startTestApp({
      twoFactor: {
        render: () => {
          throw new Error('no such template');
        },
      },
    });
    const answer = await (await app.signedIn('ann')).get('/2fa');
    assert.equal(answer.status, 500);
    assert.match(answer.text, /no such template/);
  });
});

describe('option "csrfToken"', () => {
  it('a callback that fails loses no message: the next page shows it', async () => {
    let isBroken = true;
    const app = await startTestApp({
      twoFactor: {
        csrfToken: () => {
          if (isBroken) throw new Error('no token');
          return { name: '_csrf', value: 'token' };
        },
      },
      routes: (server) => {
        server.get('/leave-message', (req, res) => {
          Object.assign(req.session, { messages: ['Welcome back.'] });
          res.end();
        });
      },
    });
    const browser = await app.signedIn('ann');
    await browser.get('/leave-message');
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    // The app's own error page, which isn't in docs/openapi.yaml.
    assert.equal((await fetch(`${app.url}/2fa`, { headers: { cookie, accept: 'text/html' } })).status, 500);
    isBroken = false;
    assert.match((await browser.get('/2fa')).text, /Welcome back\./);
  });
});

describe('option "strings"', () => {
  it('strings overrides a single text, and leaves the others', async () => {
    const app = await startTestApp({ twoFactor: { strings: { en: { 'action.send': 'Fire away' } } } });
    const { text } = await (await app.signedIn('ann')).get('/2fa');
    assert.match(text, /Fire away/);
    assert.match(text, /Phone call/);
  });

  it('strings adds a language, and browsers that prefer it receive it', async () => {
    const app = await startTestApp({ twoFactor: { strings: { eo: { 'action.send': 'Sendu kodon' } } } });
    const { text } = await (await app.signedIn('ann')).get('/2fa', { 'accept-language': 'eo' });
    assert.match(text, /<html lang="eo"/);
    assert.match(text, /Sendu kodon/);
  });

  it('a key of strings that no page has is a TypeError that names it', async () => {
    await assert.rejects(startTestApp({ twoFactor: { strings: { en: { 'action.sendd': 'x' } } } }), /action\.sendd/);
  });

  it('a text that no page can show throws a TypeError at construction', async () => {
    const strings = { en: { 'verify.hint': 'The code expires in {expiresIn' } };
    await assert.rejects(startTestApp({ twoFactor: { strings } }), {
      name: 'TypeError',
      message: /option "strings".*"en".*"verify\.hint"/,
    });
  });
});

describe('option "views"', () => {
  it('a folder that does not exist throws a TypeError at construction, with its path', async () => {
    await assert.rejects(startTestApp({ twoFactor: { views: '/nope' } }), {
      name: 'TypeError',
      message: /option "views" names \/nope/,
    });
  });
});

describe('option "showLastDigits"', () => {
  it('false keeps every digit of the number off the pages of a sign-in', async () => {
    const app = await startTestApp({ twoFactor: { showLastDigits: false } });
    const browser = await app.signedIn('ann');
    assert.doesNotMatch((await browser.get('/2fa')).text, /0123/);
    await browser.post('/2fa', { method: 'sms' });
    const { text } = await browser.get('/2fa/verify');
    assert.doesNotMatch(text, /0123/);
    assert.match(text, /We texted your code to your phone/);
  });

  it('false still shows the whole number while it is being registered', async () => {
    const app = await startTestApp({ twoFactor: { showLastDigits: false } });
    const browser = await app.signedIn('ben');
    await browser.post('/2fa/register', { phoneNumber: '(202) 555-0144', method: 'sms' });
    assert.match((await browser.get('/2fa/verify')).text, /\+1.202.555.0144/);
  });
});
