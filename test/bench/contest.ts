import { type Name, type Surroundings, startApplications, startVerify } from './applications.js';
import type { Build } from './build.js';
import { type Crowd, inTurn, type Job, type Round, warmUp } from './rounds.js';

/** How two applications are compared. */
export interface Contest {
  /** How often both are started anew. */
  readonly starts: number;
  /** Jobs that come first and do not count. */
  readonly warmUp: number;
  /** Measured one after the other, in the same process. */
  readonly crowds: readonly Crowd[];
  /** Gives what is done with the application at this address. */
  readonly prepare: (url: string) => Job | Promise<Job>;
  readonly env?: Surroundings;
}

/**
 * Compares the two, and gives the rounds of each crowd. Both run in one process: of two processes with the same
 * program, one is faster by a tenth for as long as both run, by luck in what V8 compiles when, and where it puts it.
 */
export async function compete(build: Build, contest: Contest): Promise<Round[][]> {
  const { verify, env } = await startVerify(build);
  const rounds: Round[][] = contest.crowds.map(() => []);
  for (let started = 0; started < contest.starts; started += 1) {
    // Whose functions are compiled first is compiled with less knowledge: that befalls each as often.
    const order: Name[] = started % 2 === 0 ? ['ours', 'floor'] : ['floor', 'ours'];
    const both = await startApplications(build, order, { ...env, ...contest.env });
    const side = async (url: string) => ({ url, job: await contest.prepare(url) });
    const [ours, floor] = [await side(both.ready.ours), await side(both.ready.floor)];
    await warmUp(contest.warmUp, [ours, floor]);
    for (const [index, crowd] of contest.crowds.entries()) {
      rounds[index]?.push(...(await inTurn(crowd, ours, floor)));
    }
    await both.stop();
  }
  await verify.stop();
  return rounds;
}
