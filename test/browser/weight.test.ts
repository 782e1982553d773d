import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Response } from 'playwright-core';
import { visit } from '../support/browser.js';
import { startExample } from '../support/example.js';
import { choose, signIn } from './support/steps.js';

describe('the code page', () => {
  it('the code page loads in three requests and 14 KB, compressed, on a first load', async (test) => {
    const app = await startExample();
    test.after(() => app.stop());
    const { page } = await visit(app.url);
    await signIn(page, 'alice');
    await choose(page, 'sms');
    // The rest of the first visit must not count with the second one.
    await page.waitForURL('**/2fa/verify', { waitUntil: 'networkidle' });
    // A route keeps Chromium from taking anything out of its cache.
    await page.route('**', (route) => route.continue());
    const responses: Response[] = [];
    page.on('response', (response) => responses.push(response));
    await page.goto('/2fa/verify', { waitUntil: 'networkidle' });
    const parts = await Promise.all(
      responses.map(async (response) => ({
        file: new URL(response.url()).pathname,
        bytes: gzipSync(await response.body()).length,
      })),
    );
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
    test.diagnostic(`${bytes} bytes: ${parts.map((part) => `${part.file} ${part.bytes}`).join(', ')}`);
    assert.deepEqual(parts.map(({ file }) => file).sort(), [
      '/2fa/assets/twilio-2fa.css',
      '/2fa/assets/twilio-2fa.js',
      '/2fa/verify',
    ]);
    assert.ok(bytes <= 14 * 1024, `${bytes} bytes`);
  });
});
