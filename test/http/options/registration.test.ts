import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { assertRefuses, hasForm, linksTo } from '../../support/page.js';
import { lastCode } from '../../support/steps.js';
import { startTestApp, type TestAppOptions, type TestOptions } from '../../support/test-app.js';

const start = (twoFactor: TestOptions, rest: TestAppOptions = {}) => startTestApp({ twoFactor, ...rest });
const NUMBER = { phoneNumber: '+12025550177', method: 'sms' };

before(() => mock.timers.enable({ apis: ['Date'], now: Date.now() }));
after(() => mock.timers.reset());

describe('option "allowRegister"', () => {
  it('a user without a number can register one by default', async () => {
    const app = await start({});
    const browser = await app.signedIn('ben');
    assert.equal((await browser.get('/2fa')).location, '/2fa/register');
    assert.equal((await browser.get('/2fa/register')).status, 200);
    assert.equal((await browser.post('/2fa/register', NUMBER)).location, '/2fa/verify');
  });

  it('allowRegister: false refuses a registration, with a page that offers no retry', async () => {
    const app = await start({ allowRegister: false });
    const browser = await app.signedIn('ben');
    assert.equal((await browser.get('/2fa/register')).location, '/2fa');
    assert.equal((await browser.get('/2fa')).location, '/2fa/failed');
    assert.equal((await browser.post('/2fa/register', NUMBER)).location, '/2fa/failed');
    const { text } = await browser.get('/2fa/failed');
    assertRefuses(text, 'registration_not_allowed');
    assert.equal(linksTo(text, '/2fa'), false);
    assert.deepEqual(app.emulator.messages(), []);
  });

  it('allowRegister calls a callback for every user', async () => {
    const app = await start({ allowRegister: async ({ user }) => user.id === 'ben' });
    app.users.set('bob', { id: 'bob' });
    assert.equal((await (await app.signedIn('ben')).get('/2fa')).location, '/2fa/register');
    assert.equal((await (await app.signedIn('bob')).get('/2fa')).location, '/2fa/failed');
  });

  it('allowRegister is called again after a right code', async () => {
    let isAllowed = true;
    const app = await start({ allowRegister: () => isAllowed });
    const browser = await app.signedIn('ben');
    await browser.post('/2fa/register', NUMBER);
    isAllowed = false;
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.equal(app.users.get('ben')?.phone, undefined);
    assert.equal((await browser.get('/account')).location, '/2fa');
  });

  it('a user with a usable recipient cannot register: that would be a change', async () => {
    const app = await start({});
    const browser = await app.signedIn('ann');
    assert.equal((await browser.get('/2fa/register')).location, '/2fa');
    assert.equal((await browser.post('/2fa/register', NUMBER)).location, '/2fa/failed');
    assert.deepEqual(app.emulator.messages(), []);
  });
});

describe('option "registerOptional"', () => {
  it('registerOptional is off by default: nothing to skip on the page, and POST /skip is refused', async () => {
    const app = await start({});
    const browser = await app.signedIn('ben');
    assert.equal(hasForm((await browser.get('/2fa/register')).text, '/2fa/skip'), false);
    assert.equal((await browser.post('/2fa/skip')).location, '/2fa/failed');
    assertRefuses((await browser.get('/2fa/failed')).text, 'skip_not_allowed');
    assert.equal((await browser.get('/account')).location, '/2fa');
  });

  it('a user without a number can skip to the page that the strategy stopped, for this session only', async () => {
    const app = await start({ registerOptional: true });
    const browser = await app.signedIn('ben');
    await browser.get('/account?tab=3');
    assert.ok(hasForm((await browser.get('/2fa/register')).text, '/2fa/skip'));
    const idBefore = browser.cookies.get('connect.sid');
    assert.equal((await browser.post('/2fa/skip')).location, '/account?tab=3');
    assert.notEqual(browser.cookies.get('connect.sid'), idBefore);
    assert.equal((await browser.get('/account')).text, 'account of ben');
    assert.equal((await (await app.signedIn('ben')).get('/account')).location, '/2fa');
  });

  it('a user with a number needs a code, even in a session that skipped the registration before', async () => {
    const app = await start({ registerOptional: true });
    const early = await app.signedIn('ben');
    await early.post('/2fa/skip');
    assert.equal((await early.get('/account')).status, 200);
    const later = await app.signedIn('ben');
    await later.post('/2fa/register', NUMBER);
    assert.equal((await early.get('/account')).status, 200, 'a number that is not proven is none');
    await later.post('/2fa/verify', { code: lastCode(app) });
    assert.equal((await early.get('/account')).location, '/2fa');
    await early.post('/2fa', { method: 'sms' });
    await early.post('/2fa/verify', { code: lastCode(app) });
    assert.equal((await early.get('/account')).text, 'account of ben');
  });

  it('registerOptional calls a callback for every user', async () => {
    const app = await start({ registerOptional: ({ user }) => user.id === 'ben' });
    app.users.set('bob', { id: 'bob' });
    for (const { id, answer } of [
      { id: 'ben', answer: 'account of ben' },
      { id: 'bob', answer: undefined },
    ]) {
      const browser = await app.signedIn(id);
      await browser.post('/2fa/skip');
      const { status, text } = await browser.get('/account');
      assert.equal(status === 200 ? text : undefined, answer);
    }
  });

  it('a user who has a number cannot skip', async () => {
    const app = await start({ registerOptional: true });
    const browser = await app.signedIn('ann');
    assert.equal((await browser.post('/2fa/skip')).location, '/2fa/failed');
    assert.equal((await browser.get('/account')).location, '/2fa');
  });

  it('never satisfies the maxAgeSeconds of a route', async () => {
    const aged: object = { maxAgeSeconds: 86_400 };
    const app = await start(
      { registerOptional: true },
      {
        routes: (express, passport) =>
          express.get('/vault', passport.authenticate('twilio-2fa', aged), (_req, res) => void res.send('open')),
      },
    );
    const browser = await app.signedIn('ben');
    await browser.post('/2fa/skip');
    assert.equal((await browser.get('/account')).status, 200);
    assert.equal((await browser.get('/vault')).location, '/2fa');
  });
});

