/**
 * `npm run test:matrix` runs the sessions in all combinations of Node, Express, and store. `npm test` runs as few as have
 * each pair. The unit tests and the HTTP tests depend on Node most, so they run on every version of both.
 */
import { allCombinations, EXPRESS_VERSIONS } from './sessions/support/combinations.js';
import { runCombinations } from './sessions/support/run-combinations.js';
import { provideNodeVersions } from './support/node-versions.js';
import { close, runTests, type Totals, testFiles, WITH_EXPRESS_4 } from './support/run-tests.js';
import { provideSystemPrograms } from './support/system-packages.js';

async function main(): Promise<void> {
  const nodes = provideNodeVersions();
  const totals: Totals[] = [];
  if (!provideSystemPrograms().includes('sessions')) {
    totals.push(...(await runCombinations(allCombinations([...nodes.keys()]), nodes)));
  }
  for (const [version, node] of nodes) {
    totals.push(await runTests({ title: `Units with Node ${version}`, files: testFiles(['unit']), node }));
    for (const express of EXPRESS_VERSIONS) {
      const nodeOptions = express === 4 ? WITH_EXPRESS_4 : [];
      const title = `HTTP with Node ${version}, Express ${express}`;
      totals.push(await runTests({ title, files: testFiles(['http']), node, nodeOptions }));
    }
  }
  process.exitCode = close(totals);
}

void main();
