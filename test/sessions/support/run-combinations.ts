import { startRedis } from '../../distributed/support/redis-server.js';
import type { NodeVersion } from '../../support/node-versions.js';
import { inParallel, runTests, type Totals, WITH_EXPRESS_4 } from '../../support/run-tests.js';
import type { Combination } from './combinations.js';
import { startPostgres } from './postgres-server.js';
import { STORES } from './stores.js';

/** The tests that are run once per combination; the others of `test/sessions` are run once. */
export const FLOW = 'test/sessions/flow.test.ts';

/** Runs the flow in each combination, with one Redis and one Postgres for all of them. */
export async function runCombinations(
  combinations: readonly Combination[],
  programs: ReadonlyMap<NodeVersion, string>,
): Promise<Totals[]> {
  const redis = await startRedis();
  const postgres = await startPostgres();
  const urls = { REDIS_URL: redis.url, DATABASE_URL: postgres.url };
  try {
    return await inParallel(combinations, (combination) => run(combination, programs, urls));
  } finally {
    await Promise.all([redis.stop(), postgres.stop()]);
  }
}

function run(
  { node, express, store }: Combination,
  programs: ReadonlyMap<NodeVersion, string>,
  urls: NodeJS.ProcessEnv,
): Promise<Totals> {
  const program = programs.get(node);
  if (program === undefined) throw new Error(`there is no Node ${node}`);
  const title = STORES.find(({ name }) => name === store)?.title;
  return runTests({
    title: `Sessions with Node ${node}, Express ${express}, ${title}`,
    files: [FLOW],
    node: program,
    nodeOptions: express === 4 ? WITH_EXPRESS_4 : [],
    env: { ...urls, SESSION_STORE: store, WITH_NODE: String(node), WITH_EXPRESS: String(express) },
  });
}
