import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { scopesOf } from './mutants.mjs';
import { runTestFile, type TestEnd } from './test-process.mjs';
import type { WorkingCopy } from './working-copy.mjs';

const RECORDER = path.join(import.meta.dirname, 'recorder.cjs');
const FIRST_TIME_LIMIT_MS = 300_000;

/** The functions that a test file enters, and its duration. */
export interface Coverage {
  readonly file: string;
  readonly durationMs: number;
  readonly scopes: ReadonlySet<string>;
}

/** Makes every function of a source report that it is entered. */
export function instrument(file: string, text: string): string {
  const call = (id: string) => ` globalThis.recordScope?.(${JSON.stringify(id)});`;
  let instrumented = text;
  // From the last position to the first, so that positions stay right. The module's own call goes to the end.
  const scopes = scopesOf(file, text).map(({ id, body }) => ({ id, at: body ? body.getStart() + 1 : text.length }));
  for (const { id, at } of scopes.toSorted((one, other) => other.at - one.at)) {
    instrumented = instrumented.slice(0, at) + call(id) + instrumented.slice(at);
  }
  return instrumented;
}

/** Runs a test file on instrumented sources. */
export async function measure(
  copy: WorkingCopy,
  file: string,
): Promise<Coverage | Exclude<TestEnd, { type: 'passed' }>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sample-mutants-records-'));
  const env = { RECORDS_FOLDER: folder, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --require ${RECORDER}` };
  const end = await runTestFile({ root: copy.root, file, timeLimitMs: FIRST_TIME_LIMIT_MS, env });
  const records = readdirSync(folder).map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')));
  rmSync(folder, { recursive: true, force: true });
  return end.type === 'passed' ? { file, durationMs: end.durationMs, scopes: new Set(records.flat()) } : end;
}
