import { startRedis } from '../../distributed/support/redis-server.js';
import type { Build } from '../build.js';
import { type PairOptions, startPair } from '../pair.js';
import { type Compared, inTurn, perSecond } from '../rounds.js';
import { signIn } from '../sign-in.js';
import { comparison, figure, type Row } from '../table.js';

/** The whole way is long, and all of it is to be compiled before it counts. */
const SHORT_ROUNDS = { rounds: 15, warmUp: 9, ms: 700 };

/** From the log-in to the right code, in memory. */
export async function wholeSignIn(build: Build): Promise<Row> {
  const compared = await flows(build, 10, {}, SHORT_ROUNDS);
  return comparison('whole sign-in: flows a second, limits included', compared, 0.9);
}

/** The same with the sessions of both, and our limits, in Redis. */
export async function wholeSignInWithRedis(build: Build): Promise<Row> {
  const redis = await startRedis();
  const compared = await flows(build, 10, { redisUrl: redis.url }, SHORT_ROUNDS);
  await redis.stop();
  return comparison('the same with sessions and limits in Redis, the floor with sessions in Redis', compared, 0.85);
}

const CROWDS = [10, 100, 1_000];

/** In each round everybody signs in once at least: with a thousand it is not short. */
const ROUNDS_OF_A_CROWD = { rounds: 7, warmUp: 3, ms: 600 };

/** What many users at once do to it. */
export async function growth(build: Build): Promise<Row> {
  const compared: Compared[] = [];
  for (const users of CROWDS) compared.push(await flows(build, users, {}, ROUNDS_OF_A_CROWD));
  const [few = Number.NaN, ...more] = compared.map(({ ratio }) => ratio);
  return {
    what: `flows a second at ${CROWDS.map((users) => users.toLocaleString('en')).join(' / ')} users at once`,
    ours: compared.map(({ ours }) => figure(ours)).join(' / '),
    floor: compared.map(({ floor }) => figure(floor)).join(' / '),
    ratio: compared.map(({ ratio }) => figure(ratio)).join(' / '),
    target: 'the ratio does not fall (by more than 5 %)',
    isReached: more.every((ratio) => ratio >= few * 0.95),
  };
}

async function flows(
  build: Build,
  users: number,
  options: PairOptions,
  { rounds, warmUp, ms }: { readonly rounds: number; readonly warmUp: number; readonly ms: number },
): Promise<Compared> {
  const pair = await startPair(build, options);
  const measure = (url: string) => () => perSecond(url, users, ms, signIn);
  const compared = await inTurn(rounds, warmUp, measure(pair.ours.ready.url), measure(pair.floor.ready.url));
  await pair.stop();
  return compared;
}
