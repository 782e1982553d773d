import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Visitor, visit } from '../support/browser.js';
import { type RunningExample, startExample } from '../support/example.js';
import { inArabic } from './support/in-arabic.js';
import { giveCodes, press, shownCodes, signIn } from './support/steps.js';

const NARROW = { width: 360, height: 740 };

for (const { name, options } of [
  { name: 'with a script', options: { viewport: NARROW } },
  { name: 'without a script', options: { viewport: NARROW, javaScriptEnabled: false } },
]) {
  describe(`a user who lost the phone, ${name}, on 360 pixels`, () => {
    let app: RunningExample;
    let visitor: Visitor;
    before(async () => {
      app = await startExample();
      visitor = await visit(app.url, options);
    });
    after(async () => {
      await visitor?.close();
      await app?.stop();
    });

    it('the user gets in with a recovery code, and replaces the number', async () => {
      const { page } = visitor;
      const codes = await giveCodes(page, app);
      assert.equal(codes.length, 10);
      await page.getByRole('link', { name: /Use a recovery code/ }).click();
      await page.getByLabel('Recovery code').fill((codes[1] ?? '').toLowerCase().replaceAll('-', ''));
      await press(page, 'Continue');
      assert.ok((await page.locator('main').textContent())?.includes('Unused recovery codes: 9'));
      await page.getByRole('link', { name: 'Change phone number' }).click();
      await page.getByLabel('New phone number').fill('+44 7400 123456');
      await page.getByLabel('Country').selectOption('GB');
      await press(page, 'Send code');
      await page.getByLabel('Security code').fill(app.lastCode());
      await press(page, 'Continue');
      await page.goto('/account');
      assert.ok((await page.locator('main').textContent())?.includes('+447400123456'));
      assert.deepEqual(visitor.complaints, []);
    });
  });
}

describe('the page with new recovery codes', () => {
  let app: RunningExample;
  let visitor: Visitor;
  before(async () => {
    app = await startExample();
    visitor = await visit(app.url, { permissions: ['clipboard-read', 'clipboard-write'] });
  });
  after(async () => {
    await visitor?.close();
    await app?.stop();
  });

  it('the codes can be copied, saved, and printed, and the file has all of them', async () => {
    const { page } = visitor;
    await signIn(page, 'alice');
    await page.locator('[name=method][value=sms]').check();
    await press(page, 'Send code');
    await page.getByLabel('Security code').fill(app.lastCode());
    await press(page, 'Continue');
    await page.goto('/2fa/recovery-codes');
    await press(page, 'Create recovery codes');
    const codes = await shownCodes(page);

    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), codes.join('\n'));

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'recovery-codes.txt');

    await page.emulateMedia({ media: 'print' });
    assert.ok(await page.locator('.codes').isVisible());
    assert.ok(!(await page.getByRole('button', { name: 'Activate codes' }).isVisible()));
    await page.emulateMedia({ media: 'screen' });
    assert.deepEqual(visitor.complaints, []);
  });

  it('a screen reader reads the list of codes by its name, and the field with its hint', async () => {
    const { page } = visitor;
    assert.equal(await page.getByRole('list', { name: 'Your new recovery codes' }).count(), 1);
    const field = page.getByLabel('Enter one of the new codes');
    const described = (await field.getAttribute('aria-describedby')) ?? '';
    const texts = await Promise.all(described.split(' ').map((id) => page.locator(`#${id}`).textContent()));
    assert.ok(texts.join(' ').includes('The new codes work after this step.'));
  });
});

describe('recovery in Arabic, on 360 pixels', () => {
  it('the pages are from right to left, the codes from left to right, and nothing overflows', () =>
    inArabic(async ({ app, page, text, check }) => {
      await page.getByLabel(text('verify.label')).fill(app.lastCode());
      await press(page, text('action.continue'));
      await page.goto('/2fa/recovery-codes');
      await press(page, text('action.createCodes'));
      await check();
      assert.equal(await page.locator('.codes').getAttribute('dir'), 'ltr');
      const [code = ''] = await shownCodes(page);
      await page.getByLabel(text('recoveryCodes.confirm.label')).fill(code);
      await press(page, text('action.activateCodes'));
      await page.goto('/account');
      await press(page, 'Sign out');
      await signIn(page, 'alice');
      await page.getByRole('link', { name: text('action.useRecoveryCode') }).click();
      await check();
      await page.getByLabel(text('recovery.label')).fill(code);
      await press(page, text('action.continue'));
      await check();
    }));
});
