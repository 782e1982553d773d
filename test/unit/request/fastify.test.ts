import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { canEndWithResponse, isFastify, rememberReply, replyOf } from '../../../src/request/fastify.js';

describe('Fastify', () => {
  it('isFastify recognizes requests of Fastify, and none of Express with a property "server"', () => {
    assert.ok(isFastify({ server: {} }));
    assert.equal(isFastify({}), false);
    assert.equal(isFastify(Object.assign(new IncomingMessage(new Socket()), { server: {} })), false);
  });

  it('a request of Fastify ends with its reply only, not with the raw response', () => {
    const [request, wrong] = [{ server: {} }, { server: {} }];
    const reply = { sent: false, send: () => undefined };
    rememberReply(request, reply);
    assert.ok(replyOf(request) === reply);
    assert.ok(canEndWithResponse(request));
    rememberReply(wrong, { send: () => undefined, headersSent: false });
    assert.ok(replyOf(wrong) === undefined);
    assert.equal(canEndWithResponse(wrong), false);
  });
});
