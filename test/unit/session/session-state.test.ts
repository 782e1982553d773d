import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Request } from 'express';
import { fingerprint, type SessionRecord } from '../../../src/session/session-record.js';
import { SessionState } from '../../../src/session/session-state.js';

const NAME = 'twilio-2fa';
const SENT = { sid: `VE${'a'.repeat(32)}`, method: 'sms', to: 'abc', wrong: 0 } as const;
const verifiedAt = (at: number) => ({ by: 'sms', at }) as const;
const PENDING = { purpose: 'signIn', sent: SENT, expiresAt: 1_800_000_600_000 } as const;

interface FakeSession extends Record<string, unknown> {
  id: string;
  cookie: Record<string, unknown>;
  saves: number;
}

/** A request with a session that can do what is used of express-session's. */
function requestWith(id = 'first'): {
  req: Request;
  session: () => FakeSession;
  record: () => SessionRecord | undefined;
} {
  const holder = {} as { session: FakeSession; sessionID: string; headers: object };
  const create = (sessionId: string): FakeSession =>
    Object.defineProperties({ cookie: {}, saves: 0 } as FakeSession, {
      id: { value: sessionId },
      regenerate: {
        value: (done: () => void) => {
          holder.session = create(`${sessionId}+`);
          done();
        },
      },
      save: {
        value: (done: () => void) => {
          holder.session.saves += 1;
          done();
        },
      },
    });
  holder.session = create(id);
  const session = () => holder.session;
  return { req: holder as unknown as Request, session, record: () => session()[NAME] as SessionRecord | undefined };
}