describe('option "allowChange"', () => {
  it('a user verified in the last 5 minutes can change the number', async () => {
    const app = await start({});
    const browser = await app.verified('ann');
    mock.timers.tick(299_000);
    assert.ok(linksTo((await browser.get('/2fa/success')).text, '/2fa/change'));
    assert.equal((await browser.get('/2fa/change')).status, 200);
    assert.equal((await browser.post('/2fa/change', NUMBER)).location, '/2fa/verify');
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
    assert.equal(app.users.get('ann')?.phone, NUMBER.phoneNumber);
  });

  it('a change requires a code to the present number after 5 minutes, then returns to the form', async () => {
    const app = await start({});
    const browser = await app.verified('ann');
    mock.timers.tick(300_000);
    assert.equal((await browser.get('/account')).status, 200);
    assert.equal((await browser.get('/2fa/change')).location, '/2fa');
    assert.equal((await browser.post('/2fa/change', NUMBER)).location, '/2fa');
    assert.equal((await browser.get('/2fa')).status, 200);
    await browser.post('/2fa', { method: 'sms' });
    assert.equal(app.emulator.messages().at(-1)?.to, '+12025550123');
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/change');
    assert.equal((await browser.get('/2fa/change')).status, 200);
    assert.equal(app.users.get('ann')?.phone, '+12025550123');
  });

  it('a change by an unverified user requires a code first', async () => {
    const app = await start({});
    const browser = await app.signedIn('ann');
    assert.equal((await browser.get('/2fa/change')).location, '/2fa');
    assert.equal((await browser.post('/2fa/change', NUMBER)).location, '/2fa');
    assert.deepEqual(app.emulator.messages(), []);
  });

  for (const { name, allowChange } of [
    { name: 'false', allowChange: false },
    { name: 'a callback that gives false', allowChange: async () => false },
  ]) {
    it(`allowChange refuses a change when it is ${name}`, async () => {
      const app = await start({ allowChange });
      const browser = await app.verified('ann');
      assert.equal(linksTo((await browser.get('/2fa/success')).text, '/2fa/change'), false);
      for (const answer of [await browser.get('/2fa/change'), await browser.post('/2fa/change', NUMBER)]) {
        assert.equal(answer.location, '/2fa/failed');
      }
      const { text } = await browser.get('/2fa/failed');
      assertRefuses(text, 'change_not_allowed');
      assert.equal(linksTo(text, '/2fa'), false);
      assert.equal(app.emulator.messages(NUMBER.phoneNumber).length, 0);
    });
  }

  it('allowChange calls a callback for every user', async () => {
    const app = await start({ allowChange: ({ user }) => user.id === 'ann' });
    assert.equal((await (await app.verified('ann')).get('/2fa/change')).status, 200);
    assert.equal((await (await app.verified('eve')).get('/2fa/change')).location, '/2fa/failed');
  });
});
