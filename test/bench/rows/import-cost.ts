import type { Build } from '../build.js';
import { start } from '../process.js';
import { median } from '../rounds.js';
import { figure, type Row } from '../table.js';

interface Cost {
  readonly ms: number;
  readonly megabytes: number;
}

const PACKAGES = ['passport-twilio-verify', 'twilio'] as const;
const TIMES = 15;
const TARGET = 0.25;

/** What importing the package adds to an application with Express and Passport, beside what the SDK alone would. */
export async function importCost(build: Build): Promise<Row> {
  const costs: Record<string, Cost[]> = { 'passport-twilio-verify': [], twilio: [] };
  for (let time = 0; time < TIMES; time += 1) {
    for (const name of PACKAGES) {
      const program = await start<Cost>(build, 'import-cost', { PACKAGE: name }, ['--expose-gc']);
      costs[name]?.push(program.ready);
      await program.stop();
    }
  }
  const [ours, sdk] = PACKAGES.map((name) => ({
    ms: median((costs[name] ?? []).map(({ ms }) => ms)),
    megabytes: median((costs[name] ?? []).map(({ megabytes }) => megabytes)),
  })) as [Cost, Cost];
  const show = ({ ms, megabytes }: Cost) => `${figure(ms)} ms, ${figure(megabytes)} MB`;
  const [time, memory] = [ours.ms / sdk.ms, ours.megabytes / sdk.megabytes];
  return {
    what: "`import('passport-twilio-verify')` after Express and Passport; beside it `import('twilio')`",
    ours: show(ours),
    floor: show(sdk),
    ratio: `${figure(time)}, ${figure(memory)}`,
    target: '≤ 0.25 of both',
    isReached: time <= TARGET && memory <= TARGET,
  };
}
