import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Request } from 'express';
import { isFromStore, readSession } from '../../../src/session/session-store.js';

const LONG = 'Zk3J8sQ1xYb7Lw0aPq9R';
const isFrom = (cookie: string | undefined, id: string) => isFromStore({ headers: { cookie } } as Request, id);

describe('isFromStore', () => {
  for (const prefix of ['', 's%3A', 's:', 'app.', 'sess-', 'v1_']) {
    it(`finds an ID after the prefix "${prefix}"`, () => {
      assert.ok(isFrom(`theme=dark; sid=${prefix}${LONG}.signature`, LONG));
    });
  }

  it('finds an ID that the cookie encodes', () => {
    assert.ok(isFrom(`sid=${encodeURIComponent(`${LONG}+/=`)}`, `${LONG}+/=`));
  });

  it('finds an ID with characters that the client encoded', () => {
    assert.ok(isFrom(`sid=s%3a%5a%6b3J8sQ1xYb7Lw0aPq9R.signature`, LONG));
  });

  it('finds no ID that did not come with the request', () => {
    assert.equal(isFrom(undefined, LONG), false);
    assert.equal(isFrom('sid=another', LONG), false);
  });

  it('finds a short ID only if it is whole', () => {
    assert.ok(isFrom('sid=s%3A42.signature', '42'));
    assert.equal(isFrom('total=1420', '42'), false);
    assert.equal(isFrom('cart=a-42', '42'), false);
  });
});

describe('readSession', () => {
  const read = (error: unknown, stored?: unknown) => readSession({ get: (_id, found) => found(error, stored) }, LONG);

  it('finds no session if the store has none, or reports ENOENT', async () => {
    for (const stored of [undefined, null, '']) assert.equal(await read(null, stored), undefined);
    assert.equal(await read(Object.assign(new Error('no such file'), { code: 'ENOENT' })), undefined);
  });

  it('fails if the store fails', async () => {
    for (const error of [new Error('down'), Object.assign(new Error('denied'), { code: 'EACCES' })]) {
      await assert.rejects(read(error), { code: 'ERR_TWILIO_VERIFY_SESSION_STORE', status: 503 });
    }
  });
});
