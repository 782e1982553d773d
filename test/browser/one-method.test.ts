import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { type Visitor, visit } from '../support/browser.js';
import { type RunningExample, type RunningExampleOptions, startExample } from '../support/example.js';
import { finish } from './support/finish.js';
import { enterCode, press, signInToCode } from './support/steps.js';

const LANDLINE = '+19075550205';

describe('a person with one method', () => {
  let visitor: Visitor;
  let page: Page;
  let app: RunningExample;

  const begin = async ({ twoFactor, ...rest }: RunningExampleOptions = {}) => {
    app = await startExample({ twoFactor: { allowedMethods: ['sms'], retryTimeSeconds: 0, ...twoFactor }, ...rest });
    visitor = await visit(app.url);
    page = visitor.page;
  };
  afterEach(() => finish(visitor, app));

  /** Signs in without a page, so that the test decides which page is opened first. */
  const signInUnseen = () =>
    page.request.post('/login', { form: { username: 'alice', password: 'alice' }, maxRedirects: 0 });
  const isAtStart = async () => {
    await page.getByRole('button', { name: 'Send code', exact: true }).waitFor();
    await page.waitForLoadState('load');
    assert.equal(new URL(page.url()).pathname, '/2fa');
  };
  const isAtCode = async () => {
    await page.locator('#code').waitFor();
    await page.waitForLoadState('load');
  };
  const sent = () => app.emulator.messages().length;

  it('goes from the protected page to the code page, and gets in', async () => {
    await begin();
    await signInToCode(page, 'alice');
    assert.equal(sent(), 1);
    await enterCode(page, app.lastCode());
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    assert.equal(sent(), 1);
  });

  it('types the URL of the protected page, and gets one code', async () => {
    await begin();
    await signInUnseen();
    await page.goto('/account');
    await isAtCode();
    assert.equal(sent(), 1);
  });

  it('goes back and forward, and reloads, and gets no second code', async () => {
    await begin();
    await signInToCode(page, 'alice');
    await page.reload();
    await isAtCode();
    await page.goBack();
    await page.waitForLoadState('load');
    // The start page has left no entry of its own in the history.
    assert.equal(new URL(page.url()).pathname, '/login');
    await page.goForward();
    await isAtCode();
    await page.goto('/account');
    await isAtStart();
    await page.reload();
    await isAtStart();
    assert.equal(sent(), 1);
  });

  it('reloads the start page without a code pending, and gets no code before a click', async () => {
    await begin();
    await signInUnseen();
    // Marked by the server, as on a first navigation; the browser knows that it is a reload.
    await page.goto('/2fa', { referer: `${app.url}/2fa/failed` });
    await isAtStart();
    await page.route('**/2fa', (route) => {
      const headers = { ...route.request().headers() };
      delete headers.referer;
      return route.continue({ headers });
    });
    await page.reload();
    await isAtStart();
    assert.equal(sent(), 0);
    await press(page, 'Send code');
    await isAtCode();
    assert.equal(sent(), 1);
  });

  it('the reason why no code can be sent is shown once, and only a click tries again', async () => {
    await begin({ alicePhoneNumber: LANDLINE });
    await signInUnseen();
    await page.goto('/account');
    await page.waitForURL('**/2fa/failed');
    const calls = app.emulator.requests().length;
    assert.equal(calls, 1);
    await page.goto('/account');
    await isAtStart();
    await page.reload();
    await isAtStart();
    assert.equal(app.emulator.requests().length, calls);
  });

  it('a page reports that Twilio is down, and does not redirect from page to page', async () => {
    await begin();
    app.emulator.fail({ call: 'create', status: 503, times: 10 });
    await signInUnseen();
    await page.goto('/account');
    await page.getByRole('heading', { name: 'Security codes aren’t available right now' }).waitFor();
    const calls = app.emulator.requests().length;
    await page.getByRole('link', { name: 'Try again' }).click();
    await isAtStart();
    assert.equal(app.emulator.requests().length, calls);
  });

  it('opens two tabs at once, and gets one code', async () => {
    await begin();
    await signInUnseen();
    const other = await page.context().newPage();
    await Promise.all([page.goto('/account'), other.goto('/account')]);
    await Promise.all([page, other].map((tab) => tab.locator('#code, a[href$="/2fa/verify"]').first().waitFor()));
    assert.equal(sent(), 1);
    await page.goto('/2fa/verify');
    await enterCode(page, app.lastCode());
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
  });

  it('follows a link on another site, and gets a code after a click only', async () => {
    await begin();
    await signInUnseen();
    const site = createServer((_req, res) => {
      res.setHeader('content-type', 'text/html');
      res.end(`<title>Other</title><img src="${app.url}/2fa"><a href="${app.url}/account">Go</a>`);
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    try {
      const stranger = await page.context().newPage();
      // Another host, because another port of the same host is the same site.
      await stranger.goto(`http://localhost:${(site.address() as AddressInfo).port}/`);
      await stranger.getByRole('link').click();
      await stranger.getByRole('button', { name: 'Send code', exact: true }).waitFor();
      await stranger.waitForLoadState('load');
      assert.equal(sent(), 0);
      await press(stranger, 'Send code');
      await stranger.locator('#code').waitFor();
      assert.equal(sent(), 1);
    } finally {
      site.closeAllConnections();
      site.close();
    }
  });

  it('an image, a frame, or a prefetch on a page of the app sends no code', async () => {
    await begin();
    await signInUnseen();
    await page.goto('/login');
    const loaded = page.waitForResponse((response) => response.request().resourceType() === 'image');
    await page.evaluate(`{
      const image = new Image();
      image.src = '/2fa';
      document.body.append(image);
      const link = document.createElement('link');
      Object.assign(link, { rel: 'prefetch', href: '/2fa' });
      document.head.append(link);
    }`);
    await loaded;
    await page.waitForLoadState('networkidle');
    assert.equal(sent(), 0);
  });
});
