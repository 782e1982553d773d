import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SingleFlight } from '../../../src/common/single-flight.js';

/** A call that ends when the test ends it. */
function held<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: Error) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

describe('SingleFlight', () => {
  it('starts once for all who ask for the same, and gives all the same answer', async () => {
    const inFlight = new SingleFlight<string>(() => 0);
    const { promise, resolve } = held<string>();
    let starts = 0;
    const start = () => {
      starts += 1;
      return promise;
    };
    const answers = [inFlight.share('a', start), inFlight.share('a', start), inFlight.share('a', start)];
    resolve('answer');
    assert.deepEqual(await Promise.all(answers), ['answer', 'answer', 'answer']);
    assert.equal(starts, 1);
  });

  it('starts for each key', async () => {
    const inFlight = new SingleFlight<string>(() => 0);
    const start = (answer: string) => () => Promise.resolve(answer);
    assert.deepEqual(await Promise.all([inFlight.share('a', start('of a')), inFlight.share('b', start('of b'))]), [
      'of a',
      'of b',
    ]);
  });

  it('a result stays shared for the given time, so that a caller who comes a little late also gets it', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const inFlight = new SingleFlight<string>((answer) => (answer === 'kept' ? 100 : 0));
    assert.equal(await inFlight.share('a', () => Promise.resolve('kept')), 'kept');
    t.mock.timers.tick(99);
    assert.equal(await inFlight.share('a', () => Promise.resolve('new')), 'kept');
    t.mock.timers.tick(1);
    assert.equal(await inFlight.share('a', () => Promise.resolve('new')), 'new');
    assert.equal(await inFlight.share('a', () => Promise.resolve('newer')), 'newer');
  });

  it('gives a failure to all who wait, and forgets it', async () => {
    const inFlight = new SingleFlight<string>(() => 0);
    const { promise, reject } = held<string>();
    const answers = [inFlight.share('a', () => promise), inFlight.share('a', () => promise)];
    reject(new Error('down'));
    for (const answer of answers) await assert.rejects(answer, /down/);
    assert.equal(await inFlight.share('a', () => Promise.resolve('up again')), 'up again');
  });
});
