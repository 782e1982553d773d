import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { type Visitor, visit } from '../support/browser.js';
import { type RunningExample, type RunningExampleOptions, startExample } from '../support/example.js';
import { axe } from './support/axe.js';
import { finish } from './support/finish.js';
import { OVERFLOWING } from './support/overflow.js';
import { choose, enterCode, enterNumber, press } from './support/steps.js';

describe('the example’s single page', () => {
  let visitor: Visitor;
  let page: Page;
  let app: RunningExample;

  const begin = async (options?: RunningExampleOptions) => {
    app = await startExample(options);
    visitor = await visit(app.url, { viewport: { width: 320, height: 640 }, reducedMotion: 'reduce' });
    page = visitor.page;
    await page.goto('/app');
    await see('Sign in');
  };
  const signIn = async (username: string, password = username) => {
    await page.getByLabel('Name').fill(username);
    await page.getByLabel('Password').fill(password);
    await press(page, 'Sign in');
  };
  const storedNumber = (username: string) => {
    const user = app.example.users.byPassword(username, username);
    return user && app.example.users.phoneNumberOf(user);
  };

  /** Waits for a screen, and checks its accessibility. */
  async function see(heading: string, error?: string): Promise<void> {
    await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
    if (error) await page.getByRole('alert').getByText(error).waitFor();
    assert.equal(await page.title(), error ? `Error: ${heading}` : heading);
    assert.equal(new URL(page.url()).pathname, '/app', 'no other page was loaded');
    assert.notEqual(await page.evaluate('document.activeElement.tagName'), 'BODY', 'the focus is where the news is');
    assert.deepEqual(await page.evaluate(OVERFLOWING), []);
    await page.emulateMedia({ colorScheme: 'light' });
    assert.deepEqual(await axe(page), [], heading);
    await page.emulateMedia({ colorScheme: 'dark' });
    assert.deepEqual(await axe(page, 'colors'), [], `${heading}, dark`);
  }

  afterEach(() => finish(visitor, app));

  it('signs alice in, with a wrong password and a wrong code in between, and out again', async () => {
    await begin();
    await signIn('alice', 'wrong');
    await see('Sign in', 'The name or the password is not correct.');
    await signIn('alice');
    await see('How do you want to get your code?');
    await choose(page, 'call');
    await see('Enter the security code');
    await page.getByText('to •••• 0123').waitFor();
    await enterCode(page, app.wrongCode());
    await see('Enter the security code', 'You have 4 tries left.');
    const field = page.getByLabel('Security code');
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    await page.getByRole('alert').getByRole('link').click();
    assert.equal(await page.evaluate('document.activeElement.id'), 'code');
    await enterCode(page, app.lastCode());
    await see('Your account');
    await page.getByText('+12025550123').waitFor();
    await page.reload();
    await see('Your account');
    await press(page, 'Sign out');
    await see('Sign in');
    await page.reload();
    await see('Sign in');
  });

  it('registers bob’s number, which is mistyped at first, and changes it later', async () => {
    await begin();
    await signIn('bob');
    await see('Add your phone number');
    await enterNumber(page, 'GB', '07400');
    await see('Add your phone number', 'Enter a valid phone number.');
    assert.equal(await page.getByLabel('Phone number').inputValue(), '07400');
    await enterNumber(page, 'GB', '07400 123456');
    await see('Enter the security code');
    await page.getByText('+44 7400 123456').waitFor();
    await enterCode(page, app.wrongCode());
    await see('Enter the security code', 'That code isn’t correct.');
    assert.equal(await storedNumber('bob'), undefined);
    await enterCode(page, app.lastCode());
    await see('Recovery codes');
    assert.equal(await storedNumber('bob'), '+447400123456');
    await page.locator('.notices').getByText('Your phone number was added.').waitFor();
    await page.locator('#status').getByText('Your phone number was added.').waitFor();
    await press(page, 'Not now');
    await see('Your account');

    await press(page, 'Change phone number');
    await see('Change your phone number');
    await enterNumber(page, 'JP', '090-1234-5678', 'whatsapp');
    await see('Enter the security code');
    await enterCode(page, app.lastCode());
    await see('Your account');
    assert.equal(await storedNumber('bob'), '+819012345678');
  });

  it('creates recovery codes, and gets in with one', async () => {
    await begin();
    await signIn('alice');
    await choose(page, 'sms');
    await see('Enter the security code');
    await enterCode(page, app.lastCode());
    await see('Your account');
    await press(page, 'Recovery codes');
    await see('Recovery codes');
    await press(page, 'Create recovery codes');
    await page.getByLabel('Enter one of the new codes').waitFor();
    const [code = ''] = await page.locator('#codes li').allTextContents();
    await page.getByLabel('Enter one of the new codes').fill(code);
    await press(page, 'Activate codes');
    await see('Your account');
    await press(page, 'Sign out');
    await see('Sign in');
    await signIn('alice');
    await see('How do you want to get your code?');
    await press(page, 'Can’t access your phone? Use a recovery code');
    await see('Enter a recovery code');
    await page.getByLabel('Recovery code').fill('0000-0000-0000-0000');
    await press(page, 'Continue');
    await see('Enter a recovery code', 'This recovery code isn’t correct');
    await page.getByLabel('Recovery code').fill(code);
    await press(page, 'Continue');
    await see('Your account');
  });

  it('the single page counts down until the code may be sent again, then sends it and confirms that', async () => {
    await begin({ twoFactor: { retryTimeSeconds: [2, 60] } });
    await signIn('alice');
    await choose(page, 'sms');
    await see('Enter the security code');
    const again = page.getByRole('button', { name: 'Resend code' });
    await page.getByText('You can resend the code in 2 seconds.').or(again).first().waitFor();
    await page.locator('#status').getByText('You can resend the code now.').waitFor();
    await again.click();
    await page.locator('.notices').getByText('We sent the code again.').waitFor();
    assert.equal(await again.isVisible(), false);
    assert.equal(app.emulator.messages().length, 2);
    await enterCode(page, app.lastCode());
    await see('Your account');
  });

  it('finds its way back after a reload, to another method, and out of a change', async () => {
    await begin();
    await signIn('alice');
    await choose(page, 'sms');
    await see('Enter the security code');
    await page.reload();
    await see('Enter the security code');
    await press(page, 'Try another way');
    await see('How do you want to get your code?');
    await press(page, 'Enter a code you already have');
    await see('Enter the security code');
    await enterCode(page, app.lastCode());
    await see('Your account');
    await press(page, 'Change phone number');
    await see('Change your phone number');
    await press(page, 'Cancel');
    await see('Your account');
    assert.equal(await storedNumber('alice'), '+12025550123');
  });

  it('leaves registration for later, where that is allowed', async () => {
    await begin({ twoFactor: { registerOptional: true } });
    await signIn('bob');
    await see('Add your phone number');
    await press(page, 'Skip for now');
    await see('Your account');
  });

  it('the single page reports a used-up code, and gets another', async () => {
    await begin();
    await signIn('alice');
    await choose(page, 'sms');
    await see('Enter the security code');
    for (const left of ['4 tries', '3 tries', '2 tries', '1 try']) {
      await enterCode(page, app.wrongCode());
      await page.getByRole('alert').getByText(`You have ${left} left.`).waitFor();
    }
    await enterCode(page, app.wrongCode());
    await see('There’s a problem');
    await page.getByText('A wrong code was entered too many times.').waitFor();
    await press(page, 'Try again');
    await choose(page, 'sms');
    await see('Enter the security code');
    await enterCode(page, app.lastCode());
    await see('Your account');
  });

  it('the single page reports a lockout, and offers only the sign-out', async () => {
    await begin({ twoFactor: { limits: { wrongCodesPerLock: 1 } } });
    await signIn('alice');
    await choose(page, 'sms');
    await see('Enter the security code');
    await enterCode(page, app.wrongCode());
    await see('There’s a problem');
    await page.getByText('Try again in 15 minutes.').waitFor();
    assert.deepEqual(await page.getByRole('button').allTextContents(), ['Sign out']);
    await press(page, 'Sign out');
    await see('Sign in');
  });

  it('the single page reports that Twilio is down, and accepts the code later', async () => {
    await begin();
    await signIn('alice');
    await choose(page, 'sms');
    await see('Enter the security code');
    app.emulator.fail({ call: 'check', status: 503 });
    await enterCode(page, app.lastCode());
    await page.getByText('We can’t send or check codes right now.').first().waitFor();
    await press(page, 'Enter a code you already have');
    await enterCode(page, app.lastCode());
    await see('Your account');
  });

  it('asks for a sign-in when the session has ended', async () => {
    await begin();
    await signIn('alice');
    await see('How do you want to get your code?');
    await page.context().clearCookies();
    await press(page, 'Send code');
    await see('Sign in', 'Sign in first.');
  });
});
