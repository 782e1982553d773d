import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withTimeLimit } from '../../../src/common/time-limit.js';

describe('withTimeLimit', () => {
  it('gives the answer, or why there is none', async () => {
    assert.equal(await withTimeLimit(1_000, Promise.resolve('yes')), 'yes');
    await assert.rejects(withTimeLimit(1_000, Promise.reject(new Error('no'))), /^Error: no$/);
  });

  it('withTimeLimit rejects at the limit, and ignores an outcome that arrives later', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let answerLate = (_: Error) => {};
    const answer = new Promise<never>((_, reject) => {
      answerLate = reject;
    });
    const waiting = assert.rejects(withTimeLimit(1_000, answer), /no answer within 1000 ms/);
    t.mock.timers.tick(1_000);
    await waiting;
    answerLate(new Error('late'));
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('keeps no timer after the answer', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    await withTimeLimit(60_000, Promise.resolve());
    await withTimeLimit(60_000, Promise.reject(new Error('no'))).catch(() => {});
    assert.equal(timers(), before);
  });
});
