import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { Visitor } from '../../support/browser.js';
import type { RunningExample } from '../../support/example.js';

/** Ends a visit, even if it failed, and then reports the errors that the visitor didn't see. */
export async function finish(visitor: Visitor | undefined, app: RunningExample | undefined): Promise<void> {
  mock.timers.reset();
  await visitor?.close();
  await app?.stop();
  assert.deepEqual(visitor?.complaints, []);
}
