/**
 * T29. Who: the app's own developer, by a slip, and later anyone with a session that was verified hours ago. What they
 * do: write `maxAge` instead of `maxAgeSeconds` on a sensitive route, or listen for `rateLimit` instead of
 * `rateLimited`. What they gain: the route accepts a stale verification, and no one hears of an attack. The defense:
 * names like ours throw, and say which name was meant. Options of Passport and of other strategies pass.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addGate, startExample } from './support/example.js';
import { pass, stopTheClock } from './support/time.js';

describe('T29: a misspelled option on a route', () => {
  stopTheClock();

  for (const [name, meant] of [
    ['maxAge', 'maxAgeSeconds'],
    ['maxAgeSecond', 'maxAgeSeconds'],
    ['maxageSeconds', 'maxAgeSeconds'],
    ['maxAgeMinutes', 'maxAgeSeconds'],
    ['redirct', 'redirect'],
    ['redir', 'redirect'],
  ] as const) {
    it(`${name} lets no one pass, verified or not, and names ${meant}`, async () => {
      const example = await startExample();
      const errors: Error[] = [];
      addGate(example, '/transfer', { [name]: 300 });
      example.app.use(
        '/transfer',
        (error: Error, _req: unknown, res: { sendStatus(s: number): void }, _next: unknown) => {
          errors.push(error);
          res.sendStatus(500);
        },
      );
      const verified = await example.verified('alice');
      for (const browser of [verified, verified, await example.signedIn('bob'), example.client()]) {
        assert.equal((await browser.get('/transfer')).status, 500);
      }
      assert.equal(errors.length, 4);
      for (const error of errors) {
        assert.ok(error instanceof TypeError);
        assert.ok(error.message.includes(`unknown option "${name}"; did you mean "${meant}"?`), error.message);
      }
    });
  }

  it('a verification of the headless API with a misspelled option rejects', async () => {
    const { twoFactor } = await startExample();
    await assert.rejects(
      twoFactor.verification({ headers: {} }, { maxAge: 300 } as never),
      /^TypeError: verification: unknown option "maxAge"; did you mean "maxAgeSeconds"\?$/,
    );
  });

  it('options of Passport pass, and the right name asks for a new code', async () => {
    const example = await startExample();
    addGate(example, '/transfer', {
      maxAgeSeconds: 300,
      session: false,
      scope: 'y',
      redirectTo: '/',
      max: 1,
      direct: true,
    } as never);
    const browser = await example.verified('alice');
    assert.equal((await browser.get('/transfer')).status, 200);
    pass(300);
    assert.equal((await browser.get('/transfer')).location, '/2fa');
  });
});

describe('T29: a listener for a misspelled event', () => {
  for (const method of ['on', 'once', 'off'] as const) {
    it(`${method}() throws, and names the event that was meant`, async () => {
      const { twoFactor } = await startExample();
      assert.throws(
        () => twoFactor[method]('rateLimit' as 'rateLimited', () => {}),
        new TypeError('TwilioVerifyStrategy: unknown event "rateLimit"; did you mean "rateLimited"?'),
      );
      twoFactor[method]('rateLimited', () => {});
    });
  }
});
