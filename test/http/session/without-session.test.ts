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

  it('is told at the gate which middleware is missing', async () => {
    const app = await startTestApp({ session: null });
    const answer = await app.client().get('/account');
    assert.equal(answer.status, 500);
    assert.match(answer.text, /ERR_TWILIO_VERIFY_NO_SESSION: .*express-session/);
  });

  it('is told at the gate, with a user who came without a session, too', async () => {
    const answer = await (await withUser()).client().get('/account');
    assert.equal(answer.status, 500);
    assert.match(answer.text, /ERR_TWILIO_VERIFY_NO_SESSION: .*express-session/);
  });

  for (const path of ['/2fa', '/2fa/verify', '/2fa/success']) {
    it(`is told at ${path}`, async () => {
      const answer = await (await withUser()).client().get(path);
      assert.equal(answer.status, 500);
      assert.match(answer.text, /ERR_TWILIO_VERIFY_NO_SESSION: .*express-session/);
    });
  }

  it('is told that passport.session() comes after it', async () => {
    const answer = await (await withUser()).client().get('/account');
    assert.match(answer.text, /passport\.session\(\)/);
  });
});
