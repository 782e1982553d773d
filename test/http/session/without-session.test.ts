import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startTestApp } from '../../support/test-app.js';

describe('an application without sessions', () => {
  const withUser = (path?: string) =>
    startTestApp({
      session: null,
      before: (express) => {
        express.use((req, _res, next) => {
          if (path === undefined || req.path === path)
            Object.assign(req, { user: { id: 'ann', phone: '+12025550123' } });
          next();
        });
      },
    });

  it('the error of a protected route names the missing middleware', async () => {
    const app = await startTestApp({ session: null });
    const answer = await app.client().get('/account');
    assert.equal(answer.status, 500);
    assert.match(answer.text, /ERR_TWILIO_VERIFY_NO_SESSION: .*express-session/);
  });

  it('the error of a protected route names the missing middleware, even if the request has a user', async () => {
    const answer = await (await withUser()).client().get('/account');
    assert.equal(answer.status, 500);
    assert.match(answer.text, /ERR_TWILIO_VERIFY_NO_SESSION: .*express-session/);
  });

  for (const path of ['/2fa', '/2fa/verify', '/2fa/success']) {
    it(`the error of ${path} names the missing middleware`, async () => {
      const answer = await (await withUser()).client().get(path);
      assert.equal(answer.status, 500);
      assert.match(answer.text, /ERR_TWILIO_VERIFY_NO_SESSION: .*express-session/);
    });
  }

  it('the error says that passport.session() follows the missing middleware', async () => {
    const answer = await (await withUser()).client().get('/account');
    assert.match(answer.text, /passport\.session\(\)/);
  });
});
