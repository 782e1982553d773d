import assert from 'node:assert/strict';
import { afterEach, describe, it, mock } from 'node:test';
import type { Page } from 'playwright-core';
import { type Visitor, visit } from '../support/browser.js';
import { type RunningExample, type RunningExampleOptions, startExample } from '../support/example.js';
import { finish } from './support/finish.js';
import { choose, enterCode, press, signIn } from './support/steps.js';

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

  describe('counts down until the code may be sent again', () => {
    /** Collects what the page shows of the wait, each time that it changes, and what it reads out. */
    const RECORD = `
      recorded = { shown: [], said: [] };
      for (const [name, place] of [['shown', '[data-resend-after]'], ['said', 'body > [role=status]']]) {
        const element = document.querySelector(place);
        const keep = () => element.textContent && recorded[name].push(element.textContent);
        new MutationObserver(keep).observe(element, { childList: true });
      }`;
    const recorded = (name: 'shown' | 'said') => page.evaluate<string[]>(`recorded.${name}`);

    const beginWithCode = async (context?: Parameters<typeof visit>[1]) => {
      mock.timers.enable({ apis: ['Date'], now: Date.now() });
      await begin({}, context);
      // Time passes on the page when it is told to, and not by itself beside that.
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

    it('in minutes, then in seconds, and then shows the button, which works without a reload', async () => {
      await beginWithCode();
      await passSeconds(100);
      const shown = await recorded('shown');
      assert.equal(shown.length > 5 && shown.every((text) => /again in (2 minutes|8\d seconds)\.$/.test(text)), true);
      const button = page.getByRole('button', { name: 'Send the code again' });
      assert.equal(await button.isVisible(), false);
      await passSeconds(81);
      assert.equal((await recorded('shown')).at(-1), 'You can ask for the code again now.');
      await button.click();
      await page.getByText('We sent the code again.').first().waitFor();
      assert.equal(app.emulator.messages().length, 2);
    });

    it('aloud twice only: a minute before, and when it is time', async () => {
      await beginWithCode();
      await passSeconds(185);
      assert.deepEqual(await recorded('said'), [
        'You can ask for the code again in 60 seconds.',
        'You can ask for the code again now.',
      ]);
    });

    it('in steps of ten seconds for whoever wants less motion', async () => {
      await beginWithCode({ reducedMotion: 'reduce' });
      await passSeconds(181);
      const seconds = (await recorded('shown')).flatMap((text) => text.match(/(\d+) seconds/)?.[1] ?? []);
      assert.deepEqual(seconds, ['90', '80', '70', '60', '50', '40', '30', '20', '10']);
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
    await page.getByText('You get the code in a phone call').waitFor();
  });

  it('moves the focus to what is wrong, and from there to the field', async () => {
    await begin();
    await signIn(page, 'alice');
    await choose(page, 'sms');
    await page.locator('#code:focus').waitFor();
    await enterCode(page, app.wrongCode());
    await page.locator('[role=alert]:focus').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('#code:focus').waitFor();
  });

  it('reads out what has been done', async () => {
    await begin({ twoFactor: { retryTimeSeconds: 0 } });
    await signIn(page, 'alice');
    await choose(page, 'sms');
    await press(page, 'Send the code again');
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
        // The script makes it: before, nobody looks at what is typed.
        await page.locator('body > [role=status]').waitFor({ state: 'attached' });
        if (from) await list.selectOption(from);
        await page.getByLabel('Phone number').pressSequentially(typed);
        assert.equal(await list.inputValue(), country);
      });
    }
  });
});
