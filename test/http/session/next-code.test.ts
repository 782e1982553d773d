import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { addUser, waitForCode } from '../../support/second-step.js';
import { startTestApp, type TestApp, type TestOptions } from '../../support/test-app.js';

before(() => mock.timers.enable({ apis: ['Date'], now: Date.now() }));
after(() => mock.timers.reset());

const start = (twoFactor: TestOptions = {}) => startTestApp({ twoFactor });

/** Methods that can send a code to a user of the app in a new session now. */
async function methodsFor(app: TestApp, userId: string): Promise<readonly string[]> {
  const methods: string[] = [];
  for (const method of ['sms', 'call', 'whatsapp']) {
    const browser = await app.signedIn(userId);
    const { messages } = app.emulator;
    const sent = messages().length;
    await browser.post('/2fa', { method });
    if (messages().length > sent) methods.push(method);
  }
  return methods;
}

describe('the next code', () => {
  it('the next code is sent at each of ten sign-ins in a row', async () => {
    const app = await start();
    const user = addUser(app);
    for (let count = 1; count <= 10; count += 1) {
      const { browser, code } = await waitForCode(app, user);
      assert.equal((await browser.post('/2fa/verify', { code })).status, 303);
      assert.equal((await browser.get('/account')).status, 200, `sign-in ${count}`);
    }
    assert.equal(app.emulator.messages(user.phone).length, 10);
  });

  it('the next code is sent by any method after a correct code, even by those that were tried before it', async () => {
    const app = await start();
    const { user, browser } = await waitForCode(app);
    await browser.post('/2fa', { method: 'call' });
    assert.deepEqual(await methodsFor(app, user.id), ['whatsapp'], 'the others have to wait');
    await browser.post('/2fa/verify', { code: await app.emulator.codeFor(user.phone) });
    assert.equal((await browser.get('/account')).status, 200);
    assert.deepEqual(await methodsFor(app, user.id), ['sms', 'call', 'whatsapp']);
  });

  it('the next code is sent by any method after Twilio answers that the last one has expired (20404)', async () => {
    const app = await start();
    const { user, browser, code } = await waitForCode(app);
    await browser.post('/2fa', { method: 'call' });
    app.emulator.fail({ call: 'check', status: 404, code: 20404 });
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa/failed');
    assert.deepEqual(await methodsFor(app, user.id), ['sms', 'call', 'whatsapp']);
  });

  it('the next code is sent by any method after the last one has expired by our clock, resent or not', async () => {
    const app = await start();
    const { user, browser, code } = await waitForCode(app);
    mock.timers.tick(500_000);
    await browser.post('/2fa/resend');
    mock.timers.tick(99_000);
    assert.deepEqual(await methodsFor(app, user.id), ['call', 'whatsapp'], 'a text message has to wait');
    mock.timers.tick(1_000);
    assert.ok((await methodsFor(app, user.id)).includes('sms'), 'its delay is no longer than the life of the code');
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa/failed');
  });

  it('the next code is sent by any method after five wrong codes', async () => {
    const app = await start();
    const { user, browser, wrong } = await waitForCode(app);
    await browser.post('/2fa', { method: 'call' });
    for (let count = 0; count < 5; count += 1) await browser.post('/2fa/verify', { code: wrong });
    assert.deepEqual(await methodsFor(app, user.id), ['sms', 'call', 'whatsapp']);
  });

  it('the next code waits for the first delay of a growing schedule after a correct code', async () => {
    const app = await start({ retryTimeSeconds: [30, 90] });
    const { user, browser } = await waitForCode(app);
    mock.timers.tick(30_000);
    await browser.post('/2fa/resend');
    await browser.post('/2fa/verify', { code: await app.emulator.codeFor(user.phone) });
    const second = await waitForCode(app, user);
    mock.timers.tick(30_000);
    await second.browser.post('/2fa/resend');
    assert.equal(app.emulator.messages(user.phone).length, 4);
  });

  it('the limit of a day refuses the next code, even if all codes were correct', async () => {
    const app = await start({ limits: { sendsPerUser: [{ points: 3, durationSeconds: 86_400 }] } });
    const user = addUser(app);
    for (let count = 0; count < 3; count += 1) {
      const { browser, code } = await waitForCode(app, user);
      await browser.post('/2fa/verify', { code });
    }
    assert.deepEqual(await methodsFor(app, user.id), []);
  });
});
