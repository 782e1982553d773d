import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Client } from '../../support/client.js';
import { lastCode } from '../../support/steps.js';
import { startTestApp, type TestApp, type TestOptions } from '../../support/test-app.js';

const NAVIGATION = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

const start = (twoFactor: TestOptions = {}) => startTestApp({ twoFactor: { allowedMethods: ['sms'], ...twoFactor } });

/** Whether the start page's script submits its form at once. */
async function postsItself(browser: Client, headers: Record<string, string> = {}): Promise<boolean> {
  const { status, text } = await browser.get('/2fa', { ...NAVIGATION, ...headers });
  assert.equal(status, 200);
  const isMarked = /<form[^>]* data-first>/.test(text);
  assert.equal(/name="first"/.test(text), isMarked);
  return isMarked;
}

const post = (browser: Client) => browser.post('/2fa', { method: 'sms', first: 'yes' }, NAVIGATION);

/** States in which the start page doesn't post itself. */
const STATES: readonly { readonly name: string; readonly arrive: (app: TestApp) => Promise<Client> }[] = [
  {
    name: 'after a cancel',
    arrive: async (app) => {
      const browser = await app.signedIn('ann');
      await post(browser);
      await browser.post('/2fa/cancel');
      return browser;
    },
  },
  {
    name: 'after a refused send',
    arrive: async (app) => {
      const browser = await app.signedIn('ann');
      app.emulator.fail({ call: 'create', code: 60205, status: 403 });
      assert.equal((await post(browser)).location, '/2fa/failed');
      return browser;
    },
  },
  {
    name: 'after a send that Twilio did not answer',
    arrive: async (app) => {
      const browser = await app.signedIn('ann');
      app.emulator.fail({ call: 'create', drop: true });
      assert.equal((await post(browser)).location, '/2fa/failed');
      return browser;
    },
  },
  {
    name: 'after an expired code',
    arrive: async (app) => {
      const browser = await app.signedIn('ann');
      await post(browser);
      app.emulator.fail({ call: 'check', code: 20404, status: 404 });
      assert.equal((await browser.post('/2fa/verify', { code: '123456' })).location, '/2fa/failed');
      return browser;
    },
  },
  {
    name: 'while a code is pending',
    arrive: async (app) => {
      const browser = await app.signedIn('ann');
      await post(browser);
      return browser;
    },
  },
  {
    name: 'with a notice to read',
    arrive: async (app) => {
      const browser = await app.signedIn('ann');
      await post(browser);
      const ann = app.users.get('ann');
      assert.ok(ann);
      ann.phone = '+12025550188';
      assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa');
      return browser;
    },
  },
];

describe('the start page with one method', () => {
  it('posts itself on each first navigation, sends nothing by itself, and does so again in the next session', async () => {
    const app = await start();
    const browser = await app.signedIn('ann');
    assert.equal(await postsItself(browser), true);
    assert.equal(await postsItself(browser, { 'sec-fetch-site': 'none' }), true);
    assert.deepEqual(app.emulator.requests(), []);
    assert.equal((await post(browser)).location, '/2fa/verify');
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.equal(await postsItself(await app.signedIn('eve')), true);
  });

  it('does not post itself with several methods', async () => {
    const app = await start({ allowedMethods: ['sms', 'call'] });
    assert.equal(await postsItself(await app.signedIn('ann')), false);
  });

  it('does not post itself for a registration', async () => {
    const browser = await (await start()).signedIn('ben');
    await browser.post('/2fa/register', { phoneNumber: '+12025550177' });
    assert.equal(await postsItself(browser), false);
  });

  for (const { name, headers } of [
    { name: 'a link on another site', headers: { 'sec-fetch-site': 'cross-site' } },
    { name: 'a browser that says nothing', headers: { 'sec-fetch-site': '' } },
    { name: 'a prefetch', headers: { 'sec-purpose': 'prefetch' } },
    { name: 'a prerendering', headers: { 'sec-purpose': 'prefetch;prerender' } },
    { name: 'an image', headers: { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' } },
    { name: 'a frame', headers: { 'sec-fetch-dest': 'iframe' } },
    { name: 'a link on the failed page', headers: { referer: 'http://any.example/2fa/failed' } },
    { name: 'a redirect that the start page began', headers: { referer: 'http://any.example/2fa' } },
  ]) {
    it(`does not post itself for ${name}`, async () => {
      assert.equal(await postsItself(await (await start()).signedIn('ann'), headers), false);
    });
  }

  for (const { name, arrive } of STATES) {
    it(`does not post itself ${name}`, async () => {
      const app = await start();
      assert.equal(await postsItself(await arrive(app)), false);
    });
  }

  it('does not post itself when Passport has a message to show', async () => {
    const app = await startTestApp({
      twoFactor: { allowedMethods: ['sms'] },
      routes: (express) => {
        express.get('/told', (req, res) => {
          (req.session as { messages?: string[] }).messages = ['Your session has expired.'];
          res.send('told');
        });
      },
    });
    const browser = await app.signedIn('ann');
    await browser.get('/told');
    assert.equal(await postsItself(browser), false);
    assert.equal(await postsItself(browser), true);
  });

  it('posts itself again after a send by a click', async () => {
    const app = await start({ retryTimeSeconds: 0 });
    const browser = await app.signedIn('ann');
    await post(browser);
    await browser.post('/2fa/cancel');
    assert.equal(await postsItself(browser), false);
    await browser.post('/2fa', { method: 'sms' });
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.equal((await app.record(browser))?.manual, undefined);
  });

  it('sends one code if two tabs post themselves, one after the other', async () => {
    const app = await start({ retryTimeSeconds: 0 });
    const browser = await app.signedIn('ann');
    for (const tab of [browser, browser]) assert.equal((await post(tab)).location, '/2fa/verify');
    assert.equal(app.emulator.messages().length, 1);
  });

  it('sends one code if two tabs post themselves at the same time', async () => {
    const app = await start({ retryTimeSeconds: 0 });
    const browser = await app.signedIn('ann');
    const answers = await Promise.all([post(browser), post(browser), post(browser)]);
    assert.deepEqual(
      answers.map(({ location }) => location),
      ['/2fa/verify', '/2fa/verify', '/2fa/verify'],
    );
    assert.equal(app.emulator.messages().length, 1);
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
  });
});
