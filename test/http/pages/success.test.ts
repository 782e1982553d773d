import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertSays, linksTo } from '../../support/page.js';
import { lastCode, withCode } from '../../support/steps.js';
import { startTestApp, type TestOptions } from '../../support/test-app.js';

describe('GET /success (success.html)', () => {
  const success = async (twoFactor: TestOptions = {}) =>
    (await (await startTestApp({ twoFactor })).verified('ann')).get('/2fa/success');

  it('the success page appears for a verified user', async () => {
    const { status, text } = await success();
    assert.equal(status, 200);
    assertSays(text, 'success.text');
    assert.ok(linksTo(text, '/2fa/change'));
  });

  it('the success page redirects everyone else to the start: 303', async () => {
    const app = await startTestApp();
    for (const browser of [await app.signedIn('ann'), await withCode(app, 'eve'), await app.signedIn('ben')]) {
      const { status, location } = await browser.get('/2fa/success');
      assert.deepEqual([status, location], [303, '/2fa']);
    }
  });

  it('the success page no longer appears when the verification is too old', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const app = await startTestApp({ twoFactor: { maxAgeSeconds: 60 } });
    const browser = await app.verified('ann');
    assert.equal((await browser.get('/2fa/success')).status, 200);
    t.mock.timers.tick(60_000);
    assert.equal((await browser.get('/2fa/success')).location, '/2fa');
  });

  it('the success page links to the next page, if one exists', async () => {
    assert.ok(linksTo((await success({ verifySuccessUrl: '/home?a=1' })).text, '/home?a=1'));
    assert.equal(linksTo((await success()).text, '/2fa/success'), false);
  });

  it('the success page has no link to a change if none is possible', async () => {
    assert.equal(linksTo((await success({ allowChange: false })).text, '/2fa/change'), false);
  });

  it('the success page links to the page that the strategy stopped', async () => {
    const app = await startTestApp();
    const browser = await app.signedIn('ann');
    await browser.get('/account?tab=4');
    await browser.post('/2fa', { method: 'sms' });
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.ok(linksTo((await browser.get('/2fa/success')).text, '/account?tab=4'));
  });
});
