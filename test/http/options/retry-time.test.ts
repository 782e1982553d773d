import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import type { Client } from '../../support/client.js';
import { assertSays, hasForm } from '../../support/page.js';
import { withCode } from '../../support/steps.js';
import { startTestApp, type TestApp, type TestOptions } from '../../support/test-app.js';

before(() => mock.timers.enable({ apis: ['Date'], now: Date.now() }));
after(() => mock.timers.reset());

const start = (twoFactor: TestOptions) => startTestApp({ twoFactor });

/** Whether asking for the code again sends it. */
async function resends(app: TestApp, browser: Client): Promise<boolean> {
  const sentBefore = app.emulator.messages().length;
  const { location } = await browser.post('/2fa/resend');
  assert.equal(location, '/2fa/verify');
  return app.emulator.messages().length > sentBefore;
}

describe('option "retryTimeSeconds"', () => {
  it('a delay that is longer than the life of a code ends with the code', async () => {
    const app = await start({ retryTimeSeconds: 900 });
    const browser = await withCode(app, 'ann');
    mock.timers.tick(599_000);
    assert.equal(await resends(app, browser), false);
    mock.timers.tick(1_000);
    assert.equal((await browser.get('/2fa/verify')).location, '/2fa/failed');
    assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
    assert.equal(app.emulator.messages().length, 2, 'a new code was sent');
    assert.equal(await resends(app, browser), false);
  });

  it('a delay for a number that is registered ends with its code', async () => {
    const app = await start({ retryTimeSeconds: 900 });
    const browser = await app.signedIn('ben');
    const number = { phoneNumber: '+12025550177', method: 'sms' };
    assert.equal((await browser.post('/2fa/register', number)).location, '/2fa/verify');
    mock.timers.tick(600_000);
    assert.equal((await browser.post('/2fa/register', number)).location, '/2fa/verify');
    assert.equal(app.emulator.messages().length, 2, 'a new code was sent');
  });

  for (const { name, options, seconds } of [
    { name: 'is 180 by default', options: {}, seconds: 180 },
    { name: 'may be another number', options: { retryTimeSeconds: 45 }, seconds: 45 },
    { name: 'may be a callback', options: { retryTimeSeconds: async () => 20 }, seconds: 20 },
    {
      name: 'keeps its default where a callback gives nothing',
      options: { retryTimeSeconds: () => null },
      seconds: 180,
    },
  ]) {
    it(name, async () => {
      const app = await start(options);
      const browser = await withCode(app, 'ann');
      mock.timers.tick(seconds * 1000 - 1);
      assert.equal(await resends(app, browser), false);
      mock.timers.tick(1);
      assert.equal(await resends(app, browser), true);
    });
  }

  it('retryTimeSeconds can be 0: a resend at once', async () => {
    const app = await start({ retryTimeSeconds: 0 });
    const browser = await withCode(app, 'ann');
    assert.equal(await resends(app, browser), true);
  });

  it('retryTimeSeconds calls a callback for every user', async () => {
    const app = await start({ retryTimeSeconds: ({ user }) => (user.id === 'ann' ? 0 : 60) });
    assert.equal(await resends(app, await withCode(app, 'ann')), true);
    assert.equal(await resends(app, await withCode(app, 'eve')), false);
  });

  it('retryTimeSeconds can be a list: a growing schedule that repeats its last entry', async () => {
    const app = await start({ retryTimeSeconds: [30, 40, 60] });
    const browser = await withCode(app, 'ann');
    for (const seconds of [30, 40, 60, 60]) {
      mock.timers.tick(seconds * 1000 - 1);
      assert.equal(await resends(app, browser), false, `before ${seconds} seconds`);
      mock.timers.tick(1);
      assert.equal(await resends(app, browser), true, `after ${seconds} seconds`);
    }
  });

  it('retryTimeSeconds does not delay a send by another method', async () => {
    const app = await start({});
    const browser = await withCode(app, 'ann', 'sms');
    assert.equal((await browser.post('/2fa', { method: 'call' })).location, '/2fa/verify');
    assert.deepEqual(
      app.emulator.messages().map(({ channel }) => channel),
      ['sms', 'call'],
    );
  });

  it('the resend delay also holds on the start page, and in a new session, which joins the code', async () => {
    const app = await start({});
    const browser = await withCode(app, 'ann');
    assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
    const other = await app.signedIn('ann');
    assert.equal((await other.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
    assertSays((await other.get('/2fa/verify')).text, 'verify.resendLater', { wait: '3 minutes' });
    const resent = await other.post('/2fa/resend', {}, { accept: 'application/json' });
    assert.deepEqual([resent.status, resent.headers['retry-after']], [429, '180']);
    assert.equal(app.emulator.messages().length, 1);
  });

  it('the wait until the next send is rounded up to whole seconds', async () => {
    const app = await start({});
    const browser = await withCode(app, 'ann');
    mock.timers.tick(500);
    const answer = await browser.post('/2fa/resend', {}, { accept: 'application/json' });
    assert.deepEqual([answer.status, answer.headers['retry-after']], [429, '180']);
  });

  it('the code page counts down retryTimeSeconds', async () => {
    const app = await start({ retryTimeSeconds: 60 });
    const browser = await withCode(app, 'ann');
    mock.timers.tick(15_000);
    const early = (await browser.get('/2fa/verify')).text;
    assert.match(early, /data-resend-after="45"/);
    assertSays(early, 'verify.resendLater', { wait: '45 seconds' });
    assert.equal(hasForm(early, '/2fa/resend'), false);
    mock.timers.tick(45_000);
    assert.ok(hasForm((await browser.get('/2fa/verify')).text, '/2fa/resend'));
  });
});
