import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Visitor, visit } from '../support/browser.js';
import { type RunningExample, startExample } from '../support/example.js';
import { axe } from './support/axe.js';
import { OVERFLOWING } from './support/overflow.js';
import { STATES } from './support/states.js';

/** As wide as a small phone, or as a window of 1280 pixels at 400 %; as high as the second. */
const NARROWEST = { width: 320, height: 256 };

const DESKTOP = { width: 1280, height: 720 };

/** WCAG 1.4.12: what people may set who read better so. */
const TEXT_SPACING = `for (const { style } of document.querySelectorAll('body, body *')) {
  style.lineHeight = '1.5';
  style.letterSpacing = '0.12em';
  style.wordSpacing = '0.16em';
}`;

/** Touch targets that are smaller than 44 pixels, except links within a sentence. */
const SMALL_TARGETS = `[...document.querySelectorAll('a, button, input:not([type=hidden], [type=radio], [type=checkbox]), select, label:is(.choice, .check)')]
  .filter((element) => element.checkVisibility() && !element.closest('.error-summary'))
  .filter((element) => element.getBoundingClientRect().height < 43.9)
  .map((element) => element.outerHTML.slice(0, 100))`;

/** Whether the page is the package's, and not the example's own, which is in English only. */
const isOurs = (name: string) => !/^(login|account|failed-signed-out)/.test(name);

for (const state of STATES) {
  describe(`the page "${state.name}"`, () => {
    let spoken = 'en';
    let app: RunningExample;
    let visitor: Visitor;
    before(async () => {
      // An application for each, as limits are of a user and not of a browser.
      app = await startExample({ ...state.options, twoFactor: { ...state.options?.twoFactor, locale: () => spoken } });
      visitor = await visit(app.url);
      await state.open(visitor.page, app);
      await visitor.page.waitForLoadState('load');
    });
    after(async () => {
      await visitor?.close();
      await app?.stop();
    });

    it(`axe-core finds no problem on the page "${state.name}"`, async () => {
      await visitor.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
      assert.deepEqual(await axe(visitor.page), []);
    });

    it(`the dark colors of the page "${state.name}" have enough contrast`, async () => {
      await visitor.page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
      assert.deepEqual(await axe(visitor.page, 'colors'), []);
    });

    it(`the title of the page "${state.name}" repeats its heading, after "Error:" if the page shows an error`, async () => {
      const { page } = visitor;
      const heading = await page.getByRole('heading', { level: 1 }).textContent();
      const brand = (await page.locator('.brand').count()) > 0 ? ' · Acme' : '';
      const hasError = (await page.getByRole('alert').count()) > 0;
      assert.equal(await page.title(), `${hasError ? 'Error: ' : ''}${heading}${brand}`);
    });

    it(`a finger can hit the targets on the page "${state.name}"`, async () => {
      assert.deepEqual(await visitor.page.evaluate(SMALL_TARGETS), []);
    });

    it('fits into 320 pixels, with wide text too, in either direction', async () => {
      const { page } = visitor;
      await page.setViewportSize(NARROWEST);
      for (const change of ['0', `document.documentElement.dir = 'rtl'`, TEXT_SPACING]) {
        await page.evaluate(change);
        assert.deepEqual(await page.evaluate(OVERFLOWING), [], change);
      }
    });

    const fromRightToLeft = `axe-core finds no problem from right to left, and the page fits into 320 pixels: ${state.name}`;
    if (isOurs(state.name))
      it(fromRightToLeft, async () => {
        const { page } = visitor;
        spoken = 'ar';
        await page.reload();
        assert.equal(await page.locator('html').getAttribute('dir'), 'rtl');
        assert.deepEqual(await page.evaluate(OVERFLOWING), []);
        await page.setViewportSize(DESKTOP);
        assert.deepEqual(await axe(page, 'not colors'), []);
      });

    it(`the page "${state.name}" breaks no policy, calls no other host, and has no script that fails`, () => {
      assert.deepEqual(visitor.complaints, []);
    });
  });
}
