import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { waitForCode } from '../support/second-step.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Maximum time until unreferenced objects are collected. The answer to a code is kept for 10 seconds. */
const GONE_WITHIN_MS = 5_000;

describe('a sign-in that is done', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp();
  });

  it('holds no request while its answer is kept for a second submit', async () => {
    const requests: WeakRef<object>[] = [];
    app.strategy.on('verificationApproved', ({ req }) => requests.push(new WeakRef(req)));
    for (let time = 0; time < 5; time += 1) {
      const { browser, code } = await waitForCode(app);
      assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa/success');
      assert.equal((await browser.get('/account')).status, 200);
    }
    assert.equal(requests.length, 5);
    const held = () => requests.filter((request) => request.deref()).length;
    const end = Date.now() + GONE_WITHIN_MS;
    do {
      // A weak reference that was read keeps its object alive until the turn ends.
      await setTimeout(50);
      collectGarbage();
    } while (held() > 0 && Date.now() < end);
    assert.equal(held(), 0);
  });
});
