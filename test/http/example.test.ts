import assert from 'node:assert/strict';
import { afterEach, describe, it, mock } from 'node:test';
import { Client } from '../support/client.js';
import { type RunningExample, type RunningExampleOptions, startExample } from '../support/example.js';

describe('the example', () => {
  let app: RunningExample;
  afterEach(async () => {
    mock.timers.reset();
    await app.stop();
  });

  const begin = async (options?: RunningExampleOptions) => {
    app = await startExample(options);
    return new Client(app.url, { isDescribed: true });
  };
  const verified = async (options?: RunningExampleOptions) => {
    const browser = await begin(options);
    await browser.post('/login', { username: 'alice', password: 'alice' });
    await browser.post('/2fa', { method: 'sms' });
    await browser.post('/2fa/verify', { code: app.lastCode() });
    return browser;
  };

  it('each page links to the emulated phone', async () => {
    const browser = await verified({ inboxUrl: 'http://127.0.0.1:4010' });
    for (const page of ['/login', '/account']) {
      assert.match((await browser.get(page)).text, /<a [^>]*href="http:\/\/127\.0\.0\.1:4010"/);
    }
  });

  it('the sign-in page has no link to a phone if Twilio sends the codes', async () => {
    const browser = await begin();
    assert.doesNotMatch((await browser.get('/login')).text, /emulated phone/);
  });

  it('both addresses of the icon work', async () => {
    const browser = await begin();
    for (const file of ['/favicon.svg', '/favicon.ico']) {
      const { status, headers } = await browser.get(file);
      assert.deepEqual([status, headers['content-type']], [200, 'image/svg+xml']);
    }
  });

  it('an unknown address gets a page of the example', async () => {
    const { status, text } = await (await begin()).get('/nowhere');
    assert.equal(status, 404);
    assert.match(text, /<h1>Page not found<\/h1>/);
  });

  it('the page for a fault has none of its details', async () => {
    const browser = await begin({ twoFactor: { isRequired: () => Promise.reject(new Error('secret detail')) } });
    await browser.post('/login', { username: 'alice', password: 'alice' });
    const { status, text } = await browser.get('/account');
    assert.equal(status, 500);
    assert.match(text, /<h1>Something went wrong<\/h1>/);
    assert.doesNotMatch(text, /secret detail/);
  });

  it('a transfer requires a user who was verified in the last 5 minutes', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const browser = await verified();
    const { status, text } = await browser.post('/transfer');
    assert.equal(status, 200);
    assert.match(text, /You transferred \$100/);
    mock.timers.tick(301_000);
    const later = await browser.post('/transfer');
    assert.notEqual(later.status, 200);
    assert.doesNotMatch(later.text, /You transferred/);
    assert.equal((await browser.get('/account')).status, 200);
  });
});
