import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RequestHandler } from 'express';
import { assertDoesNotSay, assertSays, readable } from '../../support/page.js';
import { lastCode, withCode } from '../../support/steps.js';
import { startTestApp } from '../../support/test-app.js';

/** Leaves messages in the session, as Passport's `failureMessage` does. */
const leaveMessages =
  (messages: unknown): RequestHandler =>
  (req, res) => {
    Object.assign(req.session, { messages });
    res.send('left');
  };

describe('_messages.html', () => {
  it("shows Passport's messages once, on the page that comes next", async () => {
    const app = await startTestApp({
      routes: (express) => express.get('/leave', leaveMessages(['Second step, please.', '<b>bold</b>'])),
    });
    const browser = await app.signedIn('ann');
    await browser.get('/leave');
    const { text } = await browser.get('/2fa');
    assert.match(readable(text), /Second step, please\..*<b>bold<\/b>/);
    assert.doesNotMatch(readable((await browser.get('/2fa')).text), /Second step/);
  });

  it('the messages of a session survive a redirect', async () => {
    const app = await startTestApp({ routes: (express) => express.get('/leave', leaveMessages(['Hello.'])) });
    const browser = await app.signedIn('ann');
    await browser.get('/leave');
    await browser.get('/2fa/verify');
    assert.match(readable((await browser.get('/2fa')).text), /Hello\./);
  });

  it('a page shows the failureMessage of a protected route', async () => {
    const options: object = { failureMessage: true, failureRedirect: '/2fa' };
    const app = await startTestApp({
      routes: (express, passport) => express.get('/vault', passport.authenticate('twilio-2fa', options)),
    });
    const browser = await app.signedIn('ann');
    assert.equal((await browser.get('/vault')).location, '/2fa');
    assertSays((await browser.get('/2fa')).text, 'refusal.verification_required');
  });

  for (const messages of ['one', { a: 'b' }, [42, null, { toString: 'x' }], [[]]]) {
    it(`an invalid value for messages does not break the page: ${JSON.stringify(messages)}`, async () => {
      const app = await startTestApp({ routes: (express) => express.get('/leave', leaveMessages(messages)) });
      const browser = await app.signedIn('ann');
      await browser.get('/leave');
      assert.equal((await browser.get('/2fa')).status, 200);
    });
  }

  it('a page shows the notices of the package once', async () => {
    const app = await startTestApp({ twoFactor: { retryTimeSeconds: 0 } });
    const browser = await withCode(app, 'ann');
    await browser.post('/2fa/resend');
    assertSays((await browser.get('/2fa/verify')).text, 'notice.code_sent_again');
    assertDoesNotSay((await browser.get('/2fa/verify')).text, 'notice.code_sent_again');
  });

  it('a notice appears once, even after the session ID changes', async () => {
    const app = await startTestApp({ twoFactor: { verifySuccessUrl: '/2fa/success' } });
    const browser = await app.signedIn('ben');
    await browser.post('/2fa/register', { phoneNumber: '+12025550177', method: 'sms' });
    await browser.post('/2fa/verify', { code: lastCode(app) });
    assertSays((await browser.get('/2fa/success')).text, 'notice.number_registered');
    assertDoesNotSay((await browser.get('/2fa/success')).text, 'notice.number_registered');
  });
});
