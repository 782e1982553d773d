import { startRedis } from '../../distributed/support/redis-server.js';
import type { Build } from '../build.js';
import { inPairs, type PairOptions, startPair } from '../pair.js';
import { type Compared, compare, inTurn, perSecond, type Round } from '../rounds.js';
import { signIn } from '../sign-in.js';
import { comparison, figure, type Row } from '../table.js';

const USERS = 10;
const ROUND_MS = 500;

/** From the log-in to the right code, in memory. */
export async function wholeSignIn(build: Build): Promise<Row> {
  return comparison('whole sign-in: flows a second, limits included', await flows(build), 0.9);
}

/** The same with the sessions of both, and our limits, in Redis. */
export async function wholeSignInWithRedis(build: Build): Promise<Row> {
  const redis = await startRedis();
  const compared = await flows(build, { redisUrl: redis.url });
  await redis.stop();
  return comparison('the same with sessions and limits in Redis, the floor with sessions in Redis', compared, 0.85);
}

function flows(build: Build, options: PairOptions = {}): Promise<Compared> {
  // The whole way is long, and all of it is to be compiled before it counts.
  return inPairs(build, options, { rounds: 5, warmUp: 6 }, (url) => () => perSecond(url, USERS, ROUND_MS, signIn));
}

/** In each round everybody signs in at least once: a round of a thousand takes seconds. */
const CROWDS = [
  { users: USERS, rounds: 5, warmUp: 5 },
  { users: 100, rounds: 4, warmUp: 0 },
  { users: 1_000, rounds: 3, warmUp: 0 },
];

/** Processes in which all crowds are looked at. */
const PAIRS = 2;

/** What many users at once do to it: in the same processes, as it is the crowds that are compared. */
export async function growth(build: Build): Promise<Row> {
  const rounds: Round[][] = CROWDS.map(() => []);
  for (let pairs = 0; pairs < PAIRS; pairs += 1) {
    const { ours, floor, stop } = await startPair(build);
    for (const [index, crowd] of CROWDS.entries()) {
      const measure = (url: string) => () => perSecond(url, crowd.users, ROUND_MS, signIn);
      rounds[index]?.push(...(await inTurn(crowd, measure(ours.ready.url), measure(floor.ready.url))));
    }
    await stop();
  }
  const compared = rounds.map(compare);
  const [few = Number.NaN, ...more] = compared.map(({ ratio }) => ratio);
  return {
    what: `flows a second at ${CROWDS.map(({ users }) => users.toLocaleString('en')).join(' / ')} users at once`,
    ours: compared.map(({ ours }) => figure(ours)).join(' / '),
    floor: compared.map(({ floor }) => figure(floor)).join(' / '),
    ratio: compared.map(({ ratio }) => figure(ratio)).join(' / '),
    // Two such ratios of one machine differ by half as much when nothing has changed.
    target: 'the ratio does not fall (by more than 10 %)',
    isReached: more.every((ratio) => ratio >= few * 0.9),
  };
}
