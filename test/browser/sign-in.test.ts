import assert from 'node:assert/strict';
import { afterEach, describe, it, mock } from 'node:test';
import type { Page } from 'playwright-core';
import { type Visitor, visit } from '../support/browser.js';
import { type RunningExample, type RunningExampleOptions, startExample } from '../support/example.js';
import { finish } from './support/finish.js';
import { choose, enterCode, press, signIn, signInToCode } from './support/steps.js';

const ALICE = '+12025550123';

describe('a person who signs in', () => {
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
      afterEach(() => finish(visitor, app));

      it('a user chooses SMS, types the code, and is signed in; after a sign-out, a code is required again', async () => {
        await begin();
        await page.goto('/account');
        assert.equal(new URL(page.url()).pathname, '/login');
        await signIn(page, 'alice');
        assert.equal(await page.title(), 'How do you want to get your code?');
        await choose(page, 'sms');
        await page.getByText('ending in 0123').waitFor();
        assert.equal((await page.content()).includes('202555'), false);
        assert.deepEqual(
          app.emulator.messages().map(({ to, channel }) => [to, channel]),
          [[ALICE, 'sms']],
        );
        await enterCode(page, app.lastCode());
        await page.getByRole('heading', { name: 'Your account' }).waitFor();

        await press(page, 'Sign out');
        await page.goto('/account');
        assert.equal(new URL(page.url()).pathname, '/login');
        await signIn(page, 'alice');
        assert.equal(new URL(page.url()).pathname, '/2fa');
      });

      it('types a wrong code, gets the empty field with the error, and then types the right one', async () => {
        await begin();
        await signIn(page, 'alice');
        await choose(page, 'sms');
        await enterCode(page, app.wrongCode());
        assert.equal(await page.title(), 'Error: Enter the security code');
        await page.getByRole('alert').getByText('That code isn’t correct.').waitFor();
        assert.equal(await page.getByText('That code isn’t correct.').count(), 1);
        await page.locator('#code:focus').waitFor();
        const field = page.getByLabel('Security code');
        assert.equal(await field.inputValue(), '');
        assert.equal(await field.getAttribute('aria-invalid'), 'true');
        const describedBy = (await field.getAttribute('aria-describedby'))?.split(' ') ?? [];
        assert.match((await page.locator(`#${describedBy[0]}`).textContent()) ?? '', /You have 4 tries left/);
        await page.keyboard.type(`${app.lastCode().slice(0, 3)} ${app.lastCode().slice(3)}`);
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { name: 'Your account' }).waitFor();
      });

      it('reloads, and goes back, after a wrong code without another check', async () => {
        await begin();
        await signIn(page, 'alice');
        await choose(page, 'sms');
        await enterCode(page, app.wrongCode());
        await page.getByRole('alert').waitFor();
        const calls = app.emulator.requests().length;
        await page.reload();
        assert.equal(await page.getByRole('alert').count(), 0);
        assert.equal(await page.title(), 'Enter the security code');
        await page.goBack();
        await page.goForward();
        await page.getByLabel('Security code').waitFor();
        assert.equal(app.emulator.requests().length, calls);
        await enterCode(page, app.lastCode());
        await page.getByRole('heading', { name: 'Your account' }).waitFor();
      });

      it('a user reads when the code may be sent again, and sends it again at that time', async () => {
        mock.timers.enable({ apis: ['Date'], now: Date.now() });
        await begin();
        await signIn(page, 'alice');
        await choose(page, 'sms');
        const button = page.getByRole('button', { name: /^Resend code/ });
        const sentence = page.getByText('You can resend the code in 3 minutes. Then reload this page.');
        assert.equal(await sentence.isVisible(), !javaScriptEnabled);
        assert.equal(await button.isVisible(), javaScriptEnabled);
        if (javaScriptEnabled) assert.equal(await button.isDisabled(), true);
        mock.timers.tick(60_000);
        await page.reload();
        if (!javaScriptEnabled) await page.getByText('You can resend the code in 2 minutes.').waitFor();
        mock.timers.tick(120_000);
        await page.reload();
        await press(page, 'Resend code');
        await page.getByRole('status').getByText('We sent the code again.').first().waitFor();
        assert.equal(app.emulator.messages(ALICE).length, 2);
        await enterCode(page, app.lastCode());
        await page.getByRole('heading', { name: 'Your account' }).waitFor();
      });

      it('takes another method at once, and comes back to the code that was sent before', async () => {
        await begin();
        await signIn(page, 'alice');
        await choose(page, 'sms');
        await page.getByRole('link', { name: 'Try another way' }).click();
        await page.getByRole('link', { name: 'Enter a code you already have' }).click();
        await page.getByText('We texted your code').waitFor();
        await page.getByRole('link', { name: 'Try another way' }).click();
        await choose(page, 'call');
        await page.getByText('We’re calling the number ending in').waitFor();
        assert.deepEqual(
          app.emulator.messages(ALICE).map(({ channel }) => channel),
          ['sms', 'call'],
        );
        await enterCode(page, app.lastCode());
        await page.getByRole('heading', { name: 'Your account' }).waitFor();
      });

      it('a user with only one method does not choose', async () => {
        await begin({ twoFactor: { allowedMethods: ['call'] } });
        if (javaScriptEnabled) {
          await signInToCode(page, 'alice');
        } else {
          await signIn(page, 'alice');
          assert.equal(await page.getByRole('radio').count(), 0);
          await press(page, 'Send code');
        }
        assert.equal(app.emulator.messages().length, 1);
        assert.equal(await page.getByRole('link', { name: 'Try another way' }).count(), 0);
        await enterCode(page, app.lastCode());
        await page.getByRole('heading', { name: 'Your account' }).waitFor();
      });

      it('a user loses nothing if Twilio is down when the code is checked', async () => {
        await begin();
        await signIn(page, 'alice');
        await choose(page, 'sms');
        app.emulator.fail({ call: 'check', status: 503 });
        await enterCode(page, app.lastCode());
        await page.getByRole('heading', { name: 'Security codes aren’t available right now' }).waitFor();
        await page.getByRole('link', { name: 'Enter a code you already have' }).click();
        await enterCode(page, app.lastCode());
        await page.getByRole('heading', { name: 'Your account' }).waitFor();
      });

      it('a user sees how long a lockout lasts, and signs in after it', async () => {
        mock.timers.enable({ apis: ['Date'], now: Date.now() });
        await begin({ twoFactor: { limits: { wrongCodesPerLock: 2 } } });
        await signIn(page, 'alice');
        await choose(page, 'sms');
        await enterCode(page, app.wrongCode());
        await enterCode(page, app.wrongCode());
        assert.equal(await page.title(), 'Verification is locked');
        await page.getByText('Try again in 15 minutes.').waitFor();
        assert.equal(await page.getByRole('link', { name: 'Try again' }).count(), 0);
        mock.timers.tick(15 * 60_000);
        await page.reload();
        await page.getByRole('link', { name: 'Try again' }).click();
        await choose(page, 'sms');
        await enterCode(page, app.lastCode());
        await page.getByRole('heading', { name: 'Your account' }).waitFor();
      });
    });
  }
});
