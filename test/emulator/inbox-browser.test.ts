import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium';
import { CHROMIUM, find } from '../support/system-packages';
import { ALICE, BOB, setUp, stopAfterEach } from './support/fixture';

stopAfterEach();

const skip = find(CHROMIUM) ? false : `there is no ${CHROMIUM.command} here`;

describe('the inbox in a browser', { skip }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser.close());

  /** Opens the page; what the browser complains of is collected, a breach of the policy included. */
  async function open(url: string, options: Parameters<Browser['newPage']>[0] = {}) {
    const page = await browser.newPage(options);
    const complaints: string[] = [];
    page.on('console', (line) => complaints.push(line.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(url, { waitUntil: 'domcontentloaded' });
    return { page, complaints };
  }

  const bodies = (page: Page) => page.locator('.message p[lang]').allTextContents();

  it('shows a message as it comes, in the list too', async () => {
    const { emulator, send } = await setUp();
    const { page, complaints } = await open(emulator.url);
    await page.getByText('No messages yet').waitFor();
    await send(ALICE);
    await page.locator('.message.sms').waitFor();
    await send(ALICE, 'call');
    await page.locator('.message.call').waitFor();
    assert.deepEqual(
      await bodies(page),
      emulator.messages().map((message) => message.body),
    );
    assert.equal(await page.getByText('No messages yet').isVisible(), false);
    assert.equal(await page.locator('#people li').count(), 2);
    assert.equal(await page.locator('.divider').count(), 1);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('keeps to the number that was chosen', async () => {
    const { emulator, send } = await setUp();
    await send(ALICE);
    const { page } = await open(emulator.url);
    await page.getByRole('link', { name: /\+1 202 555 0123/ }).click();
    await page.waitForURL(/to=/);
    await send(BOB);
    await page.getByRole('link', { name: /\+1 202 555 0124/ }).waitFor();
    assert.equal(await page.locator('.message').count(), 1);
    assert.equal(await page.getByRole('heading', { level: 2 }).textContent(), '+1 202 555 0123');
    await page.close();
  });

  it('gives the log a name and a role for screen readers', async () => {
    const { emulator, send } = await setUp();
    await send(ALICE, 'call');
    const { page } = await open(emulator.url);
    const log = page.getByRole('log', { name: 'All messages' });
    assert.match((await log.textContent()) ?? '', /Incoming call from Emulator/);
    assert.match(await log.ariaSnapshot(), /Call to \+12025550123/);
    await page.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`passes axe in ${colorScheme}`, async () => {
      const { emulator, send } = await setUp();
      for (const channel of ['sms', 'call', 'whatsapp']) await send(ALICE, channel);
      await send('ann@example.com', 'email');
      // The page's content security policy blocks axe.
      const { page } = await open(emulator.url, { colorScheme, bypassCSP: true });
      await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
      const found = await page.evaluate('axe.run().then((result) => result.violations.map((rule) => rule.id))');
      assert.deepEqual(found, []);
      await page.close();
    });
  }

  it('fits into a window of 320 pixels without sideways scrolling', async () => {
    const { emulator, send, service } = await setUp();
    await service.verifications.create({ to: ALICE, channel: 'sms', customFriendlyName: 'W'.repeat(30) });
    for (const channel of ['call', 'whatsapp']) await send(ALICE, channel);
    const { page } = await open(emulator.url, { viewport: { width: 320, height: 568 } });
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 320);
    assert.ok(Number(await page.evaluate('document.getElementById("log").scrollWidth')) <= 320);
    await page.close();
  });

  it('reloads itself without a script', async () => {
    const { emulator, send } = await setUp();
    const { page } = await open(emulator.url, { javaScriptEnabled: false });
    await send(ALICE);
    await page.locator('.message.sms').waitFor({ timeout: 10_000 });
    await page.close();
  });

  it('shows an empty page after a reset', async () => {
    const { emulator, send } = await setUp();
    await send(ALICE);
    const { page } = await open(emulator.url);
    await page.locator('.message').waitFor();
    emulator.reset();
    await page.getByText('No messages yet').waitFor();
    await page.close();
  });

  it('copies a code', async () => {
    const { emulator, send } = await setUp();
    await send(ALICE);
    const { page } = await open(emulator.url, { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.getByRole('button', { name: 'Copy code' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), await emulator.codeFor(ALICE));
    await page.close();
  });
});
