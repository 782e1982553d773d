import assert from 'node:assert/strict';
import { afterEach, describe, it, mock } from 'node:test';
import type { Page } from 'playwright-core';
import { type Visitor, visit } from '../support/browser.js';
import { type RunningExample, type RunningExampleOptions, startExample } from '../support/example.js';
import { finish } from './support/finish.js';
import { choose, declineCodes, enterCode, enterNumber, press, signIn } from './support/steps.js';

const BOB = '+447400123456';

describe('a person without a number', () => {
  for (const javaScriptEnabled of [true, false]) {
    describe(javaScriptEnabled ? 'with a script' : 'without a script', () => {
      let visitor: Visitor;
      let page: Page;
      let app: RunningExample;

      const begin = async (options?: RunningExampleOptions) => {
        app = await startExample(options);
        visitor = await visit(app.url, { javaScriptEnabled });
        page = visitor.page;
      };
      const storedNumber = async () => {
        const bob = app.example.users.byPassword('bob', 'bob');
        return bob && (await app.example.users.phoneNumberOf(bob));
      };
      afterEach(() => finish(visitor, app));

      it('registers one, which is stored only when its code was right', async () => {
        await begin();
        await signIn(page, 'bob');
        assert.equal(await page.title(), 'Add your phone number');
        await enterNumber(page, 'GB', '07400 123456');
        await page.getByText('+44 7400 123456').waitFor();
        assert.equal(await storedNumber(), undefined);
        await enterCode(page, app.wrongCode());
        assert.equal(await storedNumber(), undefined);
        await enterCode(page, app.lastCode());
        assert.equal(await storedNumber(), BOB);
        await declineCodes(page);
        await page.getByRole('heading', { name: 'Your account' }).waitFor();
      });

      it('a user mistypes a number, sees an error, and finds everything as it was typed', async () => {
        await begin();
        await signIn(page, 'bob');
        await enterNumber(page, 'DE', '0151-23', 'whatsapp');
        assert.equal(await page.title(), 'Error: Add your phone number');
        const field = page.getByLabel('Phone number');
        assert.equal(await field.inputValue(), '0151-23');
        assert.equal(await field.getAttribute('aria-invalid'), 'true');
        assert.equal(await page.getByLabel('Country').inputValue(), 'DE');
        assert.equal(await page.getByLabel('WhatsApp').isChecked(), true);
        await page.getByRole('alert').getByRole('link').click();
        assert.equal(new URL(page.url()).hash, '#phoneNumber');
        assert.equal(app.emulator.messages().length, 0);
        await field.fill('0151 23456789');
        await press(page, 'Send code');
        await page.getByText('We sent your code to +49 1512 3456789 on WhatsApp.').waitFor();
      });

      it('corrects it after the code was sent, and proves the right one', async () => {
        await begin();
        await signIn(page, 'bob');
        await enterNumber(page, 'GB', '07400 123457');
        await page.getByRole('link', { name: 'Edit phone number' }).click();
        const field = page.getByLabel('Phone number');
        assert.equal(await field.inputValue(), '+44 7400 123457');
        assert.equal(await page.getByLabel('Country').inputValue(), 'GB');
        await field.fill('+44 7400 123456');
        await press(page, 'Send code');
        await enterCode(page, app.lastCode());
        await declineCodes(page);
        await page.getByRole('heading', { name: 'Your account' }).waitFor();
        assert.equal(await storedNumber(), BOB);
      });

      it('leaves it for later, where that is allowed', async () => {
        await begin({ twoFactor: { registerOptional: true } });
        await signIn(page, 'bob');
        await press(page, 'Skip for now');
        await page.getByRole('heading', { name: 'Your account' }).waitFor();
        assert.equal(await storedNumber(), undefined);
      });

      it('changes it later: the old number stays until the code of the new one was right', async () => {
        await begin();
        await signIn(page, 'bob');
        await enterNumber(page, 'GB', '07400 123456');
        await enterCode(page, app.lastCode());
        await declineCodes(page);
        await page.getByRole('link', { name: 'Change phone number' }).click();
        await enterNumber(page, 'JP', '090-1234-5678');
        assert.equal(await storedNumber(), BOB);
        await enterCode(page, app.lastCode());
        await page.getByText('Your phone number was changed.').first().waitFor();
        assert.equal(await storedNumber(), '+819012345678');
        await page.getByRole('link', { name: 'Continue' }).click();
        await page.getByText('+819012345678').waitFor();
      });

      it('a change requires a code first if the last one is five minutes old, and can still be canceled', async () => {
        mock.timers.enable({ apis: ['Date'], now: Date.now() });
        await begin();
        await signIn(page, 'alice');
        await choose(page, 'sms');
        await enterCode(page, app.lastCode());
        mock.timers.tick(6 * 60_000);
        await page.getByRole('link', { name: 'Change phone number' }).click();
        await choose(page, 'sms');
        await enterCode(page, app.lastCode());
        assert.equal(await page.title(), 'Change your phone number');
        await press(page, 'Cancel');
        await page.getByRole('heading', { name: 'Your account' }).waitFor();
      });

      it('a user cancels a change, on either page, and keeps the number', async () => {
        await begin();
        await signIn(page, 'alice');
        await choose(page, 'sms');
        await enterCode(page, app.lastCode());
        await page.getByRole('link', { name: 'Change phone number' }).click();
        await press(page, 'Cancel');
        await page.getByRole('heading', { name: 'Your account' }).waitFor();
        await page.getByRole('link', { name: 'Change phone number' }).click();
        await enterNumber(page, 'JP', '090-1234-5678');
        await press(page, 'Cancel');
        await page.getByRole('heading', { name: 'Your account' }).waitFor();
        await page.getByText('+12025550123').waitFor();
      });
    });
  }
});
