import assert from 'node:assert/strict';
import { afterEach, describe, it, mock } from 'node:test';
import type { Page } from 'playwright-core';
import { type Visitor, visit } from '../support/browser.js';
import { type RunningExample, type RunningExampleOptions, startExample } from '../support/example.js';
import { finish } from './support/finish.js';
import { choose, enterNumber, press, signIn } from './support/steps.js';

describe('the script of the pages', () => {
  let visitor: Visitor;
  let page: Page;
  let app: RunningExample;

  const begin = async (options?: RunningExampleOptions, context: Parameters<typeof visit>[1] = {}) => {
    app = await startExample(options);
    visitor = await visit(app.url, context);
    page = visitor.page;
  };
  afterEach(() => finish(visitor, app));

  describe('counts down on the button that sends the code again', () => {
    /** Collects the labels of the button, and the texts that the page reads out. */
    const RECORD = `
      recorded = { shown: [], said: [] };
      for (const [name, place] of [['shown', '[data-resend-after] button'], ['said', 'body > [role=status]']]) {
        const element = document.querySelector(place);
        const keep = () => element.textContent && recorded[name].push(element.textContent);
        new MutationObserver(keep).observe(element, { childList: true });
      }`;
    const recorded = (name: 'shown' | 'said') => page.evaluate<string[]>(`recorded.${name}`);
    const button = () => page.getByRole('button', { name: /^Resend code/ });

    const beginWithCode = async (context?: Parameters<typeof visit>[1], options: RunningExampleOptions = {}) => {
      mock.timers.enable({ apis: ['Date'], now: Date.now() });
      await begin(options, context);
      // Time passes on the page only if the test advances it.
      await page.clock.install();
      await page.clock.pauseAt(Date.now() + 60_000);
      await signIn(page, 'alice');
      await choose(page, 'sms');
      await page.evaluate(RECORD);
    };
    const passSeconds = async (seconds: number) => {
      mock.timers.tick(seconds * 1000);
      await page.clock.runFor(seconds * 1000);
    };

    it('the countdown ends with a button that works without a reload', async () => {
      await beginWithCode();
      assert.equal(await button().textContent(), 'Resend code (3:00)');
      assert.equal(await button().isDisabled(), true);
      await passSeconds(138);
      const shown = await recorded('shown');
      assert.deepEqual([shown.at(0), shown.at(-1)], ['Resend code (2:59)', 'Resend code (0:42)']);
      assert.equal(new Set(shown).size, shown.length, 'each second once');
      await passSeconds(43);
      assert.equal((await recorded('shown')).at(-1), 'Resend code');
      assert.equal(await button().isDisabled(), false);
      await button().click();
      await page.getByText('We sent the code again.').first().waitFor();
      assert.equal(app.emulator.messages().length, 2);
    });

    it("the countdown never goes up if the computer's clock is set back", async () => {
      await beginWithCode();
      await passSeconds(30);
      await page.clock.setSystemTime(Date.now() - 3_600_000);
      await page.clock.runFor(30_000);
      assert.equal((await recorded('shown')).at(-1), 'Resend code (2:00)');
    });

    it('the countdown of a long delay begins at the life of the code', async () => {
      await beginWithCode({}, { twoFactor: { retryTimeSeconds: 3_723 } });
      assert.equal(await button().textContent(), 'Resend code (10:00)');
    });

    it('the page reads out only that the code can be sent again', async () => {
      await beginWithCode();
      await passSeconds(185);
      assert.deepEqual(await recorded('said'), ['You can resend the code now.']);
    });

    it('the button counts down in steps of ten seconds for users who want less motion', async () => {
      await beginWithCode({ reducedMotion: 'reduce' });
      await passSeconds(41);
      assert.deepEqual(await recorded('shown'), [
        'Resend code (2:50)',
        'Resend code (2:40)',
        'Resend code (2:30)',
        'Resend code (2:20)',
      ]);
    });
  });

  it('posts a form once, until the page comes back', async () => {
    await begin();
    await signIn(page, 'alice');
    await choose(page, 'sms');
    // A listener after the page's own sees whether that has let the form through.
    const isStopped = await page.evaluate(`{
      const form = document.querySelector('form');
      const stopped = [];
      addEventListener('submit', (event) => {
        stopped.push(event.defaultPrevented);
        event.preventDefault();
      });
      form.requestSubmit();
      form.requestSubmit();
      const isMarked = form.querySelector('button').getAttribute('aria-disabled');
      dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
      form.requestSubmit();
      ({ stopped, isMarked });
    }`);
    assert.deepEqual(isStopped, { stopped: [false, true, false], isMarked: 'true' });
  });

  it('lets a form be posted again after going back', async () => {
    await begin();
    await signIn(page, 'alice');
    await choose(page, 'sms');
    await page.goBack();
    await choose(page, 'call');
    await page.getByText('We’re calling the number ending in 0123 with your code.').waitFor();
  });

  it('a form with several fields moves the focus to the error, and from there to the field', async () => {
    await begin();
    await signIn(page, 'bob');
    await enterNumber(page, 'US', '12');
    await page.locator('[role=alert]:focus').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('#phoneNumber:focus').waitFor();
  });

  it('reads out what has been done', async () => {
    await begin({ twoFactor: { retryTimeSeconds: 0 } });
    await signIn(page, 'alice');
    await choose(page, 'sms');
    await press(page, 'Resend code');
    await page.locator('body > [role=status]', { hasText: 'We sent the code again.' }).waitFor({ state: 'attached' });
  });

  describe('guesses the country from a typed +', () => {
    const guesses = [
      { name: 'a country of its own', typed: '+49 151', country: 'DE' },
      { name: 'the largest of those that share a calling code', typed: '+1', from: 'DE', country: 'US' },
      { name: 'the chosen one of those that share it', typed: '+1 604', from: 'CA', country: 'CA' },
      { name: 'a calling code of three digits', typed: '+(353) 1', country: 'IE' },
      { name: 'nothing from a number without a +', typed: '0049', from: 'FR', country: 'FR' },
      { name: 'nothing from a calling code that is not in the list', typed: '+7 912', from: 'FR', country: 'FR' },
    ];
    for (const { name, typed, from, country } of guesses) {
      it(name, async () => {
        await begin({ twoFactor: { allowedCountries: ['US', 'CA', 'DE', 'FR', 'IE'] } });
        await signIn(page, 'bob');
        const list = page.getByLabel('Country');
        await list.waitFor();
        // The script creates it. Before that, nothing reads the typed text.
        await page.locator('body > [role=status]').waitFor({ state: 'attached' });
        if (from) await list.selectOption(from);
        await page.getByLabel('Phone number').pressSequentially(typed);
        assert.equal(await list.inputValue(), country);
      });
    }
  });
});
