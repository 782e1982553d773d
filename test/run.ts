/**
 * Runs the tests: `npm test` all of them, `npm test -- http unit` those of some folders. What is to work with Express 4
 * and 5 runs with both, and the sessions with as many versions of Node, Express and stores as have each pair of them.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { pairwiseCombinations } from './sessions/support/combinations.js';
import { FLOW, runCombinations } from './sessions/support/run-combinations.js';
import { provideNodeVersions } from './support/node-versions.js';
import { close, ROOT, runTests, type Totals, testFiles, WITH_EXPRESS_4 } from './support/run-tests.js';
import { provideSystemPrograms } from './support/system-packages.js';

const WITHOUT_TESTS = ['support', 'bench'];
const ON_EXPRESS_4 = ['http', 'attacks'];

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const all = readdirSync(path.join(ROOT, 'test'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !WITHOUT_TESTS.includes(entry.name))
    .map((entry) => entry.name);
  const chosen = wanted.length > 0 ? wanted : all;
  const leftOut = provideSystemPrograms();
  const folders = chosen.filter((folder) => !leftOut.includes(folder));

  const totals: Totals[] = [];
  const express4 = ON_EXPRESS_4.filter((folder) => folders.includes(folder));
  if (express4.length > 0) {
    totals.push(await runTests({ title: 'With Express 4', files: testFiles(express4), nodeOptions: WITH_EXPRESS_4 }));
  }
  const files = testFiles(folders).filter((file) => file !== FLOW);
  if (files.length > 0) totals.push(await runTests({ title: 'With Express 5', files }));
  if (folders.includes('sessions')) {
    const nodes = provideNodeVersions();
    totals.push(...(await runCombinations(pairwiseCombinations([...nodes.keys()]), nodes)));
  }
  process.exitCode = close(totals);
}

void main();
