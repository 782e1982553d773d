import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Request } from 'express';
import { LiveSession, SessionEndedError } from '../../../src/session/live-session.js';

const ID = 'a-session-id-of-32-characters-00';
const NAME = 'twilio-2fa';

const pending = { purpose: 'signIn', user: 'ann', expiresAt: 1 };
const verified = { by: 'sms', at: 1, binding: 'ann.session' };

/** A request that loaded one session, whose store has another one by now. */
async function look(loaded: object, stored: object | undefined): Promise<void> {
  const req = {
    headers: { cookie: `connect.sid=s%3A${ID}.signature` },
    sessionID: ID,
    session: { ...loaded },
    sessionStore: { get: (_id: string, found: (error: unknown, session?: object) => void) => found(null, stored) },
  };
  await new LiveSession(req as unknown as Request, NAME).assertLive();
}

describe('LiveSession', () => {
  for (const { name, loaded, stored } of [
    { name: 'nothing has changed', loaded: { passport: { user: 'ann' } }, stored: { passport: { user: 'ann' } } },
    {
      name: 'the app has stored something',
      loaded: { passport: { user: 'ann' } },
      stored: { passport: { user: 'ann' }, cart: 1 },
    },
    {
      name: 'its code was canceled',
      loaded: { passport: { user: 'ann' }, [NAME]: { pending } },
      stored: { passport: { user: 'ann' } },
    },
    { name: 'no one has signed in, for Passport', loaded: { passport: {} }, stored: {} },
    { name: 'no one has signed in, for null', loaded: { passport: null }, stored: {} },
    { name: 'the user has ID 0', loaded: { passport: { user: 0 } }, stored: { passport: { user: 0 } } },
    { name: 'it was verified meanwhile', loaded: { [NAME]: { pending } }, stored: { [NAME]: { verified } } },
  ]) {
    it(`a session lives if ${name}`, () => look(loaded, stored));
  }

  for (const { name, loaded, stored } of [
    { name: 'it is gone', loaded: { passport: { user: 'ann' } }, stored: undefined },
    { name: 'the user has signed out', loaded: { passport: { user: 'ann' } }, stored: { passport: {} } },
    {
      name: 'another user has signed in',
      loaded: { passport: { user: 'ann' } },
      stored: { passport: { user: 'eve' } },
    },
    { name: 'the user with ID 0 has signed out', loaded: { passport: { user: 0 } }, stored: {} },
    {
      name: 'its verification was removed',
      loaded: { passport: { user: 'ann' }, [NAME]: { verified } },
      stored: { passport: { user: 'ann' }, [NAME]: {} },
    },
    {
      name: 'its verification is a later one',
      loaded: { passport: { user: 'ann' }, [NAME]: { verified } },
      stored: { passport: { user: 'ann' }, [NAME]: { verified: { ...verified, at: 2 } } },
    },
    {
      name: 'its skipped registration was removed',
      loaded: { passport: { user: 'ann' }, [NAME]: { skipped: 'ann.session' } },
      stored: { passport: { user: 'ann' }, [NAME]: {} },
    },
    {
      name: 'a code waits for another user',
      loaded: { passport: { user: 'ann' }, [NAME]: { pending } },
      stored: { passport: { user: 'ann' }, [NAME]: { pending: { ...pending, user: 'eve' } } },
    },
    { name: 'its record is gone, without Passport', loaded: { [NAME]: { pending } }, stored: {} },
    { name: 'its record is gone, with null for Passport', loaded: { passport: null, [NAME]: { pending } }, stored: {} },
    {
      name: 'its record is gone, with an empty object for Passport',
      loaded: { passport: {}, [NAME]: { pending } },
      stored: { passport: {} },
    },
  ]) {
    it(`a session has ended if ${name}`, async () => {
      await assert.rejects(look(loaded, stored), SessionEndedError);
    });
  }
});
