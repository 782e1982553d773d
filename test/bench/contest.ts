import { type Environment, startApplications, startVerify } from './applications.js';
import type { Subject } from './build.js';
import { type Crowd, inTurn, type Job, type Round, type Side, warmUp } from './rounds.js';
import type { ApplicationName } from './servers/applications.js';

/** How several applications are compared. */
export interface Contest {
  /** The base revision joins them if the run has one. */
  readonly applications: readonly ApplicationName[];
  /** How often their process starts. */
  readonly starts: number;
  /** Jobs of each application before the first round. */
  readonly warmUp: number;
  /** Measured one after the other, in the same process. */
  readonly crowds: readonly Crowd[];
  /** Returns the job to measure at this URL. */
  readonly prepare: (url: string, name: ApplicationName) => Job | Promise<Job>;
  readonly env?: Environment;
}

/**
 * Compares applications, and returns the rounds of each crowd. All of them run in one process: of two processes with
 * the same code, one is faster by a tenth for as long as both run, because V8 compiles them differently.
 */
export async function compete(subject: Subject, contest: Contest): Promise<Round[][]> {
  const { verify, env } = await startVerify(subject);
  const names: readonly ApplicationName[] = subject.base ? [...contest.applications, 'base'] : contest.applications;
  const rounds: Round[][] = contest.crowds.map(() => []);
  for (let started = 0; started < contest.starts; started += 1) {
    // V8 knows least about the code that it compiles first, so the first place rotates.
    const first = started % names.length;
    const order = [...names.slice(first), ...names.slice(0, first)];
    const program = await startApplications(subject, order, { ...env, ...contest.env });
    const sides: Side[] = [];
    for (const name of names) {
      const url = program.ready[name];
      sides.push({ name, url, job: await contest.prepare(url, name) });
    }
    await warmUp(contest.warmUp, sides);
    for (const [index, crowd] of contest.crowds.entries()) {
      rounds[index]?.push(...(await inTurn(crowd, sides, started * crowd.rounds)));
    }
    await program.stop();
  }
  await verify.stop();
  return rounds;
}
