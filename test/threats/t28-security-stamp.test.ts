/**
 * T28. Attacker: someone who uses a verified session of the victim, or who took over the phone number. Attack: keep that
 * session after the victim changes the password or the number. Damage: the victim can't get rid of the attacker. Defense:
 * the session records a digest of the option `securityStamp`, and each request compares it. Only the session that
 * stored a number takes over the next stamp, once, within 60 seconds.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import express from 'express';
import type { VerificationInfo } from 'passport-twilio-verify';
import type { Client } from '../support/client.js';
import { lastCode } from '../support/steps.js';
import { startTestApp, type TestApp, type TestOptions, type TestUser } from '../support/test-app.js';

const NEW_NUMBER = '+12025550177';

before(() => mock.timers.enable({ apis: ['Date'], now: Date.now() }));
after(() => mock.timers.reset());

type Stamp = string | number | bigint | Date | null | undefined;

interface Stamped {
  readonly app: TestApp;
  /** Current stamp of all users. A function is called for each request. */
  current: Stamp | (() => Stamp | Promise<Stamp>);
}

async function stamped(
  first: Stamp,
  twoFactor: TestOptions = {},
  onVerify: (user: TestUser, info: VerificationInfo) => void = () => {},
): Promise<Stamped> {
  const state: { current: Stamped['current'] } = { current: first };
  const app = await startTestApp({
    verify: (user, info, done) => {
      onVerify(user, info);
      done(null, user);
    },
    twoFactor: {
      retryTimeSeconds: 0,
      securityStamp: () => (typeof state.current === 'function' ? state.current() : state.current),
      storePhoneNumber: ({ user, phoneNumber }) => {
        user.phone = phoneNumber;
        state.current = `after ${phoneNumber}`;
      },
      ...twoFactor,
    },
    routes: (server, _passport, strategy) => {
      server.post('/check-and-look', express.urlencoded({ extended: false }), (req, res, next) => {
        const look = async () => {
          const { type } = await strategy.check(req, req.body.code);
          const { isVerified } = await strategy.verification(req);
          const { isVerified: isStillVerified } = await strategy.verification(req);
          res.json({ type, isVerified, isStillVerified });
        };
        look().catch(next);
      });
      server.get('/verification', (req, res, next) => {
        strategy.verification(req).then((result) => res.json(result), next);
      });
    },
  });
  return Object.assign(state, { app });
}

const isIn = async (browser: Client) => (await browser.get('/account')).status === 200;

/** Proves a new number in a session that is verified. */
async function change(app: TestApp, browser: Client): Promise<void> {
  await browser.post('/2fa/change', { phoneNumber: NEW_NUMBER, method: 'sms' });
  assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/2fa/success');
}

