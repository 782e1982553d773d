import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { close, inParallel, ROOT, runBatch } from '../support/run-tests.js';

const HEAD = "import assert from 'node:assert'; import { after, before, describe, it } from 'node:test';\n";
const COUNTING = `${HEAD} import { counter } from './counter.js';
it('the counter starts at zero', () => assert.equal(counter.value++, 0));`;
const HOOKED = `${HEAD} import { counter } from './counter.js';
before(() => { counter.value += 1; });
it('the hook has run once', () => assert.equal(counter.value, 1));`;

const RUNS = [
  { name: 'files that share no state', texts: [COUNTING, HOOKED, COUNTING], passed: 3, failed: 0 },
  { name: 'a test that fails', texts: [COUNTING, `${HEAD} it('is red', () => assert.fail());`], passed: 1, failed: 1 },
  { name: 'a file that throws as it loads', texts: [COUNTING, "throw new Error('red');"], passed: 1, failed: 1 },
  {
    name: 'a hook that fails',
    texts: [`${HEAD} before(() => assert.fail()); it('is', () => {});`],
    passed: 0,
    failed: 1,
  },
  { name: 'a process that ends early', texts: [`${HEAD} it('ends', () => process.exit(0));`], passed: 0, failed: 1 },
  { name: 'a file without a test', texts: ['export {};'], passed: 0, failed: 1 },
];

describe('the program that runs the tests', () => {
  // Ignored by git and so by the linters, but part of the repository, whose modules are loaded once per file.
  let folder: string;
  before(() => {
    const parent = path.join(ROOT, 'coverage');
    mkdirSync(parent, { recursive: true });
    folder = mkdtempSync(path.join(parent, 'run-'));
    writeFileSync(path.join(folder, 'counter.ts'), 'export const counter = { value: 0 };');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [index, { name, texts, passed, failed }] of RUNS.entries()) {
    it(`one process counts ${passed} passed and ${failed} failed for ${name}`, async () => {
      const files = texts.map((text, place) => {
        const file = path.join(folder, `run-${index}-${place}.ts`);
        writeFileSync(file, text);
        return file;
      });
      const result = await runBatch({ files });
      assert.deepEqual([result.passed, result.failed], [passed, failed], result.printed);
      assert.equal(result.failures !== '', failed > 0);
    });
  }

  it('inParallel returns the result of every task', async () => {
    const results = await inParallel([1, 2, 3, 4, 5], async (task) => task * 2);
    assert.deepEqual(
      results.sort((one, other) => one - other),
      [2, 4, 6, 8, 10],
    );
  });

  it('the exit code is 1 if anything failed, or nothing passed', (t) => {
    t.mock.method(console, 'log', () => {});
    const totals = { passed: 1, failed: 0, skipped: 0, failures: '' };
    assert.deepEqual(
      [close([totals]), close([totals, { ...totals, failed: 1 }]), close([{ ...totals, passed: 0 }]), close([])],
      [0, 1, 1, 1],
    );
  });
});
