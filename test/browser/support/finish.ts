import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { Visitor } from '../../support/browser.js';
import type { RunningExample } from '../../support/example.js';

/** Ends a visit, whatever came of it, and then says what went wrong unseen. */
export async function finish(visitor: Visitor | undefined, app: RunningExample | undefined): Promise<void> {
  mock.timers.reset();
  await visitor?.close();
  await app?.stop();
  assert.deepEqual(visitor?.complaints, []);
}
