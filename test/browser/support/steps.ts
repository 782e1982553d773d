import type { Page } from 'playwright-core';

/** What a person does on the pages, by what they can see. */

export async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

export async function signIn(page: Page, username: string, password = username): Promise<void> {
  await page.goto('/login');
  await page.getByLabel('Name').fill(username);
  await page.getByLabel('Password').fill(password);
  await press(page, 'Sign in');
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
