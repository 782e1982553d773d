import type { Subject } from '../build.js';
import { compete } from '../contest.js';
import { type Job, onEach } from '../rounds.js';
import { expect, signIn } from '../sign-in.js';
import { baseRate, goal, type Row, rateRow } from '../table.js';

const USERS = 10;

/**
 * A protected route for users with a verified session, by each of our middlewares and behind a minimal Passport
 * strategy.
 */
export async function protectedRoute(subject: Subject): Promise<Row[]> {
  const prepare = async (url: string): Promise<Job> => {
    const cookies = await onEach(url, USERS, signIn);
    return async (connection, user) => expect(await connection.get('/account', cookies[user]), 200);
  };
  const rounds = (
    await compete(subject, {
      applications: ['ours', 'floor', 'minimalStrategy', 'required'],
      starts: 4,
      warmUp: 6_000,
      crowds: [{ users: USERS, rounds: 40, ms: 60 }],
      prepare,
    })
  ).flat();
  const what = 'protected route: requests per second';
  return [
    { ...rateRow(what, rounds, ['ours', 'floor'], goal(0.9)), base: baseRate(rounds) },
    rateRow('the same with `twoFactor.required()`, against a check by hand', rounds, ['required', 'floor'], goal(1)),
    rateRow('the same, against a minimal Passport strategy', rounds, ['ours', 'minimalStrategy'], goal(0.93)),
    rateRow('the minimal strategy itself', rounds, ['minimalStrategy', 'floor']),
  ];
}
