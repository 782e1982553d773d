import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FactorStore } from 'passport-twilio-verify';
import { assertSays, linksTo } from '../../support/page.js';
import { BreakableStore, createCodes, getJson, giveCodes, postJson, WRONG_CODE } from '../../support/recovery.js';
import { lastCode, withCode } from '../../support/steps.js';
import { startTestApp, type TestOptions } from '../../support/test-app.js';

async function start(options: TestOptions = {}) {
  const store = new BreakableStore();
  const app = await startTestApp({ twoFactor: { store, recoveryCodes: true, ...options } });
  return { app, store };
}

const down = () => Promise.reject(new Error('connection refused'));

const FAILURES: readonly { readonly name: string; readonly broken: Partial<FactorStore> }[] = [
  { name: 'is down', broken: { load: down, save: down } },
  { name: 'throws', broken: { load: () => assert.fail('not connected') } },
  { name: 'returns null', broken: { load: async () => null as never } },
  { name: 'returns text', broken: { load: async () => 'garbage' as never } },
  { name: 'returns an old schema', broken: { load: async () => ({ record: { schema: 0 }, revision: 'r' }) } },
  {
    name: 'returns a damaged set',
    broken: { load: async () => ({ record: { schema: 1, recoveryCodes: {} }, revision: 'r' }) },
  },
];

describe('a factor store that fails', () => {
  for (const { name, broken } of FAILURES) {
    it(`a store that ${name} stops recovery only, and nothing is lost when it is back`, async () => {
      const { app, store } = await start();
      const codes = await giveCodes(app, 'ann');
      store.broken = broken;

      const browser = await app.signedIn('ann');
      assert.ok(linksTo((await browser.get('/2fa')).text, '/2fa/recovery'));
      const { status, body } = await postJson(browser, '/2fa/recovery', { code: codes[0] });
      assert.deepEqual([status, body.code], [503, 'recovery_unavailable']);
      assert.equal((await browser.get('/2fa/recovery')).location, '/2fa/failed');
      const failed = (await browser.get('/2fa/failed')).text;
      assertSays(failed, 'failed.title.recovery_unavailable');
      assert.ok(!linksTo(failed, '/2fa/recovery'));
      assert.notEqual((await browser.get('/account')).status, 200);

      await browser.post('/2fa', { method: 'call' });
      await browser.post('/2fa/verify', { code: lastCode(app) });
      assert.equal((await browser.get('/account')).status, 200, 'a code by phone call works');
      assert.equal((await postJson(browser, '/2fa/recovery-codes')).body.code, 'recovery_unavailable');

      store.broken = {};
      const next = await app.signedIn('ann');
      const wrong = await postJson(next, '/2fa/recovery', { code: WRONG_CODE });
      assert.equal(wrong.body.attemptsLeft, 9, 'what the store could not check was no guess');
      assert.equal((await postJson(next, '/2fa/recovery', { code: codes[0] })).body.result, 'approved');
    });
  }

  it('a store that does not answer stops recovery after 3 seconds', async (t) => {
    const { app, store } = await start();
    const [code = ''] = await giveCodes(app, 'ann');
    const browser = await app.signedIn('ann');
    let isAsked: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    t.mock.timers.enable({ apis: ['setTimeout'] });
    store.broken = {
      load: () => {
        isAsked();
        return new Promise(() => undefined);
      },
    };
    const answer = postJson(browser, '/2fa/recovery', { code });
    await asked;
    t.mock.timers.tick(3_000);
    assert.equal((await answer).body.code, 'recovery_unavailable');
  });

  for (const { name, save } of [
    { name: 'rejects', save: down },
    { name: 'answers with a row count', save: async () => 1 as never },
    { name: 'loses every race', save: async () => false },
  ]) {
    it(`a write that ${name} verifies no one`, async () => {
      const { app, store } = await start();
      const [code = ''] = await giveCodes(app, 'ann');
      store.broken = { save };
      const browser = await app.signedIn('ann');
      const { status, body } = await postJson(browser, '/2fa/recovery', { code });
      assert.deepEqual([status, body.code], [503, 'recovery_unavailable']);
      assert.notEqual((await browser.get('/account')).status, 200);
      store.broken = {};
      assert.equal((await postJson(browser, '/2fa/recovery', { code })).body.result, 'approved');
    });
  }

  it('a process warning names the cause, once', async () => {
    const warnings: (Error & { code?: string })[] = [];
    const keep = (warning: Error) => warnings.push(warning);
    process.on('warning', keep);
    const { app, store } = await start();
    store.broken = { load: () => Promise.reject(new Error('no route to the database')) };
    const browser = await app.signedIn('ann');
    for (let count = 0; count < 3; count += 1) await browser.get('/2fa/recovery');
    process.off('warning', keep);
    const ours = warnings.filter(({ message }) => message.includes('no route to the database'));
    assert.equal(ours.length, 1);
    assert.equal(ours[0]?.code, 'ERR_TWILIO_VERIFY_STORE');
  });

  it('a user without a number cannot register one, or skip that, while the store cannot be read', async () => {
    const { app, store } = await start({ registerOptional: true });
    const browser = await app.signedIn('ben');
    assert.equal((await getJson(browser, '/2fa/register')).status, 200);
    store.broken = { load: down };
    for (const [path, body] of [
      ['/2fa/register', { phoneNumber: '+12025550177', method: 'sms' }],
      ['/2fa/skip', {}],
    ] as const) {
      const answer = await postJson(browser, path, body);
      assert.deepEqual([answer.status, answer.body.code], [503, 'unavailable'], path);
    }
    assert.equal((await getJson(browser, '/2fa/register')).status, 503);
    assert.equal(app.emulator.messages().length, 0);
    store.broken = {};
    assert.equal((await postJson(browser, '/2fa/skip')).body.result, 'skipped');
    store.broken = { load: down };
    assert.equal(
      (await browser.get('/account')).status,
      503,
      'a skipped registration counts only for a user without factors',
    );
  });

  it('required: true prompts no one while the store is unreadable', async () => {
    const { app, store } = await start({ recoveryCodes: { required: true } });
    store.broken = { load: down };
    const browser = await app.verified('ann');
    assert.equal((await browser.get('/account')).status, 200);
  });
});

