import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertSays } from '../../support/page.js';
import { lastCode } from '../../support/steps.js';
import { startTestApp, type TestOptions } from '../../support/test-app.js';

const start = (twoFactor: TestOptions) => startTestApp({ twoFactor, afterLogin: (strategy) => strategy.sendOnLogin() });

describe('sendOnLogin()', () => {
  it('sendOnLogin() sends by the only method, and redirects to the code page', async () => {
    const app = await start({ allowedMethods: ['call'] });
    const browser = app.client();
    const { status, location } = await browser.post('/login/ann');
    assert.deepEqual([status, location], [303, '/2fa/verify']);
    assert.deepEqual(
      app.emulator.messages().map(({ to, channel }) => [to, channel]),
      [['+12025550123', 'call']],
    );
    assert.equal((await browser.get('/2fa/verify')).status, 200);
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
  });

  for (const { name, options, id } of [
    { name: 'no address yet', options: { allowedMethods: ['sms'] as const }, id: 'ben' },
    { name: 'no method', options: { allowedMethods: [] }, id: 'ann' },
    { name: 'no need of a second step', options: { allowedMethods: ['sms'] as const, isRequired: false }, id: 'ann' },
  ]) {
    it(`sendOnLogin() calls the next handler, and sends nothing, for a user with ${name}`, async () => {
      const app = await start(options);
      const { status, text } = await app.client().post(`/login/${id}`);
      assert.deepEqual([status, text], [200, 'in']);
      assert.deepEqual(app.emulator.requests(), []);
    });
  }

  it('sendOnLogin() redirects a user with several methods to the start page, and sends nothing', async () => {
    const app = await start({});
    const { status, location } = await app.client().post('/login/ann');
    assert.deepEqual([status, location], [303, '/2fa']);
    assert.deepEqual(app.emulator.requests(), []);
  });

  it('sendOnLogin() calls the next handler without a primary user', async () => {
    const app = await startTestApp({
      twoFactor: { allowedMethods: ['sms'] },
      routes: (express, _passport, strategy) =>
        express.post('/nobody', strategy.sendOnLogin(), (_req, res) => void res.send('next')),
    });
    assert.equal((await app.client().post('/nobody')).text, 'next');
  });

  it('sendOnLogin() signs the user in and redirects to the start page if Twilio is unreachable', async () => {
    const app = await start({ allowedMethods: ['sms'] });
    app.emulator.fail({ call: 'create', drop: true });
    const browser = app.client();
    const { status, location } = await browser.post('/login/ann');
    assert.deepEqual([status, location], [303, '/2fa']);
    assert.equal((await browser.get('/2fa')).status, 200);
    assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
  });

  it('sendOnLogin() sends no second code to a user who signs in again too soon, and the first one works', async () => {
    const app = await start({ allowedMethods: ['sms'] });
    await app.client().post('/login/ann');
    const browser = app.client();
    const { status, location } = await browser.post('/login/ann');
    assert.deepEqual([status, location], [303, '/2fa/verify']);
    assert.equal(app.emulator.messages().length, 1);
    assertSays((await browser.get('/2fa/verify')).text, 'verify.joined');
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
  });

  it('sendOnLogin() passes an error of the application to its error handler', async () => {
    const app = await start({
      allowedMethods: ['sms'],
      phoneNumber: () => {
        throw new Error('the database is away');
      },
    });
    const { status, text } = await app.client().post('/login/ann');
    assert.deepEqual([status, text], [500, 'Error: the database is away']);
  });

  const byGet = async () => {
    const app = await startTestApp({
      twoFactor: { allowedMethods: ['sms'] },
      routes: (express, _passport, strategy) =>
        express.get('/callback', strategy.sendOnLogin(), (_req, res) => void res.send('next')),
    });
    return { app, browser: await app.signedIn('ann') };
  };

  for (const { name, headers } of [
    { name: 'a navigation', headers: { 'sec-fetch-mode': 'navigate' } },
    { name: 'a page request of an older browser', headers: { accept: 'text/html,*/*;q=0.8' } },
  ] satisfies { name: string; headers: Record<string, string> }[]) {
    it(`sendOnLogin() sends on ${name}`, async () => {
      const { app, browser } = await byGet();
      const { status, location } = await browser.get('/callback', headers);
      assert.deepEqual([status, location], [303, '/2fa/verify']);
      assert.equal(app.emulator.messages().length, 1);
    });
  }

  for (const { name, headers } of [
    { name: 'an image', headers: { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image', accept: 'image/*' } },
    { name: 'an image of an older browser', headers: { accept: 'image/avif,image/*,*/*;q=0.8' } },
    { name: 'a script', headers: { 'sec-fetch-mode': 'cors', accept: '*/*' } },
    { name: 'a prefetch', headers: { 'sec-fetch-mode': 'navigate', 'sec-purpose': 'prefetch' } },
    { name: 'a prerendering', headers: { 'sec-fetch-mode': 'navigate', 'sec-purpose': 'prefetch;prerender' } },
    { name: 'a prefetch of an older browser', headers: { purpose: 'prefetch' } },
    { name: 'a prefetch of an older Firefox', headers: { 'x-moz': 'prefetch' } },
  ] satisfies { name: string; headers: Record<string, string> }[]) {
    it(`sendOnLogin() calls the next handler, and sends nothing, on ${name}`, async () => {
      const { app, browser } = await byGet();
      assert.equal((await browser.get('/callback', headers)).text, 'next');
      assert.deepEqual(app.emulator.requests(), []);
    });
  }

  it('sendOnLogin() sends nothing on HEAD, or on a POST with Sec-Purpose', async () => {
    const { app, browser } = await byGet();
    assert.equal((await browser.send('HEAD', '/callback', undefined, {})).status, 200);
    app.app.post('/callback', app.strategy.sendOnLogin(), (_req, res) => void res.send('next'));
    assert.equal((await browser.post('/callback', {}, { 'sec-purpose': 'prefetch' })).text, 'next');
    assert.deepEqual(app.emulator.requests(), []);
  });
});
