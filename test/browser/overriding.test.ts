import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { visit } from '../support/browser.js';
import { type RunningExampleOptions, startExample } from '../support/example.js';
import { choose, signIn } from './support/steps.js';

describe('an application that makes the pages its own', () => {
  const begin = async (test: TestContext, twoFactor: NonNullable<RunningExampleOptions['twoFactor']>) => {
    const app = await startExample({ twoFactor });
    const visitor = await visit(app.url);
    test.after(async () => {
      await visitor.close();
      await app.stop();
    });
    return { app, ...visitor };
  };

  for (const { colorScheme, link } of [
    { colorScheme: 'light', link: 'rgb(122, 31, 162)' },
    { colorScheme: 'dark', link: 'color(srgb' },
  ] as const) {
    it(`a few lines of a stylesheet set the color and font of an app, ${colorScheme}`, async (test) => {
      const { app, page, complaints } = await begin(test, { stylesheets: ['/brand.css'] });
      app.example.app.get('/brand.css', (_req, res) => {
        res.type('css').send(':root { --twilio-2fa-accent: #7a1fa2; --twilio-2fa-font: Georgia, serif; }');
      });
      await page.emulateMedia({ colorScheme });
      await signIn(page, 'alice');
      await choose(page, 'sms');
      const style = (element: string, property: string) =>
        page.evaluate<string>(`getComputedStyle(document.querySelector('${element}')).${property}`);
      assert.equal(await style('button', 'backgroundColor'), 'rgb(122, 31, 162)');
      assert.ok((await style('.links a', 'color')).startsWith(link));
      assert.equal(await style('body', 'fontFamily'), 'Georgia, serif');
      assert.deepEqual(complaints, []);
    });
  }

  it("an icon of the app's font replaces our icon, in the heading too", async (test) => {
    const views = mkdtempSync(path.join(tmpdir(), 'views-'));
    test.after(() => rmSync(views, { recursive: true }));
    writeFileSync(
      path.join(views, 'verify.html'),
      '{% extends "_base.html" %}{% block header_icon_class %}fas fa-lock{% endblock %}',
    );
    const methodDisplay = () => ({ icon: 'fas fa-phone' });
    const { page } = await begin(test, { views, methodDisplay });
    await signIn(page, 'alice');
    assert.equal(await page.locator('header svg').isVisible(), true);
    assert.equal(await page.locator('.choice i.fas.fa-phone').count(), 3);
    assert.equal(await page.locator('.choice svg').count(), 0);
    await choose(page, 'sms');
    await page.locator('.header-icon.fas.fa-lock').waitFor();
    assert.equal(await page.locator('header svg').isVisible(), false);
  });
});
