import assert from 'node:assert/strict';
import { type FactorStore, MemoryFactorStore, type StoredFactors } from 'passport-twilio-verify';
import type { Answer, Client } from './client.js';
import type { TestApp, TestOptions } from './test-app.js';

const JSON_ANSWER = { accept: 'application/json' };

/** Options for an app with recovery codes. */
export const withRecovery = (options: TestOptions = {}): TestOptions => ({
  store: new MemoryFactorStore(),
  recoveryCodes: true,
  ...options,
});

/** Posts JSON and reads the JSON answer. */
export async function postJson(browser: Client, path: string, body: object = {}): Promise<Answer & { body: JsonBody }> {
  const answer = await browser.postJson(path, body, JSON_ANSWER);
  return { ...answer, body: JSON.parse(answer.text) };
}

/** Reads a page as JSON. */
export async function getJson(browser: Client, path: string): Promise<Answer & { body: JsonBody }> {
  const answer = await browser.get(path, JSON_ANSWER);
  return { ...answer, body: JSON.parse(answer.text) };
}

/** Fields of the answers that these tests read. */
export interface JsonBody {
  readonly step?: string;
  readonly result?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly codes?: readonly string[];
  readonly left?: number;
  readonly recoveryCodesLeft?: number;
  readonly canConfirm?: boolean;
  readonly hasCodes?: boolean;
  readonly attemptsLeft?: number;
  readonly location?: string;
}

/** Creates codes in a session that was just verified, without confirming them. */
export async function createCodes(browser: Client): Promise<readonly string[]> {
  const { status, body } = await postJson(browser, '/2fa/recovery-codes');
  assert.equal(status, 200, body.code);
  return body.codes ?? [];
}

/** Creates valid recovery codes for a user. */
export async function giveCodes(app: TestApp, id: string): Promise<readonly string[]> {
  const browser = await app.verified(id);
  const codes = await createCodes(browser);
  const { status, body } = await postJson(browser, '/2fa/recovery-codes/confirm', { code: codes[0] });
  assert.equal(status, 200, body.code);
  return codes;
}

/** A recovery code that is of the right form and belongs to no one. */
export const WRONG_CODE = '0000-0000-0000-0000';

/** A store that a test can break, and the calls that it got. */
export class BreakableStore implements FactorStore {
  readonly memory = new MemoryFactorStore();
  readonly calls: string[] = [];
  /** Replaces methods; empty for a store that works. */
  broken: Partial<FactorStore> = {};

  load(userId: string): Promise<StoredFactors | undefined> {
    this.calls.push('load');
    return this.broken.load ? this.broken.load(userId) : this.memory.load(userId);
  }

  save(userId: string, next: StoredFactors, expected: string | undefined): Promise<boolean> {
    this.calls.push('save');
    return this.broken.save ? this.broken.save(userId, next, expected) : this.memory.save(userId, next, expected);
  }

  delete(userId: string): Promise<void> {
    return this.memory.delete(userId);
  }
}
