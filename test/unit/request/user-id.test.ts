import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Request } from 'express';
import { watchOf } from '../../../src/request/session-watch.js';
import { userIdOf } from '../../../src/request/user-id.js';

describe('userIdOf', () => {
  const ann = { id: 'ann' };
  const ben = { id: 'ben' };
  const req = {} as Request;
  const userId = ({ user }: { user: { id: string } }) => `read ${user.id}`;
  const watch = watchOf(req, {}, 'twilio-2fa');
  watch.user = { user: ann, setting: userId, userId: 'known ann' };

  it('returns the ID that session() read', () => {
    assert.equal(userIdOf({ name: 'twilio-2fa', userId }, req, ann, watch), 'known ann');
  });

  it('reads the ID of a user who came after session()', () => {
    assert.equal(userIdOf({ name: 'twilio-2fa', userId }, req, ben, watch), 'read ben');
  });

  it('reads the ID with the option of another strategy of the same name', () => {
    const other = ({ user }: { user: { id: string } }) => `other ${user.id}`;
    assert.equal(userIdOf({ name: 'twilio-2fa', userId: other }, req, ann, watch), 'other ann');
  });
});
