/**
 * Runs the tests: `npm test` all of them, `npm test -- http unit` those of some folders. `http` and `attacks` run with
 * Express 4 and 5, and the sessions with as few versions of Node, Express, and stores as have each pair of them.
 *
 * `npm test -- --express 4` is one job of CI. It runs the tests that depend on Express with this version, and the
 * sessions with this Node, this Express, and each store. `--express 5` runs the other tests as well.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { packOnce } from './package/support.js';
import { allCombinations, EXPRESS_VERSIONS, pairwiseCombinations } from './sessions/support/combinations.js';
import { FLOW, runCombinations } from './sessions/support/run-combinations.js';
import { provideNodeVersions, thisNode } from './support/node-versions.js';
import { close, ROOT, runTests, type Totals, testFiles, WITH_EXPRESS_4 } from './support/run-tests.js';
import { provideSystemPrograms } from './support/system-packages.js';

const WITHOUT_TESTS = ['support', 'bench'];
const ON_EXPRESS_4 = ['http', 'attacks'];
/** Their tests install the packed package. */
const PACKING = ['docs', 'emulator', 'package'];

type ExpressVersion = (typeof EXPRESS_VERSIONS)[number];

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { express: { type: 'string' } }, allowPositionals: true });
  const only = EXPRESS_VERSIONS.find((version) => String(version) === values.express);
  if (values.express !== undefined && !only) throw new Error(`--express is one of ${EXPRESS_VERSIONS.join(', ')}`);
  const all = readdirSync(path.join(ROOT, 'test'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !WITHOUT_TESTS.includes(entry.name))
    .map((entry) => entry.name);
  const chosen = positionals.length > 0 ? positionals : all;
  const leftOut = provideSystemPrograms();
  const folders = chosen.filter((folder) => !leftOut.includes(folder));

  const packed = mkdtempSync(path.join(os.tmpdir(), 'packed-for-all-'));
  const packing = only !== 4 && folders.some((folder) => PACKING.includes(folder)) ? packOnce(packed) : {};

  const totals: Totals[] = [];
  const express4 = only === 5 ? [] : testFiles(ON_EXPRESS_4.filter((folder) => folders.includes(folder)));
  if (express4.length > 0) {
    totals.push(await runTests({ title: 'With Express 4', files: express4, nodeOptions: WITH_EXPRESS_4 }));
  }
  const express5 = only === 4 ? [] : testFiles(folders).filter((file) => file !== FLOW);
  if (express5.length > 0) {
    const env = await packing;
    totals.push(await runTests({ title: 'With Express 5', files: express5, env }));
  }
  rmSync(packed, { recursive: true, force: true });
  if (folders.includes('sessions')) totals.push(...(await runSessions(only)));
  process.exitCode = close(totals);
}

function runSessions(only: ExpressVersion | undefined): Promise<Totals[]> {
  const nodes = only ? thisNode() : provideNodeVersions();
  const versions = [...nodes.keys()];
  const combinations = only
    ? allCombinations(versions).filter(({ express }) => express === only)
    : pairwiseCombinations(versions);
  return runCombinations(combinations, nodes);
}

void main();