describe('SessionState', () => {
  it('SessionState.open without a session throws, and names the missing middleware', () => {
    assert.throws(() => SessionState.open({} as Request, NAME, 'ann'), {
      code: 'ERR_TWILIO_VERIFY_NO_SESSION',
      message: /express-session/,
    });
  });

  it('SessionState.open without a session ID throws, and names strategy.session()', () => {
    assert.throws(() => SessionState.open({ session: {} } as unknown as Request, NAME, 'ann'), {
      code: 'ERR_TWILIO_VERIFY_NO_SESSION_ID',
      message: /strategy\.session\(\)/,
    });
  });

  for (const { name, req } of [
    { name: 'session.id, as of express-session', req: { session: Object.defineProperty({}, 'id', { value: 'x' }) } },
    { name: 'req.sessionID', req: { session: {}, sessionID: 'x' } },
    { name: 'session.sessionId, as of Fastify', req: { session: Object.create({ sessionId: 'x' }) } },
  ]) {
    it(`finds the id in ${name}`, () => {
      assert.equal(SessionState.open(req as unknown as Request, NAME, 'ann').id, 'x');
    });
  }

  for (const key of ['id', 'sessionId']) {
    it(`${key} that the application stores in its session is not mistaken for the session ID`, () => {
      assert.throws(() => SessionState.open({ session: { [key]: 'x' } } as unknown as Request, NAME, 'ann'), {
        code: 'ERR_TWILIO_VERIFY_NO_SESSION_ID',
      });
    });
  }

  it('writes nothing by being opened or read', async () => {
    const { req, session } = requestWith();
    const state = SessionState.open(req, NAME, 'ann');
    const read = [
      state.pending,
      state.verification,
      state.isSkipped,
      state.returnTo,
      state.trouble.failure,
      state.notices,
    ];
    assert.deepEqual(read, [undefined, undefined, false, undefined, undefined, []]);
    await state.dropPending();
    assert.equal(await state.takeNotices(), undefined);
    assert.deepEqual(Object.keys(session()), ['cookie', 'saves']);
  });

  it('a pending verification is visible to its user only', async () => {
    const { req } = requestWith();
    await SessionState.open(req, NAME, 'ann').setPending(PENDING);
    assert.deepEqual(SessionState.open(req, NAME, 'ann').pending?.sent, SENT);
    assert.equal(SessionState.open(req, NAME, 'ben').pending, undefined);
    assert.equal(SessionState.open(req, 'other', 'ann').pending, undefined);
  });

  it('makes another record with each change: what watches or compares must see it', async () => {
    const { req, record } = requestWith();
    const state = SessionState.open(req, NAME, 'ann');
    await state.setPending(PENDING);
    const first = record();
    await state.setReturnTo({ path: '/a' });
    assert.notEqual(record(), first);
    assert.equal(first?.returnTo, undefined);
  });

  it('takes the record away where nothing is left', async () => {
    const { req, session } = requestWith();
    const state = SessionState.open(req, NAME, 'ann');
    await state.setPending(PENDING);
    await state.dropPending();
    assert.equal(NAME in session(), false);
  });

  it('shows each notice once, and keeps none twice', async () => {
    const { req } = requestWith();
    const state = SessionState.open(req, NAME, 'ann');
    await state.addNotice('code_sent_again');
    await state.addNotice('code_sent_again');
    assert.deepEqual(await state.takeNotices(), ['code_sent_again']);
    assert.equal(await state.takeNotices(), undefined);
  });

  it('forgets why the last try failed when the next one begins', async () => {
    const { req } = requestWith();
    const state = SessionState.open(req, NAME, 'ann');
    await state.setTrouble({ failure: { code: 'unavailable' } });
    await state.setPending(PENDING);
    assert.equal(state.trouble.failure, undefined);
  });

  it('completion regenerates the session ID, keeps the application’s values, clears the pending verification, and saves at once', async () => {
    const { req, session, record } = requestWith();
    session().cart = ['book'];
    session().cookie = { originalMaxAge: 7, path: '/' };
    const state = SessionState.open(req, NAME, 'ann');
    await state.setPending(PENDING);
    await state.setReturnTo({ path: '/account' });
    await state.complete(verifiedAt(5));
    assert.equal(session().id, 'first+');
    assert.deepEqual(session().cart, ['book']);
    assert.deepEqual(session().cookie, { originalMaxAge: 7, path: '/' });
    assert.equal(session().saves, 1);
    assert.equal(record()?.pending, undefined);
    assert.equal(record()?.returnTo, undefined);
    const { binding, ...verification } = state.verification ?? { binding: undefined };
    assert.deepEqual(verification, { by: 'sms', at: 5, wentTo: '/account' });
  });

  it('a verification is bound to one user and one session ID', async () => {
    const { req, session } = requestWith();
    await SessionState.open(req, NAME, 'ann').complete(verifiedAt(5));
    assert.ok(SessionState.open(req, NAME, 'ann').verification);
    assert.equal(SessionState.open(req, NAME, 'ben').verification, undefined);
    const elsewhere = requestWith('second');
    elsewhere.session()[NAME] = session()[NAME];
    assert.equal(SessionState.open(elsewhere.req, NAME, 'ann').verification, undefined);
  });

  it('a verification can move to the session’s current ID', async () => {
    const { req } = requestWith();
    const state = SessionState.open(req, NAME, 'ann');
    await state.complete(verifiedAt(5));
    const { verification: mark } = state;
    assert.ok(mark);
    const elsewhere = requestWith('second');
    const moved = SessionState.open(elsewhere.req, NAME, 'ann');
    moved.rebind(mark);
    assert.equal(moved.verification?.at, 5);
  });

  it('leaves what the application calls "verified" or "skipped" unchanged when the session ID is regenerated', async () => {
    const { req, session } = requestWith();
    const first = SessionState.open(req, NAME, 'ann');
    await first.complete(verifiedAt(5));
    const [, digest = ''] = first.verification?.binding.split('.') ?? [];
    const own = {
      shop: { verified: { binding: 'x.y' } },
      account: { verified: true },
      near: { verified: { binding: `x.${digest}.y` }, skipped: `${digest}.x` },
      numbers: { verified: { binding: 5 }, skipped: 7 },
      verified: null,
      skipped: `x.${digest}`,
      count: 1,
    };
    const written = structuredClone(own);
    Object.assign(session(), own);
    await first.complete(verifiedAt(6));
    assert.notEqual(first.verification?.binding.split('.')[1], digest, 'the session has another ID');
    const after = Object.fromEntries(Object.keys(own).map((key) => [key, session()[key]]));
    assert.deepEqual(after, written);
    for (const key of ['shop', 'account', 'near'] as const)
      assert.equal(session()[key], own[key], `${key} is the same`);
  });

  it('a verification replaces a skipped registration', async () => {
    const { req, record } = requestWith();
    const state = SessionState.open(req, NAME, 'ann');
    await state.skip();
    assert.equal(state.isSkipped, true);
    await state.complete(verifiedAt(5));
    assert.equal(state.isSkipped, false);
    assert.deepEqual(Object.keys(record() ?? {}), ['verified']);
  });

  it('moves the verification and the skipped registration of another strategy to the new session ID', async () => {
    const { req } = requestWith();
    await SessionState.open(req, 'payments', 'ann').complete(verifiedAt(4));
    await SessionState.open(req, 'backups', 'ann').skip();
    await SessionState.open(req, NAME, 'ann').complete(verifiedAt(5));
    assert.equal(SessionState.open(req, 'payments', 'ann').verification?.at, 4);
    assert.equal(SessionState.open(req, 'backups', 'ann').isSkipped, true);
    assert.equal(SessionState.open(req, 'payments', 'ben').verification, undefined);
  });

  it('no two ids of a user and a session run into each other', async () => {
    const a = requestWith('b');
    await SessionState.open(a.req, NAME, 'a\0').complete(verifiedAt(5));
    const b = requestWith('\0b');
    b.session()[NAME] = a.session()[NAME];
    assert.equal(SessionState.open(b.req, NAME, 'a').verification, undefined);
  });
});

describe('fingerprint', async () => {
  const address = { type: 'phone', value: '+12025550123' } as const;

  it('the fingerprint is the same for the same recipient and verification', () => {
    assert.equal(fingerprint(address, SENT.sid), fingerprint({ ...address }, SENT.sid));
  });

  it('the fingerprint differs for another recipient, and for another verification', () => {
    assert.notEqual(fingerprint(address, SENT.sid), fingerprint({ ...address, value: '+12025550124' }, SENT.sid));
    assert.notEqual(fingerprint(address, SENT.sid), fingerprint(address, `VE${'b'.repeat(32)}`));
  });

  it('the fingerprint is too short to reveal the recipient', () => {
    assert.equal(fingerprint(address, SENT.sid).length, 3);
  });
});
