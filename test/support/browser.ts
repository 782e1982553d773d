import { after } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Browser, BrowserContextOptions, Page, Route } from 'playwright-core';
import { launchChromium } from './chromium.js';

let launched: Promise<Browser> | undefined;

// One browser for a test file. Separate users have separate contexts.
after(async () => (await launched)?.close());

/** Someone at a browser, with cookies of their own. */
export interface Visitor {
  readonly page: Page;
  /**
   * Problems that a person doesn't see: a violation of the content security policy, an error in a script, a request to
   * another host, or a missing file.
   */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** Opens a browser for someone who visits this application. */
export async function visit(url: string, options: BrowserContextOptions = {}): Promise<Visitor> {
  launched ??= launchChromium();
  const context = await (await launched).newContext({ baseURL: url, ...options });
  if (process.env.SLOW_NETWORK) await context.route('**/*', answerLate);
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints = watch(page, url);
  return { page, complaints, close: () => context.close() };
}

/** Pages come late, and what belongs to them later still: a test that acts before a page is whole is caught at it. */
async function answerLate(route: Route): Promise<void> {
  await setTimeout(['script', 'stylesheet'].includes(route.request().resourceType()) ? 400 : 150);
  // The page may have been left.
  await route.continue().catch(() => {});
}

/** Collects what goes wrong on a page. */
function watch(page: Page, url: string): readonly string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (line) => {
    // Chromium logs the status of a page with an error. A test can focus the field before `autofocus` does.
    const isExpected = /^(Failed to load resource|Autofocus processing was blocked)/.test(line.text());
    if (!isExpected) complaints.push(line.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== url) complaints.push(`request to ${request.url()}`);
  });
  page.on('response', (response) => {
    // Pages with errors, and answers to scripts, have such a status on purpose.
    const isAnswer = ['document', 'fetch'].includes(response.request().resourceType());
    if (!isAnswer && response.status() >= 400) complaints.push(`${response.status()} for ${response.url()}`);
  });
  return complaints;
}