describe('T28: a security stamp that changes', () => {
  const CHANGES: readonly { readonly name: string; readonly from: Stamp; readonly to: Stamp }[] = [
    { name: 'another string', from: 'a', to: 'b' },
    { name: 'another number', from: 1, to: 2 },
    { name: 'another bigint', from: 1n, to: 2n },
    { name: 'another Date', from: new Date(1), to: new Date(2) },
    { name: 'a stamp that disappears', from: 'a', to: undefined },
    { name: 'a stamp that becomes null', from: 'a', to: null },
    { name: 'a stamp that appears', from: undefined, to: 'a' },
    { name: 'an empty stamp that appears', from: undefined, to: '' },
  ];
  for (const { name, from, to } of CHANGES) {
    it(`${name} ends the verification on routes, pages, and in the headless API`, async () => {
      const site = await stamped(from);
      const browser = await site.app.verified('ann');
      assert.ok(await isIn(browser));
      site.current = to;
      assert.equal(await isIn(browser), false);
      assert.equal((await browser.get('/2fa/success')).location, '/2fa');
      assert.equal((await browser.get('/2fa/change')).location, '/2fa');
      assert.deepEqual(JSON.parse((await browser.get('/verification')).text), { isVerified: false });
    });
  }

  it('another stamp while the app agrees to a change stores no number', async () => {
    const stored: string[] = [];
    const site = await stamped(
      'a',
      { storePhoneNumber: ({ phoneNumber }) => void stored.push(phoneNumber) },
      (_user, info) => {
        if (info.purpose === 'change') site.current = 'b';
      },
    );
    const browser = await site.app.verified('ann');
    await browser.post('/2fa/change', { phoneNumber: NEW_NUMBER, method: 'sms' });
    await browser.post('/2fa/verify', { code: lastCode(site.app) });
    assert.deepEqual(stored, []);
    assert.equal(await isIn(browser), false);
  });

  it('equal stamps of different types or objects keep the verification', async () => {
    const site = await stamped(7);
    const browser = await site.app.verified('ann');
    for (const same of [7, 7n, '7', new Date(7)]) {
      site.current = same;
      assert.ok(await isIn(browser));
    }
  });

  it('another stamp ends a skipped registration', async () => {
    const site = await stamped('a', { registerOptional: true });
    const browser = await site.app.signedIn('ben');
    await browser.post('/2fa/skip');
    assert.ok(await isIn(browser));
    site.current = 'b';
    assert.equal(await isIn(browser), false);
  });

  it('another stamp ends a change that was begun, and stores nothing', async () => {
    const site = await stamped('a');
    const browser = await site.app.verified('ann');
    await browser.post('/2fa/change', { phoneNumber: NEW_NUMBER, method: 'sms' });
    site.current = 'b';
    await browser.post('/2fa/verify', { code: lastCode(site.app) });
    assert.equal(site.app.users.get('ann')?.phone, '+12025550123');
    assert.equal(await isIn(browser), false);
  });

  it('a stamp that changes while Twilio checks the code of a change stores nothing', async () => {
    const site = await stamped('a');
    const browser = await site.app.verified('ann');
    await browser.post('/2fa/change', { phoneNumber: NEW_NUMBER, method: 'sms' });
    let reads = 0;
    site.current = () => {
      reads += 1;
      return reads === 1 ? 'a' : 'b';
    };
    await browser.post('/2fa/verify', { code: lastCode(site.app) });
    assert.equal(site.app.users.get('ann')?.phone, '+12025550123');
  });

  for (const { name, current } of [
    {
      name: 'a throw',
      current: () => {
        throw new Error('no stamps');
      },
    },
    { name: 'a rejection', current: () => Promise.reject(new Error('no stamps')) },
    { name: 'an object', current: () => ({}) as never },
    { name: 'an invalid Date', current: () => new Date(Number.NaN) },
    { name: 'NaN', current: () => Number.NaN },
  ]) {
    it(`${name} instead of a stamp is an error and passes no one`, async () => {
      const site = await stamped('a');
      const browser = await site.app.verified('ann');
      site.current = current;
      assert.equal((await browser.get('/account')).status, 500);
      assert.equal((await browser.get('/2fa/success')).status, 500);
      assert.equal((await browser.get('/verification')).status, 500);
    });
  }

  it('the session holds no stamp in the clear, and at most 220 bytes', async () => {
    const site = await stamped('secret-of-ann', { endOtherSessions: () => undefined });
    const browser = await site.app.verified('ann');
    await change(site.app, browser);
    const text = JSON.stringify(await site.app.record(browser));
    assert.ok(!text.includes('secret-of-ann'));
    assert.ok(Buffer.byteLength(text) <= 220, `${text.length} bytes`);
  });
});

