import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { type Visitor, visit } from '../support/browser.js';
import { type RunningExample, startExample } from '../support/example.js';
import { finish } from './support/finish.js';

/** The element with the focus: whether its focus ring is visible, and it is inside the window. */
const FOCUS = `{
  const element = document.activeElement;
  const ring = [element, element.closest('label')].find((part) => part && getComputedStyle(part).outlineStyle === 'solid');
  const { top, bottom, left, right } = (ring ?? element).getBoundingClientRect();
  const isWithin = bottom > 0 && top < innerHeight && left >= 0 && right <= innerWidth;
  ({
    name: element.labels?.[0]?.textContent.trim() ?? element.textContent.trim().replace(/\\s+/g, ' '),
    isSeen: ring !== undefined && isWithin,
    isBody: element === document.body,
  });
}`;

const WINDOWS = [
  { name: 'in a window of 1280 pixels', viewport: { width: 1280, height: 800 } },
  { name: 'in that window at 400 %', viewport: { width: 320, height: 200 } },
];

describe('a person with a keyboard only', () => {
  for (const { name, viewport } of WINDOWS) {
    describe(name, () => {
      let visitor: Visitor;
      let page: Page;
      let app: RunningExample;

      const begin = async () => {
        app = await startExample();
        visitor = await visit(app.url, { viewport });
        page = visitor.page;
        await page.goto('/login');
      };
      afterEach(() => finish(visitor, app));

      const focus = () => page.evaluate<{ name: string; isSeen: boolean; isBody: boolean }>(FOCUS);
      /** Presses Tab until this has the focus. Each stop on the way must be visible. */
      const tabTo = async (wanted: RegExp) => {
        for (let stops = 0; stops < 12; stops += 1) {
          const { name, isSeen, isBody } = await focus();
          if (!isBody) assert.ok(isSeen, `the focus on "${name}" cannot be seen`);
          if (!isBody && wanted.test(name)) return;
          await page.keyboard.press('Tab');
        }
        assert.fail(`Tab does not lead to ${wanted}`);
      };
      const type = (text: string) => page.keyboard.type(text);
      const key = (name: string) => page.keyboard.press(name);
      // With its stylesheet: without, the focus is not drawn as it is to be.
      const isAt = async (heading: string) => {
        await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
        await page.waitForLoadState('load');
      };
      const isToldAbout = async (text: string) => {
        await page.getByRole('alert').getByText(text).waitFor();
        await page.waitForLoadState('load');
      };
      const signIn = async (username: string) => {
        await tabTo(/^Name/);
        await type(username);
        await tabTo(/^Password/);
        await type(username);
        await key('Enter');
      };

      it('signs in, with a wrong code first', async () => {
        await begin();
        await signIn('alice');
        await isAt('How do you want to get your code?');
        await tabTo(/^Text message/);
        await key('ArrowDown');
        await tabTo(/^Phone call/);
        await tabTo(/^Send code/);
        await key('Space');
        await isAt('Enter the security code');
        await tabTo(/^Security code/);
        await type(app.wrongCode());
        await key('Enter');
        await isToldAbout('That code isn’t correct');
        // The field has the focus and is empty: the user types at once.
        await type(app.lastCode());
        await tabTo(/^Continue/);
        await key('Enter');
        await isAt('Your account');
        assert.equal(app.emulator.messages()[0]?.channel, 'call');
        await tabTo(/^Sign out/);
        await key('Enter');
        await isAt('Sign in');
      });

      it('registers a number, corrects it, and gets in', async () => {
        await begin();
        await signIn('bob');
        await isAt('Add your phone number');
        await tabTo(/^Country/);
        await type('United K');
        await tabTo(/^Phone number/);
        await type('07400 12345');
        await tabTo(/^Text message/);
        await tabTo(/^Send code/);
        await key('Enter');
        await isToldAbout('Enter a valid phone number');
        await tabTo(/^Enter a valid phone number/);
        await key('Enter');
        await tabTo(/^Phone number/);
        await key('End');
        await type('6');
        await key('Enter');
        await isAt('Enter the security code');
        await tabTo(/^Try another way/);
        await tabTo(/^Edit phone number/);
        await key('Enter');
        await isAt('Add your phone number');
        await tabTo(/^Phone number/);
        await key('Control+A');
        await type('07400 123456');
        await key('Enter');
        await isAt('Enter the security code');
        await tabTo(/^Security code/);
        await type(app.lastCode());
        await key('Enter');
        await isAt('Recovery codes');
        await tabTo(/^Create recovery codes/);
        await tabTo(/^Not now/);
        await key('Enter');
        await isAt('Your account');
        assert.equal(app.emulator.messages().at(-1)?.to, '+447400123456');
      });
    });
  }
});
