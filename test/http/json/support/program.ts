import assert from 'node:assert/strict';
import type { RefusalCode } from 'passport-twilio-verify';
import { REFUSAL_STATUS } from '../../../../src/common/outcome.js';
import type { Answer, Client } from '../../../support/client.js';
import type { TestApp } from '../../../support/test-app.js';

/** An answer with JSON. */
export interface JsonAnswer extends Answer {
  // Every answer is checked against docs/openapi.yaml, so a test checks only its own subject.
  readonly body: Readonly<Record<string, unknown>>;
}

type Values = Readonly<Record<string, string>>;

/** A script on a page of the application: the requests that it sends and the answers that it reads. */
export class Program {
  constructor(readonly browser: Client) {}

  async get(path: string, headers: Values = {}): Promise<JsonAnswer> {
    return read(await this.browser.get(path, { accept: 'application/json', ...headers }));
  }

  /** Posts JSON; `undefined` for no body at all. */
  async post(path: string, body?: object, headers: Values = {}): Promise<JsonAnswer> {
    const all = { accept: 'application/json', 'sec-fetch-site': 'same-origin', ...headers };
    const answer =
      body === undefined ? this.browser.send('POST', path, undefined, all) : this.browser.postJson(path, body, all);
    return read(await answer);
  }
}

/** Returns a client of a user who has passed the primary sign-in. */
export async function signedIn(app: TestApp, id: string): Promise<Program> {
  return new Program(await app.signedIn(id));
}

/** Returns a client of a user to whom a code was sent. */
export async function withCode(app: TestApp, id: string, method = 'sms'): Promise<Program> {
  const program = await signedIn(app, id);
  assertStep(await program.post('/2fa', { method }), 'verify', 'sent');
  return program;
}

/** Returns a client of a user with a verified session. */
export async function verified(app: TestApp, id: string): Promise<Program> {
  return new Program(await app.verified(id));
}

/** Asserts that an answer has this step and this result. */
export function assertStep({ status, headers, body }: JsonAnswer, step: string, result?: string): void {
  assert.deepEqual({ status, step: body.step, result: body.result }, { status: 200, step, result });
  assert.match(headers['content-type'] ?? '', /^application\/json\b/);
}

/** Asserts that an answer is the problem details of a refusal, with these members in addition to the common ones. */
export function assertProblem(answer: JsonAnswer, code: RefusalCode, members: Readonly<Record<string, unknown>> = {}) {
  const { type, title, detail, ...rest } = answer.body;
  assert.deepEqual(rest, { status: REFUSAL_STATUS[code], code, ...members });
  assert.equal(answer.status, REFUSAL_STATUS[code]);
  assert.equal(type, 'about:blank');
  assert.ok(title && detail);
  assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json\b/);
  const { retryAfterSeconds } = members;
  const retryAfter = typeof retryAfterSeconds === 'number' ? String(retryAfterSeconds) : undefined;
  assert.equal(answer.headers['retry-after'], retryAfter, 'the header says what the body says');
}

function read(answer: Answer): JsonAnswer {
  return { ...answer, body: JSON.parse(answer.text) };
}
