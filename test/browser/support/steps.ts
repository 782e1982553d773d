import type { Page } from 'playwright-core';
import type { RunningExample } from '../../support/example.js';

/** The steps of a person on the pages, who finds everything by its visible text. */

/**
 * Presses a button, and waits until the next page has loaded with its styles and its script: an earlier action would
 * still reach the old page. On the example's single page, no button leads to another page.
 */
export async function press(page: Page, name: string): Promise<void> {
  const isSinglePage = new URL(page.url()).pathname === '/app';
  const button = page.getByRole('button', { name, exact: true });
  await Promise.all([isSinglePage ? undefined : page.waitForEvent('load'), button.click()]);
}

export async function signIn(page: Page, username: string, password = username): Promise<void> {
  await page.goto('/login');
  await page.getByLabel('Name').fill(username);
  await page.getByLabel('Password').fill(password);
  await press(page, 'Sign in');
}

/** Signs in a user with one method, to whom the start page's script sends the code: the code page is next. */
export async function signInToCode(page: Page, username: string): Promise<void> {
  await signIn(page, username);
  await page.locator('#code').waitFor();
  await page.waitForLoadState('load');
}

export async function choose(page: Page, method: string): Promise<void> {
  await page.locator(`[name=method][value=${method}]`).check();
  await press(page, 'Send code');
}

export async function enterCode(page: Page, code: string): Promise<void> {
  await page.getByLabel('Security code').fill(code);
  await press(page, 'Continue');
}

export async function enterNumber(page: Page, country: string, phoneNumber: string, method = 'sms'): Promise<void> {
  await page.getByLabel('Country').selectOption(country);
  await page.getByLabel('hone number').fill(phoneNumber);
  await choose(page, method);
}

/** The codes that the page shows. */
export function shownCodes(page: Page): Promise<string[]> {
  return page.locator('.codes li').allTextContents();
}

/** Creates recovery codes for alice, and signs her in again, up to the start page. */
export async function giveCodes(page: Page, app: RunningExample): Promise<string[]> {
  await signIn(page, 'alice');
  await choose(page, 'sms');
  await enterCode(page, app.lastCode());
  await page.getByRole('link', { name: 'Recovery codes' }).click();
  await press(page, 'Create recovery codes');
  const codes = await shownCodes(page);
  await page.getByLabel('Enter one of the new codes').fill(codes[0] ?? '');
  await press(page, 'Activate codes');
  await page.goto('/account');
  await press(page, 'Sign out');
  await signIn(page, 'alice');
  return codes;
}

/** Continues without recovery codes, which the app offers after a registration. */
export async function declineCodes(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Not now' }).click();
}
