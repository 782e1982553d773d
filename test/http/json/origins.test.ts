import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { lastCode } from '../../support/steps.js';
import { startTestApp } from '../../support/test-app.js';
import { assertProblem, assertStep, signedIn } from './support/program.js';

const PAGE = 'https://app.example';
const OTHER = 'https://evil.example';

before(() => mock.timers.enable({ apis: ['Date'], now: Date.now() }));
after(() => mock.timers.reset());

/** The headers that a browser sends for a script on a page of another origin. */
const from = (origin: string) => ({ origin, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' });

describe('a page of another origin that the option allowedOrigins names', () => {
  it('the page of another origin gets no CSRF token of the app', async () => {
    const csrfToken = () => ({ name: '_csrf', value: 'token-of-the-app' });
    const app = await startTestApp({ twoFactor: { allowedOrigins: [PAGE], csrfToken } });
    const browser = await app.signedIn('ann');
    const read = async (headers: Record<string, string>) => (await browser.get('/2fa', headers)).text;
    assert.match(await read({}), /token-of-the-app/);
    assert.match(await read({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }), /token-of-the-app/);
    const posted = { origin: PAGE, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate' };
    assert.match(await read({ ...posted, accept: 'text/html' }), /token-of-the-app/);
    const readElsewhere = await read({ ...from(PAGE), accept: 'text/html' });
    assert.match(readElsewhere, /name="method"/);
    assert.doesNotMatch(readElsewhere, /token-of-the-app/);
  });

  it('a preflight request is allowed, with cookies', async () => {
    const app = await startTestApp({ twoFactor: { allowedOrigins: [PAGE, 'https://second.example'] } });
    const preflight = {
      ...from(PAGE),
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    };
    const { status, headers, text } = await app.client().send('OPTIONS', '/2fa/verify', undefined, preflight);
    assert.deepEqual([status, text], [204, '']);
    assert.equal(headers['access-control-allow-origin'], PAGE);
    assert.equal(headers['access-control-allow-credentials'], 'true');
    assert.equal(headers['access-control-allow-headers'], 'content-type');
    assert.equal(headers['access-control-allow-methods'], 'GET,POST');
    assert.match(headers.vary ?? '', /\bOrigin\b/);
  });

  it('an allowed page signs a user in, and can read every answer and Retry-After', async () => {
    const app = await startTestApp({ twoFactor: { allowedOrigins: [PAGE] } });
    const program = await signedIn(app, 'ann');
    const headers = from(PAGE);
    const answers = [await program.get('/2fa', headers), await program.post('/2fa', { method: 'sms' }, headers)];
    answers.push(await program.post('/2fa/resend', undefined, headers));
    assertProblem(answers[2] ?? assert.fail(), 'retry_later', { retryAfterSeconds: 180 });
    answers.push(await program.post('/2fa/verify', { code: 1 }, headers));
    const approved = await program.post('/2fa/verify', { code: lastCode(app) }, headers);
    assertStep(approved, 'done', 'approved');
    for (const answer of [...answers, approved]) {
      assert.equal(answer.headers['access-control-allow-origin'], PAGE);
      assert.equal(answer.headers['access-control-allow-credentials'], 'true');
      assert.equal(answer.headers['access-control-expose-headers'], 'Date,Retry-After');
      assert.match(answer.headers.vary ?? '', /\bOrigin\b/);
      assert.match(answer.headers.vary ?? '', /\bAccept\b/);
    }
  });
});

describe('a page of an origin that it does not name', () => {
  for (const { name, allowedOrigins } of [
    { name: 'where others are named', allowedOrigins: [PAGE] },
    { name: 'where none is', allowedOrigins: [] },
  ]) {
    it(`a page of an unlisted origin can read nothing and change nothing, ${name}`, async () => {
      const app = await startTestApp({ twoFactor: { allowedOrigins } });
      const program = await signedIn(app, 'ann');
      for (const origin of [OTHER, 'null', `${PAGE}.evil.example`, PAGE.replace('https', 'http')]) {
        const answers = [
          await program.get('/2fa', from(origin)),
          await program.post('/2fa', { method: 'sms' }, from(origin)),
          await program.post('/2fa/verify', { code: '123456' }, from(origin)),
        ];
        for (const { headers } of answers) assert.equal(headers['access-control-allow-origin'], undefined, origin);
        for (const answer of answers.slice(1)) assertProblem(answer, 'cross_site');
        const asked = { ...from(origin), 'access-control-request-method': 'POST' };
        const preflight = await program.browser.send('OPTIONS', '/2fa/verify', undefined, asked);
        assert.equal(preflight.headers['access-control-allow-origin'], undefined, origin);
      }
      assert.equal(app.emulator.messages().length, 0);
    });
  }
});