describe('T28: a security stamp that changes with the number', () => {
  it('a change of number ends every other session, and keeps this one', async () => {
    const site = await stamped('a');
    const [browser, other] = [await site.app.verified('ann'), await site.app.verified('ann')];
    await change(site.app, browser);
    assert.ok(await isIn(browser));
    assert.ok(await isIn(browser), 'in later requests too');
    assert.equal(await isIn(other), false);
  });

  for (const { name, isNewAtOnce } of [
    { name: 'a user from before', isNewAtOnce: false },
    { name: 'the new user', isNewAtOnce: true },
  ]) {
    it(`the request that changed the number uses up no stamp, with ${name}`, async () => {
      let next: Stamp = 'a';
      const site = await stamped('a', {
        storePhoneNumber: ({ user, phoneNumber }) => {
          user.phone = phoneNumber;
          next = 'after the change';
          if (isNewAtOnce) site.current = next;
        },
      });
      const browser = await site.app.verified('ann');
      await browser.post('/2fa/change', { phoneNumber: NEW_NUMBER, method: 'sms' });
      const answer = await browser.post('/check-and-look', { code: lastCode(site.app) });
      assert.deepEqual(JSON.parse(answer.text), { type: 'approved', isVerified: true, isStillVerified: true });
      site.current = next;
      assert.ok(await isIn(browser));
      site.current = 'after a new password';
      assert.equal(await isIn(browser), false);
    });
  }

  it('a second submit of the code uses up no stamp', async () => {
    let next: Stamp = 'a';
    const site = await stamped('a', {
      storePhoneNumber: ({ user, phoneNumber }) => {
        user.phone = phoneNumber;
        next = 'after the change';
      },
    });
    const browser = await site.app.verified('ann');
    await browser.post('/2fa/change', { phoneNumber: NEW_NUMBER, method: 'sms' });
    const code = lastCode(site.app);
    const answers = await Promise.all([1, 2].map(() => browser.post('/check-and-look', { code })));
    for (const { text } of answers) assert.ok(JSON.parse(text).isStillVerified, text);
    site.current = next;
    assert.ok(await isIn(browser));
  });

  it('a registration keeps its session', async () => {
    const site = await stamped(undefined);
    const browser = await site.app.signedIn('ben');
    await browser.post('/2fa/register', { phoneNumber: NEW_NUMBER, method: 'sms' });
    await browser.post('/2fa/verify', { code: lastCode(site.app) });
    assert.ok(await isIn(browser));
  });

  it('the session takes over a stamp once', async () => {
    const site = await stamped('a');
    const browser = await site.app.verified('ann');
    await change(site.app, browser);
    assert.ok(await isIn(browser));
    site.current = 'after a new password';
    assert.equal(await isIn(browser), false);
  });

  for (const { name, ms, isKept } of [
    { name: '59.999 seconds', ms: 59_999, isKept: true },
    { name: '60 seconds', ms: 60_000, isKept: false },
    { name: 'a clock that was set back by a second', ms: -1_000, isKept: false },
  ]) {
    it(`the session ${isKept ? 'takes over' : "doesn't take over"} a stamp after ${name}`, async () => {
      let offset = 0;
      const site = await stamped('a', { clock: () => Date.now() + offset });
      const browser = await site.app.verified('ann');
      await change(site.app, browser);
      offset = ms;
      assert.equal(await isIn(browser), isKept);
    });
  }

  it('a stamp that stays the same keeps the session after 60 seconds', async () => {
    const site = await stamped('a', { storePhoneNumber: () => undefined });
    const browser = await site.app.verified('ann');
    await change(site.app, browser);
    mock.timers.tick(60_000);
    assert.ok(await isIn(browser));
  });

  it('a sign-in takes over no stamp', async () => {
    const site = await stamped('a');
    const browser = await site.app.verified('ann');
    site.current = 'b';
    assert.equal(await isIn(browser), false);
  });

  it('a session that ended meanwhile takes over no stamp', async () => {
    const site = await stamped('a');
    const browser = await site.app.verified('ann');
    await change(site.app, browser);
    site.current = () =>
      new Promise((resolve) => {
        site.app.store.clear(() => resolve('b'));
      });
    assert.equal((await browser.get('/account')).status, 401);
    assert.equal(await site.app.record(browser), undefined);
  });
});
