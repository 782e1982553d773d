import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Visitor, visit } from '../support/browser.js';
import { type RunningExample, startExample } from '../support/example.js';
import { inArabic } from './support/in-arabic.js';
import { choose, enterCode, press, signIn } from './support/steps.js';

const NARROW = { width: 360, height: 740 };

for (const { name, options } of [
  { name: 'with a script', options: { viewport: NARROW } },
  { name: 'without a script', options: { viewport: NARROW, javaScriptEnabled: false } },
]) {
  describe(`a user who signs in from the same laptop each morning, ${name}, on 360 pixels`, () => {
    let app: RunningExample;
    let visitor: Visitor;
    before(async () => {
      app = await startExample();
      visitor = await visit(app.url, options);
    });
    after(async () => {
      await visitor?.close();
      await app?.stop();
    });

    it('the laptop is remembered, listed, and forgotten', async () => {
      const { page } = visitor;
      const heading = () => page.locator('h1').textContent();
      await signIn(page, 'alice');
      await choose(page, 'sms');
      const box = page.getByLabel('Don’t ask again on this device for 30 days');
      assert.equal(await box.isChecked(), false);
      // The label is a target too.
      await page.getByText('Don’t ask again on this device').click();
      assert.ok(await box.isChecked());
      await enterCode(page, app.lastCode());
      assert.equal(await heading(), 'Your account');
      const sent = app.emulator.messages().length;

      await press(page, 'Sign out');
      await signIn(page, 'alice');
      assert.equal(await heading(), 'Your account', 'no code the next time');
      assert.equal(app.emulator.messages().length, sent);

      await page.getByRole('link', { name: 'Security settings' }).click();
      assert.equal(await heading(), 'How do you want to get your code?', 'a device does not open the settings');
      await choose(page, 'call');
      assert.equal(await page.getByLabel('Don’t ask again').count(), 0, 'this device is remembered already');
      await enterCode(page, app.lastCode());
      assert.equal(await heading(), 'Security settings');
      const devices = page.getByRole('list').filter({ hasText: 'on Linux' });
      assert.equal(await devices.getByRole('listitem').count(), 1);
      assert.ok(await devices.getByText('This device').isVisible());
      await page.getByRole('button', { name: /^Forget .+ on Linux$/ }).click();
      await page.getByRole('main').getByText('The device was forgotten.').waitFor();
      assert.ok(await page.getByText('No device is remembered.').isVisible());

      await page.goto('/account');
      assert.equal(await heading(), 'Your account', 'the session goes on');
      await press(page, 'Sign out');
      await signIn(page, 'alice');
      assert.equal(await heading(), 'How do you want to get your code?');
      assert.deepEqual(visitor.complaints, []);
    });

    it('the preferred method is selected the next time', async () => {
      const { page } = visitor;
      await choose(page, 'whatsapp');
      await enterCode(page, app.lastCode());
      await page.goto('/2fa/security');
      await page.getByLabel('Phone call').check();
      await press(page, 'Save');
      assert.ok(await page.getByRole('main').getByText('Your preferred method was saved.').isVisible());
      assert.ok(await page.getByLabel('Phone call').isChecked());
      await page.goto('/account');
      await press(page, 'Sign out');
      await signIn(page, 'alice');
      assert.ok(await page.getByLabel('Phone call').isChecked());
      assert.deepEqual(visitor.complaints, []);
    });
  });
}

describe('the security page in Arabic, on 360 pixels', () => {
  it('the page is from right to left, and nothing overflows', () =>
    inArabic(async ({ app, page, text, check }) => {
      await page.getByRole('checkbox').check();
      await check();
      await page.getByLabel(text('verify.label')).fill(app.lastCode());
      await press(page, text('action.continue'));
      await page.goto('/2fa/security');
      assert.equal(await page.locator('h1').textContent(), text('security.title'));
      await check();
      await press(page, text('action.save'));
      await check();
    }));
});
