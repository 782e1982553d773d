import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Request } from 'express';
import {
  entriesOf,
  removeEntry,
  rotateSessionId,
  type Session,
  sessionIdOf,
} from '../../../src/session/session-access.js';

/** A session like that of `@fastify/secure-session`: its methods are in the target, its values in `kept`. */
function secureSession(kept: Record<string, unknown>): Session {
  const target = {
    data: () => ({ ...kept }),
    set: (key: string, value: unknown) => {
      kept[key] = value;
    },
  };
  return new Proxy(target, {
    get: (own, key) => (key in own ? Reflect.get(own, key) : kept[String(key)]),
    set: (_own, key, value) => {
      kept[String(key)] = value;
      return true;
    },
  }) as unknown as Session;
}

const requestWith = (session: object, more: object = {}) => ({ session, ...more }) as unknown as Request;

describe('the id of a session', () => {
  for (const { name, session, req, id } of [
    { name: 'stands on the request of Express', session: {}, req: { sessionID: 'a' }, id: 'a' },
    { name: 'is none where it is empty', session: {}, req: { sessionID: '' }, id: undefined },
    { name: 'is none of what cookie-session keeps', session: { id: 'a', sessionId: 'b' }, req: {}, id: undefined },
    {
      name: 'is none of what secure-session keeps',
      session: secureSession({ id: 'a', sessionId: 'b' }),
      req: {},
      id: undefined,
    },
    {
      name: 'is hidden in the session of Express',
      session: Object.defineProperty({}, 'id', { value: 'a' }),
      req: {},
      id: 'a',
    },
    { name: 'is inherited by the session of Fastify', session: Object.create({ sessionId: 'a' }), req: {}, id: 'a' },
  ]) {
    it(name, () => {
      assert.equal(sessionIdOf(session as Session, requestWith(session, req)), id);
    });
  }
});

describe('what a session keeps', () => {
  for (const { name, make } of [
    { name: 'any other session', make: (kept: Record<string, unknown>) => kept as Session },
    { name: 'secure-session', make: secureSession },
  ]) {
    it(`session values can be listed and removed, in ${name}`, () => {
      const session = make({ cart: ['book'], record: { at: 1 } });
      assert.deepEqual(entriesOf(session), [
        ['cart', ['book']],
        ['record', { at: 1 }],
      ]);
      removeEntry(session, 'record');
      assert.equal(session.record, undefined);
      assert.equal(JSON.stringify(Object.fromEntries(entriesOf(session))), '{"cart":["book"]}');
    });
  }

  it('goes over to a new id, without the id that a session of Fastify hides in itself', async () => {
    const hidden = Symbol('sessionId');
    const make = (id: string, kept: object = {}) =>
      Object.assign(
        Object.create({
          get sessionId() {
            return (this as Record<symbol, string>)[hidden];
          },
          regenerate: (done: () => void) => {
            (req as unknown as { session: object }).session = make('new');
            done();
          },
        }),
        kept,
        { [hidden]: id },
      ) as Session;
    const req = requestWith(make('old', { cart: ['book'] }));
    await rotateSessionId(req);
    const { session } = req as unknown as { session: Session };
    assert.equal(sessionIdOf(session, req), 'new');
    assert.deepEqual(session.cart, ['book']);
  });

  it('rotateSessionId leaves a session without an ID as it is', async () => {
    const session = { regenerate: () => assert.fail('there is nothing to rotate') };
    await rotateSessionId(requestWith(session));
  });
});
