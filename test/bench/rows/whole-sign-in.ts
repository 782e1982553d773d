import { startRedis } from '../../distributed/support/redis-server.js';
import type { Surroundings } from '../applications.js';
import type { Build } from '../build.js';
import { compete } from '../contest.js';
import { type Compared, type Crowd, compare } from '../rounds.js';
import { signIn } from '../sign-in.js';
import { comparison, figure, type Row, ratioOf } from '../table.js';

const FEW: Crowd = { users: 10, rounds: 16, ms: 250 };

/** Everybody signs in at least once in each round: a round of a thousand takes seconds. */
const CROWDS: readonly Crowd[] = [FEW, { users: 100, rounds: 6, ms: 300 }, { users: 1_000, rounds: 2, ms: 300 }];

/** From the log-in to the right code, in memory: for a few, and for more and more at once. */
export async function wholeSignIn(build: Build): Promise<Row[]> {
  const compared = await flows(build, {}, CROWDS);
  const [few] = compared;
  if (!few) throw new Error('nothing was compared');
  return [
    comparison('whole sign-in: flows a second, limits included', few, 0.9),
    {
      what: `flows a second at ${CROWDS.map(({ users }) => users.toLocaleString('en')).join(' / ')} users at once`,
      ours: compared.map(({ ours }) => figure(ours)).join(' / '),
      floor: compared.map(({ floor }) => figure(floor)).join(' / '),
      ratio: compared.map(ratioOf).join(' / '),
      target: 'the ratio does not fall (beyond the margins)',
      isReached: compared.every(({ ratio, margin }) => ratio + margin >= few.ratio - few.margin),
    },
  ];
}

/** The same with the sessions of both, and our limits, in Redis. */
export async function wholeSignInWithRedis(build: Build): Promise<Row[]> {
  const redis = await startRedis();
  const compared = await flows(build, { REDIS_URL: redis.url }, [FEW]);
  await redis.stop();
  const what = 'the same with sessions and limits in Redis, the floor with sessions in Redis';
  return compared.map((few) => comparison(what, few, 0.85));
}

async function flows(build: Build, env: Surroundings, crowds: readonly Crowd[]): Promise<Compared[]> {
  const rounds = await compete(build, { starts: 4, warmUp: 1_500, crowds, prepare: () => signIn, env });
  return rounds.map(compare);
}
