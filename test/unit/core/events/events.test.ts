import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { Request } from 'express';
import { Events, type RateLimitedEvent } from '../../../../src/core/events/events.js';

interface User {
  readonly id: string;
}

const EVENT: RateLimitedEvent<User> = {
  user: { id: 'ann' },
  req: {} as Request,
  timestamp: new Date(1_800_000_000_000),
  reason: 'locked',
  retryAfterSeconds: 900,
};

describe('Events', () => {
  let events: Events<User>;
  beforeEach(() => {
    events = new Events();
  });

  it('tell every listener of that name, in order, and no other one', () => {
    const heard: unknown[] = [];
    events.on('rateLimited', (event) => heard.push(['first', event]));
    events.on('rateLimited', (event) => heard.push(['second', event]));
    events.on('twilioError', (event) => heard.push(['other', event]));
    events.emit('rateLimited', EVENT);
    assert.deepEqual(heard, [
      ['first', EVENT],
      ['second', EVENT],
    ]);
  });

  it('a listener added with `once` is called one time', () => {
    let heard = 0;
    events.once('rateLimited', () => {
      heard += 1;
    });
    events.emit('rateLimited', EVENT);
    events.emit('rateLimited', EVENT);
    assert.equal(heard, 1);
  });

  it('a listener is not called after `off`', () => {
    let heard = 0;
    const listener = () => {
      heard += 1;
    };
    events.on('rateLimited', listener);
    events.off('rateLimited', listener);
    events.once('rateLimited', listener);
    events.off('rateLimited', listener);
    events.emit('rateLimited', EVENT);
    assert.equal(heard, 0);
  });

  it('emit works without any listener', () => events.emit('rateLimited', EVENT));

  const faults: readonly { name: string; listener: () => unknown; says: RegExp }[] = [
    {
      name: 'throws',
      listener: () => {
        throw new Error('boom');
      },
      says: /"rateLimited" threw Error: boom/,
    },
    { name: 'rejects', listener: () => Promise.reject(new Error('boom')), says: /"rateLimited" threw Error: boom/ },
    {
      name: 'throws what is no Error',
      listener: () => {
        throw null;
      },
      says: /not an Error/,
    },
    { name: 'rejects with what is no Error', listener: () => Promise.reject('boom'), says: /not an Error/ },
    {
      name: 'gives what throws when it is waited for',
      listener: () => ({
        // biome-ignore lint/suspicious/noThenProperty: it is what this row is about
        get then() {
          throw new Error('boom');
        },
      }),
      says: /Error: boom/,
    },
  ];
  for (const { name, listener, says } of faults) {
    for (const step of ['on', 'once'] as const) {
      it(`a listener of \`${step}\` that ${name} causes a warning, and the next listener still runs`, async (t) => {
        const warn = t.mock.method(process, 'emitWarning', () => {});
        const heard: string[] = [];
        events[step]('rateLimited', listener);
        events.on('rateLimited', () => heard.push('next'));
        events.emit('rateLimited', EVENT);
        await new Promise((resolve) => setImmediate(resolve));
        assert.deepEqual(heard, ['next']);
        assert.equal(warn.mock.callCount(), 1);
        const [message, options] = warn.mock.calls[0]?.arguments ?? [];
        assert.match(String(message), says);
        assert.deepEqual(options, { code: 'TWILIO_VERIFY_LISTENER' });
      });
    }
  }

  it('do not wait for a listener', () => {
    events.on('rateLimited', () => new Promise(() => {}));
    assert.equal(events.emit('rateLimited', EVENT), undefined);
  });

  it('a listener can remove itself or add another one during emit', () => {
    const heard: string[] = [];
    const first = () => {
      heard.push('first');
      events.off('rateLimited', first);
      events.on('rateLimited', () => heard.push('late'));
    };
    events.on('rateLimited', first);
    events.on('rateLimited', () => heard.push('second'));
    events.emit('rateLimited', EVENT);
    assert.deepEqual(heard, ['first', 'second']);
    events.emit('rateLimited', EVENT);
    assert.deepEqual(heard, ['first', 'second', 'second', 'late']);
  });

  for (const method of ['on', 'once', 'off'] as const) {
    it(`\`${method}\` throws a TypeError for an unknown event, and names the nearest`, () => {
      for (const [name, nearest] of [
        ['rateLimit', 'rateLimited'],
        ['verificationAproved', 'verificationApproved'],
        ['twilioErorr', 'twilioError'],
      ]) {
        assert.throws(
          () => events[method](name as 'audit', () => {}),
          (error) => error instanceof TypeError && error.message.includes(`"${name}"; did you mean "${nearest}"?`),
        );
      }
      assert.throws(() => events[method]('toString' as 'audit', () => {}), TypeError);
    });
  }
});
