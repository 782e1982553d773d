/**
 * T28. Attacker: a user whom the app suspends while a code is pending. Attack: prove a new number. Damage: the number is
 * changed although the app would refuse this user, and no event reports it. Defense: the app's `verify` callback is
 * called before every verification of a session, including a change, and before the number is stored.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { VerificationInfo } from 'passport-twilio-verify';
import { lastCode } from '../support/steps.js';
import { startTestApp } from '../support/test-app.js';

const PHONE_NUMBER = '+12025550177';

describe('T28: a user that the app suspends while a code is pending', () => {
  for (const { purpose, id, stored } of [
    { purpose: 'register', id: 'ben', stored: undefined },
    { purpose: 'change', id: 'ann', stored: '+12025550123' },
  ]) {
    it(`a suspended user can't ${purpose} a number`, async () => {
      let isSuspended = false;
      const infos: VerificationInfo[] = [];
      const events: string[] = [];
      const app = await startTestApp({
        verify: (user, info, done) => {
          infos.push(info);
          done(null, !isSuspended && user);
        },
      });
      const browser = purpose === 'change' ? await app.verified(id) : await app.signedIn(id);
      for (const name of ['verificationApproved', 'phoneNumberRegistered', 'phoneNumberChanged'] as const) {
        app.strategy.on(name, () => void events.push(name));
      }
      const before = await app.record(browser);
      await browser.post(`/2fa/${purpose}`, { phoneNumber: PHONE_NUMBER, method: 'call' });
      isSuspended = true;
      await browser.post('/2fa/verify', { code: lastCode(app) });
      assert.equal(app.users.get(id)?.phone, stored);
      assert.deepEqual((await app.record(browser))?.verified, before?.verified);
      assert.deepEqual(events, []);
      const { verificationSid, ...info } = infos.at(-1) ?? { verificationSid: undefined };
      assert.deepEqual(info, { by: 'call', method: 'call', purpose });
    });
  }
});
