import { startRedis } from '../../distributed/support/redis-server.js';
import type { Environment } from '../applications.js';
import type { Subject } from '../build.js';
import { compete } from '../contest.js';
import { type Crowd, compare, type Round } from '../rounds.js';
import { signIn } from '../sign-in.js';
import {
  type Base,
  baseRate,
  figure,
  goal,
  hasBase,
  type Row,
  rateRow,
  ratioOf,
  verdictOf,
  verdictOnBase,
} from '../table.js';

const FEW: Crowd = { users: 10, rounds: 16, ms: 250 };

/** Every user signs in at least once per round, so a round of a thousand users takes seconds. */
const CROWDS: readonly Crowd[] = [FEW, { users: 100, rounds: 6, ms: 300 }, { users: 1_000, rounds: 2, ms: 300 }];

/** A sign-in from the login route to the approved code, with sessions and limits in memory. */
export async function wholeSignIn(subject: Subject): Promise<Row[]> {
  const crowds = await flows(subject, {}, CROWDS);
  const compared = crowds.map((rounds) => compare(rounds, 'ours', 'floor'));
  const [[few], [rounds]] = [compared, crowds];
  if (!few || !rounds) throw new Error('Nothing was compared.');
  const isSteady = compared.every(({ ratio, margin }) => ratio + margin >= few.ratio - few.margin);
  return [
    signInRow('sign-in: flows per second, limits included', rounds),
    {
      what: `sign-ins per second at ${CROWDS.map(({ users }) => users.toLocaleString('en')).join(' / ')} users at once`,
      measured: `ours: ${compared.map(({ measured }) => figure(measured)).join(' / ')}`,
      reference: `floor: ${compared.map(({ reference }) => figure(reference)).join(' / ')}`,
      ratio: compared.map(ratioOf).join(' / '),
      target: { text: 'ratio does not fall beyond the margins', verdict: verdictOf(isSteady) },
      base: hasBase(rounds) ? baseOfCrowds(crowds) : undefined,
    },
  ];
}

/** The same with all sessions, and the package's limits, in Redis. */
export async function wholeSignInWithRedis(subject: Subject): Promise<Row[]> {
  const redis = await startRedis();
  try {
    const crowds = await flows(subject, { REDIS_URL: redis.url }, [FEW]);
    return crowds.map((rounds) => signInRow('the same with sessions and limits in Redis', rounds));
  } finally {
    await redis.stop();
  }
}

function signInRow(what: string, rounds: readonly Round[]): Row {
  return { ...rateRow(what, rounds, ['ours', 'floor'], goal(0.85)), base: baseRate(rounds) };
}

function flows(subject: Subject, env: Environment, crowds: readonly Crowd[]): Promise<Round[][]> {
  const applications = ['ours', 'floor'] as const;
  return compete(subject, { applications, starts: 4, warmUp: 1_500, crowds, prepare: () => signIn, env });
}

function baseOfCrowds(crowds: readonly (readonly Round[])[]): Base {
  const compared = crowds.map((rounds) => compare(rounds, 'ours', 'base'));
  const verdicts = compared.map((comparison) => verdictOnBase(comparison, 'higher'));
  return {
    measured: compared.map(({ reference }) => figure(reference)).join(' / '),
    ratio: compared.map(ratioOf).join(' / '),
    verdict: (['not reached', 'too close to tell'] as const).find((bad) => verdicts.includes(bad)) ?? 'reached',
  };
}
