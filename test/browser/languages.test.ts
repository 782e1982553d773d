import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { type Visitor, visit } from '../support/browser.js';
import { type RunningExample, startExample } from '../support/example.js';
import { textLibrary } from '../support/texts.js';
import { finish } from './support/finish.js';
import { OVERFLOWING } from './support/overflow.js';
import { signIn } from './support/steps.js';

const library = textLibrary();
const LANGUAGES = readdirSync(path.join(__dirname, '../../views/locales')).map((file) => path.basename(file, '.json'));

const WALKS = [
  { locale: 'ar-EG', language: 'ar', direction: 'rtl', twilio: 'ar', zero: '٠' },
  { locale: 'ja-JP', language: 'ja', direction: 'ltr', twilio: 'ja', zero: '０' },
] as const;

/** The code as a person types it whose keyboard has these digits. */
const inDigitsFrom = (zero: string, code: string) =>
  code.replace(/\d/g, (digit) => String.fromCodePoint((zero.codePointAt(0) ?? 0) + Number(digit)));

for (const { locale, language, direction, twilio, zero } of WALKS) {
  describe(`a person whose browser speaks ${locale}`, () => {
    const { text } = library.for(language);
    let app: RunningExample;
    let visitor: Visitor;
    let page: Page;
    const press = (key: string) => page.getByRole('button', { name: text(key), exact: true }).click();
    const isInLanguage = async () => {
      const html = page.locator('html');
      assert.deepEqual([await html.getAttribute('lang'), await html.getAttribute('dir')], [language, direction]);
    };

    const begin = async (username: string) => {
      app = await startExample();
      visitor = await visit(app.url, { locale });
      page = visitor.page;
      await signIn(page, username);
      await isInLanguage();
    };
    afterEach(() => finish(visitor, app));

    it('signs in, over a wrong code, with the digits of the own keyboard', async () => {
      await begin('alice');
      assert.equal(await page.title(), text('start.title'));
      await page.locator('[name=method][value=sms]').check();
      await press('action.send');
      await isInLanguage();
      assert.equal(await page.title(), text('verify.title'));
      assert.equal(app.emulator.messages().at(-1)?.locale, twilio);

      await page.getByLabel(text('verify.label')).fill(inDigitsFrom(zero, app.wrongCode()));
      await press('action.continue');
      await isInLanguage();
      assert.equal(await page.title(), `${text('error.prefix')} ${text('verify.title')}`);
      const [wrong = ''] = text('refusal.code_wrong', { attemptsLeft: 4 }).split(/\d|٤/);
      assert.ok((await page.getByRole('alert').textContent())?.includes(wrong));

      await page.getByLabel(text('verify.label')).fill(inDigitsFrom(zero, app.lastCode()));
      await press('action.continue');
      await page.getByRole('heading', { name: 'Your account' }).waitFor();
      assert.deepEqual(visitor.complaints, []);
    });

    it('registers a number', async () => {
      await begin('bob');
      assert.equal(await page.title(), text('register.title'));
      const country = new Intl.DisplayNames(language, { type: 'region' }).of('GB') ?? '';
      assert.ok((await page.locator('#country option[value=GB]').textContent())?.includes(country));
      await page.locator('#country').selectOption('GB');
      await page.getByLabel(text('register.phoneNumber')).fill(inDigitsFrom(zero, '07400 123456'));
      await page.locator('[name=method][value=sms]').check();
      await press('action.send');
      await isInLanguage();
      assert.equal(app.emulator.messages().at(-1)?.to, '+447400123456');
      await page.getByLabel(text('verify.label')).fill(app.lastCode());
      await press('action.continue');
      await isInLanguage();
      await page.getByRole('link', { name: text('action.notNow') }).click();
      await page.getByRole('heading', { name: 'Your account' }).waitFor();
      assert.deepEqual(visitor.complaints, []);
    });
  });
}

describe('every language', () => {
  let spoken = 'en';
  let app: RunningExample;
  let alice: Visitor;
  let bob: Visitor;
  before(async () => {
    app = await startExample({ twoFactor: { locale: () => spoken, registerOptional: true, helpUrl: '/help' } });
    alice = await visit(app.url, { viewport: { width: 320, height: 640 } });
    bob = await visit(app.url, { viewport: { width: 320, height: 640 } });
    await signIn(alice.page, 'alice');
    await signIn(bob.page, 'bob');
    await alice.page.locator('[name=method][value=sms]').check();
    await alice.page.locator('form[action="/2fa"] button').click();
  });
  after(async () => {
    await bob?.close();
    await finish(alice, app);
  });

  for (const language of LANGUAGES) {
    it(`fits into 320 pixels: ${language}`, async () => {
      spoken = language;
      for (const [visitor, address] of [
        [alice, '/2fa'],
        [alice, '/2fa/verify'],
        [bob, '/2fa/register'],
      ] as const) {
        await visitor.page.goto(address);
        assert.equal(await visitor.page.locator('html').getAttribute('lang'), language);
        assert.deepEqual(await visitor.page.evaluate(OVERFLOWING), [], address);
      }
    });
  }
});
