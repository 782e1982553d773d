import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { visit } from '../../support/browser.js';
import { type RunningExample, startExample } from '../../support/example.js';
import { textLibrary } from '../../support/texts.js';
import { axe } from './axe.js';
import { OVERFLOWING } from './overflow.js';
import { press, signIn } from './steps.js';

const NARROW = { width: 360, height: 740 };

/** The code page of alice, in Arabic. */
export interface ArabicVisit {
  readonly app: RunningExample;
  readonly page: Page;
  /** Text of the pages in Arabic. */
  readonly text: (key: string) => string;
  /** Asserts that the page is from right to left, that axe-core finds nothing, and that nothing overflows. */
  readonly check: () => Promise<void>;
}

/**
 * Signs alice in on a narrow screen in Arabic, has a code sent, and runs `steps`. Asserts that the browser complains
 * about nothing.
 */
export async function inArabic(steps: (visit: ArabicVisit) => Promise<void>): Promise<void> {
  const { text } = textLibrary().for('ar');
  const app = await startExample({ twoFactor: { locale: 'ar' } });
  const visitor = await visit(app.url, { viewport: NARROW, locale: 'ar-EG' });
  const { page } = visitor;
  const check = async () => {
    assert.deepEqual([await page.locator('html').getAttribute('dir'), await axe(page)], ['rtl', []]);
    assert.deepEqual(await page.evaluate(OVERFLOWING), []);
  };
  try {
    await signIn(page, 'alice');
    await page.locator('[name=method][value=sms]').check();
    await press(page, text('action.send'));
    await steps({ app, page, text, check });
    assert.deepEqual(visitor.complaints, []);
  } finally {
    await visitor.close();
    await app.stop();
  }
}
