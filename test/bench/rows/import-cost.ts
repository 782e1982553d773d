import type { Subject } from '../build.js';
import { start } from '../process.js';
import { compareSamples, median } from '../rounds.js';
import { baseOf, figure, type Row, verdictOf } from '../table.js';

interface Cost {
  readonly ms: number;
  readonly megabytes: number;
}

const TIMES = 15;
const MAX_RATIO = 0.25;

/** The cost of importing the package into an application with Express and Passport, against the SDK's. */
export async function importCost({ build, base }: Subject): Promise<Row> {
  const costOf = async (from: typeof build, name: string) => {
    const program = await start<Cost>(from, 'import-cost', { PACKAGE: name }, ['--expose-gc']);
    await program.stop();
    return program.ready;
  };
  const all = { ours: [] as Cost[], sdk: [] as Cost[], base: [] as Cost[] };
  for (let time = 0; time < TIMES; time += 1) {
    all.ours.push(await costOf(build, 'passport-twilio-verify'));
    if (base) all.base.push(await costOf(base, 'passport-twilio-verify'));
    all.sdk.push(await costOf(build, 'twilio'));
  }
  const [ours, sdk] = [typical(all.ours), typical(all.sdk)];
  const [time, memory] = [ours.ms / sdk.ms, ours.megabytes / sdk.megabytes];
  const timeToBase = compareSamples(
    all.ours.map(({ ms }) => ms),
    all.base.map(({ ms }) => ms),
  );
  return {
    what: "`import('passport-twilio-verify')` after Express and Passport",
    measured: `ours: ${show(ours)}`,
    reference: `\`import('twilio')\`: ${show(sdk)}`,
    ratio: `${figure(time)}, ${figure(memory)}`,
    target: { text: `≤ ${MAX_RATIO} of both`, verdict: verdictOf(time <= MAX_RATIO && memory <= MAX_RATIO) },
    base: base ? baseOf(timeToBase, 'lower', show(typical(all.base))) : undefined,
  };
}

function typical(costs: readonly Cost[]): Cost {
  return { ms: median(costs.map(({ ms }) => ms)), megabytes: median(costs.map(({ megabytes }) => megabytes)) };
}

function show({ ms, megabytes }: Cost): string {
  return `${figure(ms)} ms, ${figure(megabytes)} MB`;
}