describe('the calls to the factor store', () => {
  it('a sign-in by SMS makes none, and a protected request makes none', async () => {
    const { app, store } = await start();
    await giveCodes(app, 'ann');
    store.calls.length = 0;
    const browser = await withCode(app, 'ann', 'call');
    await browser.get('/2fa/verify');
    await browser.post('/2fa/verify', { code: lastCode(app) });
    for (let count = 0; count < 3; count += 1) assert.equal((await browser.get('/account')).status, 200);
    assert.deepEqual(store.calls, []);
  });

  it('required: true makes one, at the verification', async () => {
    const { app, store } = await start({ recoveryCodes: { required: true } });
    await giveCodes(app, 'ann');
    store.calls.length = 0;
    const browser = await withCode(app, 'ann', 'call');
    assert.deepEqual(store.calls, []);
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.deepEqual(store.calls, ['load']);
    for (let count = 0; count < 3; count += 1) assert.equal((await browser.get('/account')).status, 200);
    assert.deepEqual(store.calls, ['load']);
  });

  it('a sign-in with a recovery code reads once and writes once', async () => {
    const { app, store } = await start();
    const [code = ''] = await giveCodes(app, 'ann');
    const browser = await app.signedIn('ann');
    store.calls.length = 0;
    await browser.post('/2fa/recovery', { code });
    assert.deepEqual(store.calls, ['load', 'save']);
    await browser.get('/account');
    assert.deepEqual(store.calls, ['load', 'save']);
  });
});

describe('at the same time', () => {
  it('thirty concurrent uses of one code succeed only once', async () => {
    const { app } = await start();
    const [code = ''] = await giveCodes(app, 'ann');
    const browsers = await Promise.all(Array.from({ length: 30 }, () => app.signedIn('ann')));
    await Promise.all(browsers.map((browser) => browser.post('/2fa/recovery', { code })));
    const accounts = await Promise.all(browsers.map((browser) => browser.get('/account')));
    assert.equal(accounts.filter(({ status }) => status === 200).length, 1);
  });

  it('a concurrent use and reset have one winner, and the code no longer exists afterwards', async () => {
    for (const isResetFirst of [true, false]) {
      const { app, store } = await start();
      const [code = ''] = await giveCodes(app, 'ann');
      const browser = await app.signedIn('ann');
      const reset = () => app.strategy.admin.reset({ id: 'ann' }, { actor: 'ops', reason: 'lost phone' });
      // The other one runs between the read and the write of the first.
      let isOpen = true;
      store.broken = {
        save: async (...args) => {
          if (isOpen) {
            isOpen = false;
            if (isResetFirst) await reset();
            else await app.client().get('/');
          }
          return store.memory.save(...args);
        },
      };
      const { body } = await postJson(browser, '/2fa/recovery', { code });
      if (!isResetFirst) await reset();
      assert.equal(body.result ?? body.code, isResetFirst ? 'code_wrong' : 'approved');
      assert.deepEqual((await store.memory.load('ann'))?.record, { schema: 1 });
    }
  });

  it('a concurrent use and new set restore no consumed code', async () => {
    const { app, store } = await start();
    const codes = await giveCodes(app, 'ann');
    const creator = await app.signedIn('ann');
    await creator.post('/2fa', { method: 'call' });
    await creator.post('/2fa/verify', { code: lastCode(app) });
    const browser = await app.signedIn('ann');
    let isOpen = true;
    store.broken = {
      save: async (...args) => {
        if (isOpen) {
          isOpen = false;
          assert.equal((await postJson(browser, '/2fa/recovery', { code: codes[4] })).body.result, 'approved');
        }
        return store.memory.save(...args);
      },
    };
    await createCodes(creator);
    const later = await app.signedIn('ann');
    assert.equal((await postJson(later, '/2fa/recovery', { code: codes[4] })).body.code, 'code_wrong');
    assert.equal((await postJson(later, '/2fa/recovery', { code: codes[5] })).body.result, 'approved');
  });
});
