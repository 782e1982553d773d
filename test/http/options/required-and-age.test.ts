import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { lastCode } from '../../support/steps.js';
import { startTestApp, type TestOptions } from '../../support/test-app.js';

before(() => mock.timers.enable({ apis: ['Date'], now: Date.now() }));
after(() => mock.timers.reset());

const DAY_MS = 86_400_000;

/** The application with routes that have their own maximum age: `/within/60` for 60 seconds. */
const start = (twoFactor: TestOptions) =>
  startTestApp({
    twoFactor,
    routes: (app, passport) => {
      for (const maxAgeSeconds of [29, 30, 60, 600]) {
        const options: object = { maxAgeSeconds };
        const gate = passport.authenticate('twilio-2fa', options);
        app.get(`/within/${maxAgeSeconds}`, gate, (_req, res) => void res.send('young enough'));
      }
    },
  });

describe('option "isRequired"', () => {
  const gate = async (twoFactor: TestOptions, id: string) => {
    const app = await start(twoFactor);
    const { status, location } = await (await app.signedIn(id)).get('/account');
    return location ?? status;
  };

  it('isRequired is true by default', async () => assert.equal(await gate({}, 'ann'), '/2fa'));
  it('every user passes if isRequired is false', async () =>
    assert.equal(await gate({ isRequired: false }, 'ben'), 200));
  it('isRequired calls a callback for every user', async () => {
    const isRequired: TestOptions['isRequired'] = ({ user, req }) => user.id === 'ann' || req.path !== '/account';
    assert.equal(await gate({ isRequired }, 'ann'), '/2fa');
    assert.equal(await gate({ isRequired }, 'eve'), 200);
  });
  it('isRequired can be an async callback', async () => {
    assert.equal(await gate({ isRequired: async () => false }, 'ann'), 200);
    assert.equal(await gate({ isRequired: async () => true }, 'ann'), '/2fa');
  });
  it('isRequired is true if its callback returns undefined', async () => {
    assert.equal(await gate({ isRequired: () => undefined }, 'ann'), '/2fa');
  });
});

describe('option "maxAgeSeconds"', () => {
  const ROWS = [
    { name: 'lasts as long as the session by default', path: '/account', ageMs: 365 * DAY_MS, passes: true },
    { name: 'of the constructor lasts', own: 60, path: '/account', ageMs: 59_999, passes: true },
    { name: 'of the constructor ends', own: 60, path: '/account', ageMs: 60_000, passes: false },
    { name: 'of the route lasts', path: '/within/60', ageMs: 59_999, passes: true },
    { name: 'of the route ends', path: '/within/60', ageMs: 60_000, passes: false },
    { name: 'of the route wins if it is smaller', own: 600, path: '/within/60', ageMs: 60_000, passes: false },
    { name: 'of the constructor wins if it is smaller', own: 60, path: '/within/600', ageMs: 60_000 },
    { name: 'may be 30 on a route', path: '/within/30', ageMs: 29_999, passes: true },
  ];
  for (const { name, own: maxAgeSeconds, path, ageMs, passes = false } of ROWS) {
    it(name, async () => {
      const app = await start(typeof maxAgeSeconds === 'number' ? { maxAgeSeconds } : {});
      const browser = await app.verified('ann');
      mock.timers.tick(ageMs);
      const { status, location } = await browser.get(path);
      assert.deepEqual(
        { status, location },
        passes ? { status: 200, location: null } : { status: 302, location: '/2fa' },
      );
    });
  }

  it('the maxAgeSeconds of a route is at least 30', async () => {
    const app = await start({});
    const { status, text } = await (await app.verified('ann')).get('/within/29');
    assert.equal(status, 500);
    assert.match(text, /TypeError: .*maxAgeSeconds must be seconds, from 30/);
  });

  it('a step-up opens the route with a new code, and the old verification still opens the others', async () => {
    const app = await start({});
    const browser = await app.verified('ann');
    mock.timers.tick(200_000);
    assert.equal((await browser.get('/account')).status, 200);
    assert.equal((await browser.get('/within/60?again')).location, '/2fa');
    await browser.post('/2fa', { method: 'sms' });
    assert.equal((await browser.get('/account')).status, 200);
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/within/60?again');
    assert.equal((await browser.get('/within/60?again')).text, 'young enough');
  });
});
